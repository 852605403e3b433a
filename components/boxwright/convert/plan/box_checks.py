"""Checks which boxes can be trained on. Every other box gets a reason code."""

import math
import struct
from typing import Literal, NamedTuple

from boxwright.convert.reading.source import Fault, Object

Fix = Literal["clip", "drop", "fail"]
Box = tuple[float, float, float, float]
# How far a box may reach over the edge. Annotation tools round to whole pixels, and YOLO's fractions have six digits.
TOLERANCE_PX = 1.0
# The smallest side that a box may have after clipping. A smaller one can become 0 when the records store it as float32.
SMALLEST_PX = 0.01
# Sides above this stay above SMALLEST_PX in float32.
_CLEARLY_MORE_PX = 1.0

_FLOATS = struct.Struct("4f")


class Checked(NamedTuple):
    """box_yxyx: in 0..1, None for a box that cannot be used. cut: the share of its area beyond the edge, 0 for a box that
    reaches no further than TOLERANCE_PX. fault: why it cannot be used. doubtful: the numbers may be in another order or unit,
    because the box reaches over the edge, has no area, or is smaller than a pixel."""

    box_yxyx: Box | None
    cut: float = 0.0
    fault: Fault | None = None
    doubtful: bool = False


def check(item: Object, width: int, height: int, *, fractions: bool, fix: Fix) -> Checked:
    """The box of one object inside its image.

    width, height: of the image, pixels. fractions: the object's box is in fractions of the sides. A box that reaches over the
    edge has the fault `partly_outside` with `fix="drop"` and `fix="fail"`.
    """
    if item.fault:
        return Checked(None, fault=item.fault)
    left, top, right, bottom = item.box_xyxy
    if fractions:
        left, top, right, bottom = left * width, top * height, right * width, bottom * height
    # The fast path for most boxes. Comparisons with NaN are false.
    if (
        left >= 0
        and left + _CLEARLY_MORE_PX < right <= width
        and top >= 0
        and top + _CLEARLY_MORE_PX < bottom <= height
    ):
        return Checked((top / height, left / width, bottom / height, right / width))
    return _check_closely((left, top, right, bottom), width, height, fix)


def _check_closely(box_xyxy: Box, width: int, height: int, fix: Fix) -> Checked:
    left, top, right, bottom = box_xyxy
    if not all(map(math.isfinite, box_xyxy)):
        return Checked(None, fault=Fault("not_a_number", _text(box_xyxy)))
    if fault := _shape_fault(box_xyxy, width, height):
        return Checked(None, fault=fault, doubtful=True)
    area = (right - left) * (bottom - top)
    over = max(-left, -top, right - width, bottom - height)
    if over > TOLERANCE_PX and fix != "clip":
        return Checked(None, fault=Fault("partly_outside", f"{_text(box_xyxy)} in {width}x{height}"), doubtful=True)
    if over > 0:
        left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height)
    box_yxyx = (top / height, left / width, bottom / height, right / width)
    if _smallest_side(box_yxyx, width, height) < SMALLEST_PX:
        return Checked(None, fault=Fault("zero_area", f"{_text(box_xyxy)} in {width}x{height}"), doubtful=True)
    small = right - left < 1 or bottom - top < 1
    cut = 1 - (right - left) * (bottom - top) / area if over > TOLERANCE_PX else 0.0
    return Checked(box_yxyx, cut, doubtful=small or over > TOLERANCE_PX)


def _smallest_side(box_yxyx: Box, width: int, height: int) -> float:
    """The shorter side in pixels, after the rounding to float32 that the records need."""
    top, left, bottom, right = _FLOATS.unpack(_FLOATS.pack(*box_yxyx))
    return min((bottom - top) * height, (right - left) * width)


def _shape_fault(box_xyxy: Box, width: int, height: int) -> Fault | None:
    left, top, right, bottom = box_xyxy
    if right < left or bottom < top:
        return Fault("inverted", _text(box_xyxy))
    if right == left or bottom == top:
        return Fault("zero_area", _text(box_xyxy))
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return Fault("outside", f"{_text(box_xyxy)} in {width}x{height}")
    return None


def _text(box_xyxy: Box) -> str:
    return "left {:g}, top {:g}, right {:g}, bottom {:g}".format(*box_xyxy)
