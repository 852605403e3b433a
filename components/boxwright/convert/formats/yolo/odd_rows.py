"""Decides how label rows are read that are neither a box nor a polygon: predictions, turned boxes, and what is undecided."""

from collections.abc import Callable, Sequence
from math import factorial, log2
from pathlib import Path
from typing import NamedTuple

from boxwright.convert import notices
from boxwright.convert.formats.yolo import pose_rows
from boxwright.convert.formats.yolo.rows import BOX, CORNERS, Form, Label, Rows, Sample, Seen, Size
from boxwright.convert.objects.turned_boxes import unit_of
from boxwright.convert.reading import shape_notices
from boxwright.convert.reading.files import relative_name
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.printable import visible_line

# Of all rows. If more cannot be read, the conversion stops; fewer are quarantined one by one.
MOST_UNREADABLE = 0.2
# Rows sorted by chance: with k different values, 1 of k! files. This many halvings make it certain (1 of 1,000).
_SORTED_BITS = 10
# Boxes or points that must be inside of their images, and how far they may be outside.
_MOST, _FEWER, _EDGE_PX, _EDGE = 0.98, 0.9, 1.0, 0.01
# Coordinates above this are no fractions. Boxes over the edge have up to 1.5.
_LARGEST_FRACTION = 2.0
# Numbers up to this can be angles in degrees.
_WHOLE_TURN = 360
_FEWEST_LABELS = 3
_MOST_IMAGES = 50
_CUT = "cut the last number off every row (`cut -d' ' -f1-5`)"
_CORNERS_DO = "write the four corners of each box instead (class x1 y1 x2 y2 x3 y3 x4 y4, as Ultralytics' OBB has them)"


class Decided(NamedTuple):
    """How rows are read. what: why, for a notice. predicted: the labels are a model's predictions."""

    form: Form
    what: str
    predicted: bool = False


class Undecided(NamedTuple):
    """why: what the rows may be. do: what the user can do."""

    why: str
    do: str


Decision = Decided | Undecided | None
SizeOf = Callable[[Path], Size | None]


def decide(seen: Seen, rows: Rows, root: Path, size_of: SizeOf) -> tuple[dict[int, Form], list[Finding]]:
    """The forms of unusual rows by their count of numbers, and notices about them. size_of: the size of an image.

    Raises UserError if many rows cannot be read, or can be read in several ways and the data do not decide which.
    """
    forms: dict[int, Form] = {}
    found = _corner_notices(seen)
    samples = {count: seen.odd[count] for count in sorted(seen.odd) if seen.odd[count].count}
    for count, sample in samples.items():
        match _decision(count, sample, seen, rows, size_of):
            case Decided() as decided:
                forms[count] = decided.form
                found.append(_notice(decided, sample, seen.total, root))
            case Undecided() as undecided if sample.count > MOST_UNREADABLE * seen.total:
                raise _refusal(undecided, count, sample, seen.total, root)
    return forms, found


def _decision(count: int, sample: Sample, seen: Seen, rows: Rows, size_of: SizeOf) -> Decision:
    """None for rows that are read as polygons, or are no rows at all."""
    if count == BOX + 1:
        return _five(sample, size_of)
    if count < BOX + 2 or rows.keypoints:
        return None
    if count == BOX + 2 and (tracked := _tracked(sample)):
        return tracked
    polygons = sum(other.count for numbers, other in seen.odd.items() if numbers >= BOX + 2)
    if pose := pose_rows.fit(sample.rows, sample.count, polygons):
        return _pose(pose, (count - BOX - pose.more) // pose.numbers)
    if count % 2:
        return _with_confidence(count, sample)
    return _in_pixels(Form("polygon", count, in_pixels=True), sample, size_of)


def _pose(pose: pose_rows.Fit, points: int) -> Decision:
    if not pose.certain:
        why = "they may be a box with keypoints (pose) or a polygon, and the data do not decide it"
        return Undecided(why, f"if they are keypoints, write kpt_shape: [{points}, {pose.numbers}] into data.yaml")
    what = f"a box and {plurals.count(points, 'keypoint')} of {pose.numbers} numbers"
    if pose.more:
        return Decided(Form("box", BOX), f"{what}, and a confidence, as detectors write them", predicted=True)
    return Decided(Form("box", BOX), f"{what} (the data name no kpt_shape): the boxes")


def _five(sample: Sample, size_of: SizeOf) -> Decision:
    """x, y, width, height and one number more: a confidence, a track id, or an angle."""
    rows, last = sample.rows, [numbers[4] for numbers in sample.rows]
    if not any(last):
        return Decided(Form("box", BOX), "a box and a 0: the boxes")
    if (
        _share_inside(rows, 0) < _FEWER
        and _share_inside(rows, 1) >= _MOST
        and all(0 <= numbers[0] <= 1 for numbers in rows)
    ):
        why = "the second number looks like a confidence, and the box follows it"
        return Undecided(
            why, "move the confidence out of every row (`cut -d' ' -f1,3-6`); predictions are no true labels"
        )
    if all(number.is_integer() for number in last) and (ids := _ids(sample, last)):
        return ids
    if all(0 <= number <= 1 for number in last):
        return _confidence(sample, Form("box", BOX)) or Undecided(
            "the last number may be a confidence (then the labels are predictions) or an angle (then the boxes are turned), "
            "and the data do not decide it",
            f"if it is a confidence, {_CUT}; if it is an angle, {_CORNERS_DO}",
        )
    return _turned(sample, last, size_of)


def _ids(sample: Sample, last: Sequence[float]) -> Decision:
    """Track ids count from 1, and no label has one twice. A 1 in every row changes nothing, whatever it is."""
    if set(last) <= {0, 1}:
        return Decided(Form("box", BOX), "a box and a 0 or 1: the boxes")
    if min(last) < 1 or len(sample.labels) < _FEWEST_LABELS or not _are_unique(sample.labels):
        return None
    if max(last) > _WHOLE_TURN or 2 * len(set(last)) >= max(last):
        return Decided(Form("box", BOX), "a box and a track id, as trackers write them", predicted=True)
    return None


def _are_unique(labels: Sequence[Label]) -> bool:
    return all(len({numbers[-1] for numbers in each.numbers}) == len(each.numbers) for each in labels)


def _tracked(sample: Sample) -> Decision:
    """x, y, width, height, a confidence and a track id: what Ultralytics' `save_txt save_conf` writes for tracks."""
    ids = [numbers[5] for numbers in sample.rows]
    if not all(number >= 1 and number.is_integer() for number in ids) or max(ids, default=0) < 2:
        return None
    if all(0 <= numbers[4] <= 1 for numbers in sample.rows) and _share_inside(sample.rows, 0) >= _MOST:
        return Decided(Form("box", BOX), "a box, a confidence and a track id, as trackers write them", predicted=True)
    return None


def _with_confidence(count: int, sample: Sample) -> Decision:
    """A polygon or four corners with one number more."""
    return _confidence(sample, Form("polygon", count - 1)) or Undecided(
        "polygons have an even count of numbers", "cut the number off that belongs to no point"
    )


def _confidence(sample: Sample, form: Form) -> Decision:
    """Detectors write their boxes sorted by confidence, up or down; labels of people are in no order."""
    columns = [[numbers[-1] for numbers in label.numbers] for label in sample.labels]
    columns = [column for column in columns if len(set(column)) == len(column)]
    if not all(0 <= number <= 1 for column in columns for number in column):
        return None
    bits = sum(log2(factorial(min(len(column), 100))) for column in columns)
    if bits < _SORTED_BITS or not any(all(c == sorted(c, reverse=down) for c in columns) for down in (False, True)):
        return None
    kind = "a box" if form.kind == "box" else "an outline"
    return Decided(
        form, f"{kind} and a confidence, by which the rows are sorted, as detectors write them", predicted=True
    )


def _turned(sample: Sample, angles: Sequence[float], size_of: SizeOf) -> Decision:
    if (unit := unit_of(angles)) is None:
        why = "the last number may be an angle (then the boxes are turned), and the data do not show its unit"
        return Undecided(why, _CORNERS_DO)
    form = Form("turned", BOX + 1, unit)
    if max(max(numbers[:BOX]) for numbers in sample.rows) > _LARGEST_FRACTION:
        return _in_pixels(form._replace(in_pixels=True), sample, size_of) or Undecided(
            "x, y, width and height are no fractions, and as pixels they do not fit the images", _CORNERS_DO
        )
    return Decided(form, f"x, y, width, height, angle in {unit}")


def _in_pixels(form: Form, sample: Sample, size_of: SizeOf) -> Decision:
    """The form, if the coordinates are pixels and inside of the images; else None."""
    rows = sample.rows
    if sum(max(numbers[:BOX]) > _LARGEST_FRACTION for numbers in rows) < _MOST * len(rows):
        return None
    inside = [
        _is_inside(numbers, form, size)
        for label in sample.labels[:_MOST_IMAGES]
        if (size := size_of(label.image))
        for numbers in label.numbers
    ]
    if not inside or sum(inside) < _MOST * len(inside):
        return None
    if form.kind == "turned":
        return Decided(form, f"x, y, width, height in pixels, and an angle in {form.unit}")
    return Decided(form, f"{form.used // 2} points, in pixels instead of fractions: the boxes around them")


def _is_inside(numbers: Sequence[float], form: Form, size: Size) -> bool:
    points = numbers if form.kind == "polygon" else numbers[:2]
    return all(-_EDGE_PX <= number <= side + _EDGE_PX for place, side in enumerate(size) for number in points[place::2])


def _share_inside(rows: Sequence[Sequence[float]], start: int) -> float:
    """The share of rows whose four numbers from `start` on are a box inside of the image."""
    boxes = (numbers[start : start + BOX] for numbers in rows)
    fit = sum(
        w > 0
        and h > 0
        and x - w / 2 >= -_EDGE
        and x + w / 2 <= 1 + _EDGE
        and y - h / 2 >= -_EDGE
        and y + h / 2 <= 1 + _EDGE
        for x, y, w, h in boxes
    )
    return fit / max(len(rows), 1)


def _corner_notices(seen: Seen) -> list[Finding]:
    """Turned boxes as four corners. Beside polygons with other counts, four points are a polygon."""
    sample = seen.odd.get(CORNERS)
    if sample is None or not sample.askew or any(count > CORNERS for count in seen.odd):
        return []
    return [shape_notices.turned(sample.askew, seen.total, " (rows of four corners)")]


def _notice(decided: Decided, sample: Sample, total: int, root: Path) -> Finding:
    row, label = visible_line(sample.first[0]), sample.first[1]
    example = f"(first: `{row}` in {relative_name(label, root)})"
    if decided.form.kind == "turned":
        return shape_notices.turned(sample.count, total, f" (rows of {decided.what})")
    if decided.predicted:
        return notices.build(
            "predictions_as_labels", "Predictions of a model are used as labels",
            f"{sample.count} of {total} label rows have {decided.what} {example}: the labels are predictions, and whatever the "
            "model missed or invented is learnt",
            count=sample.count, of=total, what="label rows", severity="medium",
            remedy="Look through the predictions, correct them, and save them as labels without the extra numbers.",
        )  # fmt: skip
    return notices.build(
        "extra_numbers", "Label rows hold more than a box",
        f"{sample.count} of {total} label rows have {decided.what} were read {example}",
        count=sample.count, of=total, what="label rows",
    )  # fmt: skip


def _refusal(undecided: Undecided, count: int, sample: Sample, total: int, root: Path) -> UserError:
    row, label = visible_line(sample.first[0]), sample.first[1]
    return UserError(
        f"{root}: {sample.count:,} of {total:,} label rows have {count} numbers after the class, expected {BOX} (x, y, width, "
        f"height in fractions); the first is `{row}` in {relative_name(label, root)}: {undecided.why}; "
        f"{undecided.do}"
    )
