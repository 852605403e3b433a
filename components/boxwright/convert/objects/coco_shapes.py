"""COCO annotations whose `bbox` is not left, top, width, height: turned boxes, and corners.

- CVAT writes the box as it was before it was turned, and the angle as `attributes.rotation`, in degrees around the center.
- `[x, y, width, height, angle]`: Detectron2 has the center and degrees, NVIDIA's retinanet-examples the left top corner and
  radians. Files of other people mix these.
- `[x1, y1, x2, y2, x3, y3, x4, y4]`: the four corners.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from boxwright.convert import notices
from boxwright.convert.objects.turned_boxes import Box, Unit, box_around_turned, in_radians, unit_of
from boxwright.convert.reading import segmentations, shape_notices
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError, shown

# An entry of `annotations`, which may hold anything.
Entry = dict[str, Any]
Size = tuple[int, int]

_ANGLE, _CORNERS = 5, 8
# Fields beside the bbox that may hold an angle, and the annotations in which they are looked for.
_MOST_DEGREES = 3600
_ANGLE_FIELDS, _FIRST = ("rotation", "angle"), 1000
# More of all annotations than this stop the conversion; fewer are quarantined one by one.
MOST_UNREADABLE = 0.2
# A box that reaches this far over the edge (pixels) does not fit its image. A way to read the boxes is right if nearly all fit,
# and the other one is wrong if it puts at least three, and 5 %, over the edge.
_OVER_EDGE, _MOST_OVER, _LEAST_OVER, _LEAST_SHARE = 2.0, 0.02, 3, 0.05


class _Turned(NamedTuple):
    """numbers: x, y, width, height, angle. size: of the image, None if it is not known."""

    annotation: Entry
    numbers: Sequence[float]
    size: Size | None


def make_upright(
    file: Path, annotations: Sequence[Entry], sizes: Callable[[], Mapping[Any, Size | None]]
) -> list[Finding]:
    """Replaces the `bbox` of turned boxes by the upright box around each, in place.

    file: names the json in errors. sizes: returns (width, height) by image id. Raises UserError if the numbers of many boxes can
    be read in several ways and the data do not decide which. Boxes with an unknown angle stay as they are if they are few.
    """
    rotated, odd = [], []
    for annotation in annotations:
        if (attributes := annotation.get("attributes")) and _rotation(attributes):
            rotated.append(annotation)
        elif isinstance(box := annotation.get("bbox"), list) and len(box) > 4:
            odd.append(annotation)
    count = sum(map(_turn_by_attribute, rotated)) + sum(map(_take_from_outline, odd))
    known = sizes() if odd else {}
    five = [
        _Turned(a, numbers, known.get(a.get("image_id"))) for a in odd if (numbers := _numbers(a.get("bbox"), _ANGLE))
    ]
    found = [shape_notices.turned(count, len(annotations))] if count else []
    found += _ignored_rotations(annotations)
    return found + (_turn_by_number(file, five, len(annotations)) if five else [])


def _ignored_rotations(annotations: Sequence[Entry]) -> list[Finding]:
    """A notice about angles beside the bbox. Some tools write the box before it was turned (FiftyOne), others the upright box
    around it (FastLabel), so that the angle is not used."""
    first = annotations[:_FIRST]
    count = sum(any(_is_angle(annotation.get(field)) for field in _ANGLE_FIELDS) for annotation in first)
    if not count:
        return []
    return [
        notices.build(
            "rotation_ignored", "Annotations have an angle that was not used",
            f"{count} of the first {len(first)} annotations have a rotation or an angle beside their bbox: convert uses the bbox "
            "as it is. If it is the box before it was turned, it does not fit the object",
            count=count, of=len(first), what="annotations", severity="medium",
            remedy="Look at a few boxes. If they do not fit, write the angle in degrees as `attributes`: {\"rotation\": 30}.",
        )
    ]  # fmt: skip


def _is_angle(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= _MOST_DEGREES and bool(value % 360)


def _rotation(attributes: object) -> float:
    """CVAT's rotation in degrees. Text is an attribute of the user's own, such as `left`."""
    value = attributes.get("rotation") if isinstance(attributes, dict) else 0
    return float(value) if isinstance(value, int | float) and _is_angle(value) else 0.0


def _numbers(values: object, length: int) -> list[float] | None:
    if not isinstance(values, list) or len(values) != length:
        return None
    try:
        return [float(value) for value in values]
    except (TypeError, ValueError, OverflowError):
        return None


def _turn_by_attribute(annotation: Entry) -> bool:
    """An outline that is more than the box itself was turned by the tool already, and so was its bbox."""
    box = _numbers(annotation.get("bbox"), 4)
    if box is None or _has_other_outline(annotation.get("segmentation"), box):
        return False
    left, top, width, height = box
    angle = in_radians(_rotation(annotation["attributes"]), "degrees")
    annotation["bbox"] = _as_bbox(box_around_turned(left + width / 2, top + height / 2, width, height, angle))
    return True


def _has_other_outline(segmentation: object, box: Sequence[float]) -> bool:
    """Whether there is a segmentation, and it is not the outline of the box as it is."""
    if not segmentation:
        return False
    left, top, width, height = box
    numbers = segmentation[0] if isinstance(segmentation, list) and len(segmentation) == 1 else None
    corners = _numbers(numbers, _CORNERS)
    if corners is None:
        return True
    xs, ys = corners[::2], corners[1::2]
    return not (
        all(min(abs(x - left), abs(x - left - width)) < 1 for x in xs)
        and all(min(abs(y - top), abs(y - top - height)) < 1 for y in ys)
    )


def _as_bbox(box: Box) -> list[float]:
    left, top, right, bottom = box
    return [left, top, right - left, bottom - top]


def _take_from_outline(annotation: Entry) -> bool:
    """The box around the segmentation, or around the four corners. False if there is neither."""
    corners = _numbers(annotation["bbox"], _CORNERS)
    try:
        if corners is None:
            box = segmentations.box_xyxy(annotation.get("segmentation"))
        else:
            box = segmentations.box_around(zip(corners[::2], corners[1::2], strict=True))
    except (TypeError, ValueError, OverflowError):
        return False
    annotation["bbox"] = _as_bbox(box)
    return True


def _turn_by_number(file: Path, turned: Sequence[_Turned], total: int) -> list[Finding]:
    """Boxes of five numbers. Raises UserError if they are many, and either their unit or their x and y are not certain."""
    angles = [each.numbers[4] for each in turned]
    unit = unit_of(angles)
    place = _place(turned, unit) if unit else None
    if unit is None or place is None:
        if len(turned) <= MOST_UNREADABLE * total:
            return []
        raise _undecided(file, turned, total, unit)
    for each in turned:
        each.annotation["bbox"] = _as_bbox(place(each.numbers, unit=unit))
    where = "center" if place is _centered else "left top corner"
    count = sum(map(bool, angles))
    how = f" (bbox of five numbers: {where}, size, angle in {unit})"
    return [shape_notices.turned(count, total, how)] if count else []


def _centered(numbers: Sequence[float], unit: Unit) -> Box:
    x, y, width, height, angle = numbers
    return box_around_turned(x, y, width, height, in_radians(angle, unit))


def _cornered(numbers: Sequence[float], unit: Unit) -> Box:
    left, top, width, height, angle = numbers
    return _centered((left + width / 2, top + height / 2, width, height, angle), unit)


def _place(turned: Sequence[_Turned], unit: Unit) -> Any:
    """`_centered` or `_cornered`: the way that keeps the boxes in their images, if the other does not; else None.

    The boxes are judged as they lie, and as they were before they were turned: people draw one or the other inside of the image.
    """
    known = [each for each in turned if each.size]
    upright = [each._replace(numbers=[*each.numbers[:4], 0.0]) for each in known]
    ways = {way for boxes in (known, upright) if (way := _way_inside(boxes, unit))}
    return ways.pop() if len(ways) == 1 else None


def _way_inside(turned: Sequence[_Turned], unit: Unit) -> Any:
    least = max(_LEAST_OVER, _LEAST_SHARE * len(turned))
    over = {way: _count_over(turned, partial(way, unit=unit)) for way in (_centered, _cornered)}
    for way, other in ((_centered, _cornered), (_cornered, _centered)):
        if over[way] <= _MOST_OVER * len(turned) and over[other] >= least:
            return way
    return None


def _count_over(turned: Iterable[_Turned], way: Any) -> int:
    """How many boxes reach over the edge of their images."""
    count = 0
    for each in turned:
        left, top, right, bottom = way(each.numbers)
        width, height = each.size or (0, 0)
        count += max(-left, -top, right - width, bottom - height) > _OVER_EDGE
    return count


def _undecided(file: Path, turned: Sequence[_Turned], total: int, unit: Unit | None) -> UserError:
    if all(0 <= each.numbers[4] <= 1 for each in turned):
        what = "the fifth may also be a score, and the angles do not show whether they are in degrees or radians"
    elif unit is None:
        what = "the angles do not show whether they are in degrees or radians"
    else:
        what = "x and y may be the center or the left top corner"
    return UserError(
        f"{file}: {len(turned):,} of {total:,} annotations have a bbox of 5 numbers (first: {shown(turned[0].numbers)}), "
        f"which are turned boxes: x, y, width, height, angle; {what}. Expected left, top, width, height. Write the four corners "
        "of each box into its segmentation, from which convert takes the box; or export upright boxes"
    )
