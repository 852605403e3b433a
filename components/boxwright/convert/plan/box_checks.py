"""Which boxes are fit to train on. Everything else is named by a reason code."""

import math
import struct
from typing import Literal

from boxwright.convert.reading.source import Fault, Object

Fix = Literal["clip", "drop", "fail"]
# Annotation tools round to whole pixels and YOLO's fractions to six digits: so much over the edge is no mistake.
TOLERANCE_PX = 1.0
# Less of a box is left by clipping only; in the float32 of the records its sides may fall together.
SMALLEST_PX = 0.01
_CLEARLY_MORE_PX = 1.0  # than float32 can take away

_FLOATS = struct.Struct("4f")


def judge(
    item: Object, width: int, height: int, *, fractions: bool, fix: Fix
) -> tuple[tuple[float, float, float, float] | None, bool, Fault | None]:
    """The box of one object inside its image.

    width, height: of the image, pixels. fractions: the object's box is in fractions of the sides. Returns (box_yxyx in 0..1
    or None, whether it was clipped, why there is none). `partly_outside` comes back for drop and fail.
    """
    if item.fault:
        return None, False, item.fault
    left, top, right, bottom = item.box_xyxy
    if fractions:
        left, top, right, bottom = left * width, top * height, right * width, bottom * height
    # As most boxes are: beyond all doubt. NaN compares with nothing.
    if (
        left >= 0
        and left + _CLEARLY_MORE_PX < right <= width
        and top >= 0
        and top + _CLEARLY_MORE_PX < bottom <= height
    ):
        return (top / height, left / width, bottom / height, right / width), False, None
    return _judge_closely((left, top, right, bottom), width, height, fix)


def _judge_closely(
    box_xyxy: tuple[float, float, float, float], width: int, height: int, fix: Fix
) -> tuple[tuple[float, float, float, float] | None, bool, Fault | None]:
    left, top, right, bottom = box_xyxy
    if not all(map(math.isfinite, box_xyxy)):
        return None, False, Fault("not_a_number", _text(box_xyxy))
    if fault := _shape_fault(left, top, right, bottom, width, height):
        return None, False, fault
    over = max(-left, -top, right - width, bottom - height)
    if over > TOLERANCE_PX and fix != "clip":
        return None, False, Fault("partly_outside", f"{_text((left, top, right, bottom))} in {width}x{height}")
    x0, y0, x1, y1 = left, top, right, bottom
    if over > 0:
        x0, y0, x1, y1 = max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height)
    box_yxyx = (y0 / height, x0 / width, y1 / height, x1 / width)
    if _smallest_side(box_yxyx, width, height) < SMALLEST_PX:
        return None, False, Fault("zero_area", f"{_text((left, top, right, bottom))} in {width}x{height}")
    return box_yxyx, over > TOLERANCE_PX, None


def _smallest_side(box_yxyx: tuple[float, float, float, float], width: int, height: int) -> float:
    """Pixels, of the box as the records store it: in float32."""
    top, left, bottom, right = _FLOATS.unpack(_FLOATS.pack(*box_yxyx))
    return min((bottom - top) * height, (right - left) * width)


def _shape_fault(left: float, top: float, right: float, bottom: float, width: int, height: int) -> Fault | None:
    box = (left, top, right, bottom)
    if right < left or bottom < top:
        return Fault("inverted", _text(box))
    if right == left or bottom == top:
        return Fault("zero_area", _text(box))
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return Fault("outside", f"{_text(box)} in {width}x{height}")
    return None


def _text(box_xyxy: tuple[float, ...]) -> str:
    return "left {:g}, top {:g}, right {:g}, bottom {:g}".format(*box_xyxy)
