"""Stops a conversion whose boxes are written in another order or unit than their format has, and says which.

The tests run only if boxes look doubtful: some have no area, lie outside, reach over the edge, or are smaller than a pixel; or
all of them lie in the left top corner of large images.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from boxwright.convert import notices
from boxwright.convert.frames.frame import Frame
from boxwright.convert.plan import box_groups, box_hypotheses
from boxwright.convert.plan.box_groups import Part, Sized, Table
from boxwright.convert.plan.box_hypotheses import Over, Verdict
from boxwright.convert.plan.box_readings import GIVEN_UNITS, ORDERS, UNITS, Reading
from boxwright.convert.reading.files import printable_name
from boxwright.convert.reading.source import Fault, Image, Source
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError

# Fewer doubtful boxes, or a smaller share of them, are mistakes of single boxes. Of a part of the data, these are the limits.
_FEW, _SHARE, _FEWEST, _SHARE_OF_PART = 3, 0.005, 5, 0.15
# Boxes that reach over two sides only are worth a notice from this number and share on, boxes on all sides from `_MANY` on.
_ONE_SIDED, _ONE_SIDED_SHARE, _OTHER_SIDES, _MANY = 5, 0.05, 0.05, 0.2
# From this share on, the boxes are wrong. A box of a whole object reaches over the edge only where the edge cuts the object. On
# 34 public sets none reaches over by more than a pixel, and at most 44 % touch the edge (more than a third on three sets). On one
# set of collages with boxes that are too large, 54 % reach over it.
_WRONG = 1 / 3
# A set in percent of large images ends in this corner, in whatever order its numbers are written: (smallest side, corner).
_CORNERS = ((2000, 2010.0), (200, 201.0))
# Fractions in the place of percent end in this corner, if a reader has made fractions of the percent.
_HUNDREDTH = 0.0101


def check(source: Source, images: Sequence[Image], frames: Sequence[Frame | Fault], doubtful: int) -> list[Finding]:
    """Notices about boxes that may be misread.

    images: of the source. frames: of each image. doubtful: how many of their boxes are, as `box_checks` counts them.

    Raises UserError if another order or unit explains the boxes.
    """
    pairs = [(image, frame.drawn) for image, frame in zip(images, frames, strict=True) if isinstance(frame, Frame)]
    found = list[Finding]()
    with np.errstate(over="ignore", invalid="ignore"):
        if _is_suspicious(doubtful, images):
            for name, table in box_groups.tables([Sized(image, *size) for image, size in pairs], source):
                found += _judge(source.root, name, table)
        if corner := _splits_in_corner(pairs):
            sized = [Sized(image, *size) for image, size in pairs if image.split in corner]
            for name, table in box_groups.tables(sized, source):
                _fail_if_percent(source.root, name, table)
    return found


def _is_suspicious(doubtful: int, images: Sequence[Image]) -> bool:
    objects = sum(len(image.objects) for image in images) if doubtful else 0
    return doubtful > 0 and doubtful >= min(_FEW, objects) and doubtful >= _SHARE * objects


def _splits_in_corner(pairs: Sequence[tuple[Image, tuple[int, int]]]) -> set[str | None]:
    """The splits of which no box ends beyond the left top corner of its image. It looks at few boxes of most data."""
    inside: dict[str | None, bool] = {}
    for image, size in pairs:
        if image.objects and inside.get(image.split, True):
            in_pixels = next((end for side, end in _CORNERS if min(size) >= side), 0.0)
            corner = _HUNDREDTH if image.fractions else in_pixels
            inside[image.split] = all(max(item.box_xyxy[2:]) <= corner for item in image.objects)
    return {split for split, is_inside in inside.items() if is_inside}


def _fail_if_percent(root: Path, name: str, table: Table) -> None:
    if verdict := box_hypotheses.in_corner(table.boxes):
        raise _error(root, name, table, Part("", np.ones(len(table.items), bool)), verdict)


def _judge(root: Path, name: str, table: Table) -> list[Finding]:
    """Tests the whole, then its parts, then the images that have a doubtful box."""
    whole = Part("", np.ones(len(table.items), bool))
    verdict = box_hypotheses.decide(table.boxes)
    if verdict and verdict.certain:
        raise _error(root, name, table, whole, verdict)
    for part in _parts(table):
        of_part = box_hypotheses.decide(table.boxes.part(part.chosen), part=True)
        if of_part and of_part.certain:
            raise _error(root, name, table, part, of_part)
    over = box_hypotheses.over_edges(table.boxes)
    if table.boxes.reading.unit != "pixels" and box_hypotheses.is_beyond(table.boxes):
        raise _other_sides(root, name, table, over)
    return [_notice(name, table, over, verdict)] if verdict or _is_notable(over, len(table.items)) else []


def _parts(table: Table) -> Iterable[Part]:
    """The parts in which many boxes are bad, and all images that have a bad box."""
    bad = ~box_hypotheses.fit_as_given(table.boxes)
    if bad.sum() >= _FEWEST:
        yield from box_groups.parts(table, bad, fewest=_FEWEST, share=_SHARE_OF_PART)
        if (part := box_groups.touched(table, bad)).chosen.sum() >= 2 * _FEWEST:
            yield part


def _is_notable(over: Over, boxes: int) -> bool:
    return over.any >= max(_ONE_SIDED, _MANY * boxes) or bool(_side(over) and over.any >= _ONE_SIDED_SHARE * boxes)


def _side(over: Over) -> str:
    """The sides over which boxes reach, if they are on one side of the image."""
    many, few = max(over[:2]), min(over[:2])
    if many < _ONE_SIDED or few > _OTHER_SIDES * many:
        return ""
    return "the left or top" if over.left_top == many else "the right or bottom"


def _notice(name: str, table: Table, over: Over, verdict: Verdict | None) -> Finding:
    """The caveat for boxes that are doubtful, where the numbers do not decide what is wrong."""
    boxes, side = len(table.items), _side(over)
    where = f"over {side} edge only" if side else "over the edges"
    other = f". Read as {_either(verdict, table)}, {verdict.share:.0%} fit" if verdict else ""
    claim = f"{over.any} of {plurals.count(boxes, 'box')} ({over.any / boxes:.0%}) reach {where} of their image{other}"
    wrong = over.any >= max(_ONE_SIDED, _WRONG * boxes)
    title = f"{over.any / boxes:.0%} of the boxes reach over the edge of their image"
    return notices.build(
        "boxes_leave_images", title if wrong else "Many boxes reach over the edge of their image", claim,
        count=over.any, of=boxes, what="boxes", severity="high" if wrong else "medium", subject=name,
        remedy="Look at some boxes on their images. If they are shifted or too large, draw or export them again. If their "
        "numbers are in another order or unit than the format has, say so with --boxes-as.",
    )  # fmt: skip


def _other_sides(root: Path, name: str, table: Table, over: Over) -> UserError:
    """Fractions that are too large by one factor."""
    given, part = table.boxes.reading, Part("", np.ones(len(table.items), bool))
    x, y = box_hypotheses.farthest(table.boxes)
    return UserError(
        f"{root}: {over.right_bottom} of {plurals.count(len(table.items), 'box', 'lies')} beyond the right or lower edge of the "
        f"image, up to {x:.3g} times the width and {y:.3g} times the height: the numbers were divided by the sides of smaller "
        f"images, or by other numbers (example: {_example(table, part)}); {name} has {given.words}; compute them anew; "
        f"if they are right as they are, re-run with {_flag(given)}"
    )


def _error(root: Path, name: str, table: Table, part: Part, verdict: Verdict) -> UserError:
    given, right = table.boxes.reading, verdict.readings[0]
    where = f" in {printable_name(part.name)}" if part.name else ""
    fit = "all" if verdict.share == 1 else f"{verdict.share:.0%}"
    return UserError(
        f"{root}: {verdict.bad} of {plurals.count(verdict.of, 'box')}{where} "
        f"{'is' if verdict.bad == 1 else 'are'} wrong if read as {given.words}, which {name} has; read as "
        f"{_either(verdict, table)}, {fit} fit into their images (example: {_example(table, part)}); "
        f"{_remedy(given, right, part)}"
    )


def _either(verdict: Verdict, table: Table) -> str:
    return ", or ".join(_words(reading, table.boxes.reading) for reading in verdict.readings[:2])


def _words(right: Reading, given: Reading) -> str:
    """The order, unless only the unit differs, and the unit, unless only the order does."""
    words = [ORDERS[right.order].words if right.order != given.order else "numbers"]
    words += [f"in {UNITS[right.unit].words}"] * (right.unit != given.unit)
    notes = []
    if right.unit == given.unit and ORDERS[right.order].places[0] == 1:
        notes.append("unless the images were turned by 90 degrees after labelling")
    if right.unit in ("percent", "thousandths") and given.unit == "pixels":
        side = f"{UNITS[right.unit].whole:g}"
        notes.append(f"or in pixels of images of {side}x{side}")
    said = ", ".join(words).replace("numbers, in", "numbers in")
    return said + (f" ({'; '.join(notes)})" if notes else "")


def _example(table: Table, part: Part) -> str:
    """The first box that does not fit as the format reads it."""
    bad = ~box_hypotheses.fit_as_given(table.boxes) & part.chosen
    index = int(np.argmax(bad if bad.any() else part.chosen))
    image, width, height = table.image_of(index)
    numbers = ", ".join(f"{number:.6g}" for number in table.boxes.raw[index])
    return f"{printable_name(image.filename)[:200]} ({width}x{height}): {numbers}"


_SIDES = "each x and width by the width of the image and each y and height by its height"
# What to do with numbers in another unit, by the unit that is expected and the one that was found.
_EDITS = {
    ("pixels", "fractions"): f"multiply {_SIDES}",
    ("pixels", "percent"): f"multiply {_SIDES}, and divide by 100",
    ("pixels", "thousandths"): f"multiply {_SIDES}, and divide by 1000",
    ("fractions", "pixels"): f"divide {_SIDES}",
    ("fractions", "percent"): "divide the numbers by 100",
    ("fractions", "thousandths"): "divide the numbers by 1000",
    ("fractions", "swapped"): "compute them anew: divide x by the width of the image and y by its height",
    ("fractions", "twice"): f"multiply {_SIDES}",
    ("percent", "pixels"): f"divide {_SIDES}, and multiply by 100",
    ("percent", "fractions"): "multiply the numbers by 100",
    ("percent", "thousandths"): "divide the numbers by 10",
}


def _remedy(given: Reading, right: Reading, part: Part) -> str:
    edit = _EDITS.get((given.unit, right.unit), "")
    order = f"write them as {ORDERS[given.order].words}" if right.order != given.order else ""
    edits = f"correct the annotations ({' and '.join(filter(None, (edit, order)))})"
    changed = [right.order] * (right.order != given.order) + [right.unit] * (right.unit != given.unit)
    flag = "" if part.name or right.unit not in GIVEN_UNITS else f"re-run with {_flag(changed)}, or "
    return f"{flag}{edits}; if they are right as they are, re-run with {_flag(given)}"


def _flag(words: Sequence[str]) -> str:
    return f'--boxes-as "{" ".join(words)}"' if len(words) > 1 else f"--boxes-as {words[0]}"
