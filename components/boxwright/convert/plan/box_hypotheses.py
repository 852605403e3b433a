"""Tests whether other orders and units of the numbers explain boxes that lie outside of their images. Pure functions.

The hypotheses are all pairs of `box_readings.ORDERS` and `box_readings.UNITS`. One is taken if nearly all boxes lie inside their
images when read so, many do not when read as the format has it, and chance does not explain that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boxwright.convert.plan.box_readings import ORDERS, UNITS, USUAL, Reading

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Rounding: numbers with four digits, whole pixels, and pixels that are counted from 1 or from 0.
_TOLERANCE_PX, _TOLERANCE = 2.0, 0.001
# The smallest side of a box that somebody drew.
_SMALLEST_PX = 0.999
# Data of several sources have up to a few percent of boxes beyond the edge, however they are read. Of ten or more, one may be.
_FITS, _ONE_OF = 0.98, 10
# Boxes of whole bodies (partly hidden) reach over the edge most often in clean data: up to 10 to 15 % of them, on all sides. With
# fewer bad boxes, or a smaller share, no other reading is looked for.
_FEWEST, _SHARE = 5, 0.15
# No clean data have more bad boxes than this.
_NEVER = 0.5
# A few bad boxes over one side, or a small share of them, are worth a caveat if another reading explains all of them.
_FEW, _FEW_SHARE, _SMALL_SHARE = 3, 0.2, 0.02
# How probable it may be that boxes which lie anywhere in their images fit another reading too: to stop, for a part of the data
# (there are many parts, so that chance has more opportunities), and for a caveat.
_CHANCE, _CHANCE_OF_PART, _CHANCE_OF_CAVEAT = 1e-2, 1e-4, 5e-2
# Boxes, and places in the image for each, of which chance is computed.
_SAMPLE, _GRID, _RAREST = 400, 4, 0.02
# The largest number in percent or thousandths is this share of the whole. Less is enough if pixels are not expected, and in
# images of twice as many pixels, of which the boxes would fill a corner.
_LARGEST, _LARGEST_IF_SURE = 0.8, 0.5
# Pixels are above this number somewhere. Fractions that were divided by the sides of smaller images seldom are.
_PIXELS = 16
# Boxes in percent that also fit as pixels: at least so many, and their centers in three of four quarters of the image. One object
# at a fixed place, such as a logo, is not so.
_FEW_IN_CORNER, _QUARTERS = 5, 3
# Boxes of smaller images: so many lie wholly outside, and no more over the left or upper edge. The farthest percent may be
# mistakes.
_OUTSIDE, _BEFORE, _FARTHEST = 0.01, 0.02, 0.99
# Of two readings that fit, one whose boxes stay in less than this share of a side is implausible.
_SPREADS = 0.5


@dataclass(frozen=True)
class Boxes:
    """raw: (N, 4), the numbers in the order and unit of `reading`. sizes: (N, 2), width and height of the images in pixels."""

    raw: Floats
    sizes: Floats
    reading: Reading

    def part(self, chosen: Mask) -> "Boxes":
        return Boxes(self.raw[chosen], self.sizes[chosen], self.reading)


class Verdict(NamedTuple):
    """readings: the one that fits best, and others of this unit that fit as well. share: of the boxes that fit the first.
    bad: how many do not fit the given reading, of how many. certain: whether chance is excluded."""

    readings: tuple[Reading, ...]
    share: float
    bad: int
    of: int
    certain: bool


def written(boxes_xyxy: Floats, order: str) -> Floats:
    """The inverse of `corners`, for the orders of our formats (xyxy, xywh, cxcywh)."""
    first, last = boxes_xyxy[:, :2], boxes_xyxy[:, 2:]
    if ORDERS[order].kind == "corners":
        return boxes_xyxy
    if ORDERS[order].kind == "size":
        return np.hstack([first, last - first])
    return np.hstack([(first + last) / 2, last - first])


def corners(raw: Floats, order: str) -> Floats:
    """left, top, right, bottom of numbers in any order."""
    kind, places, _ = ORDERS[order]
    ordered = raw[:, list(places)]
    first, last = ordered[:, :2], ordered[:, 2:]
    if kind == "corners":
        return ordered
    if kind == "size":
        return np.hstack([first, first + last])
    return np.hstack([first - last / 2, first + last / 2])


def pixels(raw: Floats, sizes: Floats, reading: Reading) -> Floats:
    """left, top, right, bottom in pixels."""
    unit = UNITS[reading.unit]
    sides = sizes[:, ::-1] if unit.swapped else sizes
    return corners(raw, reading.order) * np.tile(sides**unit.power / unit.whole, 2)


def fits(boxes_px: Floats, sizes: Floats) -> Mask:
    """Which boxes lie inside their images and are at least a pixel wide and high."""
    first, last = boxes_px[:, :2], boxes_px[:, 2:]
    tolerance = _TOLERANCE_PX + _TOLERANCE * sizes
    inside = (first >= -tolerance) & (last <= sizes + tolerance)
    return (inside & (last - first >= _SMALLEST_PX)).all(axis=1)


def fit_as_given(boxes: Boxes) -> Mask:
    """Which boxes fit, as their format reads them."""
    return fits(pixels(boxes.raw, boxes.sizes, boxes.reading), boxes.sizes)


def decide(boxes: Boxes, *, part: bool = False) -> Verdict | None:
    """The reading that explains the boxes, if the given one does not. part: the boxes are a part of a set."""
    bad = ~fit_as_given(boxes)
    count, of = int(bad.sum()), len(bad)
    many = count >= _FEWEST and count >= _SHARE * of
    if not (many or count == of or (not part and _is_one_sided(boxes, count))):
        return None
    readings, share = _best(boxes, mostly_bad=count > _NEVER * of)
    if not readings:
        return None
    probable = chance(boxes, readings[0])
    if many or readings[0].unit != boxes.reading.unit:
        never = count > _NEVER * of and (not part or readings[0].unit != boxes.reading.unit)
        if never or probable <= np.log(_CHANCE_OF_PART if part else _CHANCE):
            return Verdict(readings, share, count, of, certain=True)
    return Verdict(readings, share, count, of, certain=False) if probable <= np.log(_CHANCE_OF_CAVEAT) else None


def _is_one_sided(boxes: Boxes, count: int) -> bool:
    """Whether a few boxes, or a small share, reach over one side only, as boxes do whose center is taken for the corner."""
    over, of = over_edges(boxes), len(boxes.raw)
    if min(over.left_top, over.right_bottom) or over.any != count:
        return False
    return count >= max(_FEW, _FEW_SHARE * of) or count >= max(2 * _FEWEST, _SMALL_SHARE * of)


def _best(boxes: Boxes, *, mostly_bad: bool) -> tuple[tuple[Reading, ...], float]:
    """The most plausible reading that nearly all boxes fit, others of its unit that fit as well, and the share that fits it."""
    found = []
    for place, reading in enumerate(_others(boxes, mostly_bad)):
        read = pixels(boxes.raw, boxes.sizes, reading)
        fit = int(fits(read, boxes.sizes).sum())
        if fit >= _FITS * len(read) or (len(read) >= _ONE_OF and fit == len(read) - 1):
            agrees = (reading.order == boxes.reading.order) + (reading.unit == boxes.reading.unit)
            usual = reading.unit != "thousandths"
            found.append((_spread(read, boxes.sizes) >= _SPREADS, fit, usual, agrees, -place, reading))
    found.sort(reverse=True)
    like = [each[-1] for each in found[1:] if each[:2] == found[0][:2] and each[-1].unit == found[0][-1].unit]
    return (
        ((found[0][-1], *(reading for reading in like if reading.order in USUAL)), found[0][1] / len(boxes.raw))
        if found
        else ((), 0.0)
    )


def _others(boxes: Boxes, mostly_bad: bool) -> Iterator[Reading]:
    """Other orders of the given unit, then all orders of the units that the size of the numbers allows."""
    given = boxes.reading
    yield from (Reading(order, given.unit) for order in ORDERS if order != given.order)
    if given.unit == "fractions":
        yield Reading(given.order, "swapped")
    for unit in UNITS:
        in_corner = unit in ("percent", "thousandths") and _are_large(boxes, unit)
        if unit not in (given.unit, "swapped") and (mostly_bad or in_corner) and _allows(boxes, unit):
            yield from (Reading(order, unit) for order in ORDERS)


def _allows(boxes: Boxes, unit: str) -> bool:
    """Whether the largest number can be of a unit."""
    largest, whole, given = float(boxes.raw.max()), UNITS[unit].whole, boxes.reading.unit
    if unit in ("percent", "thousandths"):
        sure = given != "pixels" or _are_large(boxes, unit)
        return (_LARGEST_IF_SURE if sure else _LARGEST) * whole <= largest <= (1 + _TOLERANCE) * whole
    return (
        largest > max(_PIXELS, UNITS[given].whole) if unit == "pixels" else unit == "fractions" or given == "fractions"
    )


def _are_large(boxes: Boxes, unit: str) -> bool:
    """Whether boxes in a unit would fill a corner of all images only, if they were in pixels."""
    return boxes.reading.unit == "pixels" and bool((boxes.sizes >= 2 * UNITS[unit].whole).all())


def _spread(boxes_px: Floats, sizes: Floats) -> float:
    """The share of the width or height, whichever is smaller, that the boxes of all images reach over."""
    return float((boxes_px[:, 2:] / sizes).max(axis=0).min())


def chance(boxes: Boxes, reading: Reading) -> float:
    """Logarithm of the probability that all boxes fit a reading if they lie anywhere in their images as read now.

    Each box is put on a grid of places in its image, with the size that it has now.
    """
    every = max(1, len(boxes.raw) // _SAMPLE)
    raw, sizes = boxes.raw[::every], boxes.sizes[::every]
    now = pixels(raw, sizes, boxes.reading)
    drawn = np.clip(now[:, 2:] - now[:, :2], 1.0, sizes)
    steps = (np.arange(_GRID) + 0.5) / _GRID
    hits, unit = np.zeros(len(raw)), UNITS[boxes.reading.unit]
    for x in steps:
        for y in steps:
            first = (sizes - drawn) * (x, y)
            placed = np.hstack([first, first + drawn]) * np.tile(unit.whole / sizes**unit.power, 2)
            hits += fits(pixels(written(placed, boxes.reading.order), sizes, reading), sizes)
    return float(np.log(np.maximum(hits / _GRID**2, _RAREST)).sum())


def in_corner(boxes: Boxes) -> Verdict | None:
    """A reading for boxes that all lie in the left top corner: of pixels, percent or thousandths; of percent, fractions."""
    if len(boxes.raw) < _FEW_IN_CORNER:
        return None
    for unit in ("fractions", "percent", "thousandths"):
        is_far = boxes.reading.unit == "percent" if unit == "fractions" else _are_large(boxes, unit)
        if not is_far or not _allows(boxes, unit):
            continue
        for order in (boxes.reading.order, *(each for each in ORDERS if each != boxes.reading.order)):
            read = pixels(boxes.raw, boxes.sizes, reading := Reading(order, unit))
            share = float(fits(read, boxes.sizes).mean())
            if share >= _FITS and _quarters(read / np.tile(boxes.sizes, 2)) >= _QUARTERS:
                return Verdict((reading,), share, len(read), len(read), certain=True)
    return None


def _quarters(fractions_xyxy: Floats) -> int:
    """In how many quarters of the image the centers lie."""
    right, low = ((fractions_xyxy[:, :2] + fractions_xyxy[:, 2:]) > 1).T
    return len(set((2 * right + low).tolist()))


class Over(NamedTuple):
    """How many boxes reach over the left or top edge, over the right or bottom edge, and over any edge."""

    left_top: int
    right_bottom: int
    any: int


def over_edges(boxes: Boxes) -> Over:
    """Counts of the boxes that reach over an edge of their image, as the format reads them."""
    read = pixels(boxes.raw, boxes.sizes, boxes.reading)
    tolerance = _TOLERANCE_PX + _TOLERANCE * boxes.sizes
    low, high = (read[:, :2] < -tolerance).any(axis=1), (read[:, 2:] > boxes.sizes + tolerance).any(axis=1)
    return Over(int(low.sum()), int(high.sum()), int((low | high).sum()))


def farthest(boxes: Boxes) -> tuple[float, float]:
    """How far the boxes reach to the right and down, in sides of their images, without the farthest percent."""
    reach = pixels(boxes.raw, boxes.sizes, boxes.reading)[:, 2:] / boxes.sizes
    x, y = np.quantile(reach, _FARTHEST, axis=0)
    return float(x), float(y)


def is_beyond(boxes: Boxes) -> bool:
    """Whether many boxes lie beyond the right or lower edge, some of them wholly, and none over the left or upper edge."""
    over, of = over_edges(boxes), len(boxes.raw)
    outside = int((pixels(boxes.raw, boxes.sizes, boxes.reading)[:, :2] >= boxes.sizes).any(axis=1).sum())
    many = over.right_bottom >= max(_FEWEST, _SHARE * of) and outside >= max(_FEW, _OUTSIDE * of)
    return many and over.left_top <= _BEFORE * of and min(farthest(boxes)) > 1
