"""Turned rectangles: the upright box around one, and the unit of its angle."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Literal

Box = tuple[float, float, float, float]
Unit = Literal["degrees", "radians"]

# The ends of the ranges in which tools write angles: a quarter, three eighths, a half, three quarters, a whole turn.
_LIMITS = {
    "degrees": (90.0, 135.0, 180.0, 270.0, 360.0),
    "radians": (math.pi / 2, math.pi * 3 / 4, math.pi, math.pi * 3 / 2, 2 * math.pi),
}
# Angles of objects that lie in all directions fill such a range: of ten of them, the largest exceeds 85 % of the limit in four of
# five sets, and half of them exceed 38 % of it in nine of ten sets of 34. Objects that are a little askew do neither. These
# also lie on both sides of 0: if no angle is negative, less is enough.
_LEAST_ANGLES, _NEAR_LIMIT, _LEAST_MEDIAN, _LEAST_MEDIAN_POSITIVE = 10, 0.85, 0.38, 0.25
# Angles that are set by hand or by a tool's grid are multiples of this. Most of a set must be.
_STEP_DEGREES, _STEP_RADIANS, _MOST = 5.0, math.pi / 12, 0.9
_ROUNDING = 0.002


def box_around_turned(x: float, y: float, width: float, height: float, angle: float) -> Box:
    """The upright box (left, top, right, bottom) around a rectangle that is turned around its center x, y.

    angle: radians; its sign does not matter. The sides are w|cos| + h|sin| and w|sin| + h|cos|. The box is NaN for an angle that
    is not finite.
    """
    if not math.isfinite(angle):
        return math.nan, math.nan, math.nan, math.nan
    c, s = abs(math.cos(angle)), abs(math.sin(angle))
    half_width, half_height = (width * c + height * s) / 2, (width * s + height * c) / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


def box_around_ellipse(x: float, y: float, rx: float, ry: float, angle: float) -> Box:
    """The upright box around an ellipse with the center x, y. angle: radians, of the radius rx; its sign does not matter."""
    c, s = math.cos(angle), math.sin(angle)
    half_width, half_height = math.hypot(rx * c, ry * s), math.hypot(rx * s, ry * c)
    return x - half_width, y - half_height, x + half_width, y + half_height


def in_radians(angle: float, unit: Unit) -> float:
    return math.radians(angle) if unit == "degrees" else angle


def unit_of(angles: Sequence[float]) -> Unit | None:
    """The unit of all angles of a data set; None if they do not decide it. If all are 0, the unit does not matter.

    Radians lie within a whole turn (2 pi) and fill their range, or are simple parts of a turn. Numbers beyond 2 pi are degrees if
    they look like angles: some are negative, or they fill a range of degrees, or are multiples of 5.
    """
    sizes = [abs(angle) for angle in angles if angle]
    largest = max(sizes, default=0.0)
    if not sizes:
        return "degrees"
    if not all(map(math.isfinite, sizes)) or largest > _LIMITS["degrees"][-1] + _ROUNDING:
        return None
    if largest > _LIMITS["radians"][-1] + _ROUNDING:
        looks = min(angles) < 0 or _fill(angles, "degrees") or _are_multiples(sizes, _STEP_DEGREES)
        return "degrees" if looks else None
    return "radians" if _fill(angles, "radians") or _are_simple_radians(sizes) else None


def _fill(angles: Sequence[float], unit: Unit) -> bool:
    sizes = [abs(angle) for angle in angles if angle]
    largest, middle = max(sizes), median(sizes)
    least = _LEAST_MEDIAN if min(angles) < 0 else _LEAST_MEDIAN_POSITIVE
    if len(set(sizes)) < _LEAST_ANGLES:
        return False
    limits = (limit for limit in _LIMITS[unit] if largest <= limit + _ROUNDING * (1 if unit == "radians" else 50))
    limit = next(limits, math.inf)
    return largest >= _NEAR_LIMIT * limit and middle >= least * limit


def _are_multiples(sizes: Sequence[float], step: float) -> bool:
    near = sum(abs(size / step - round(size / step)) * step <= _ROUNDING for size in sizes)
    return near >= _MOST * len(sizes)


def _are_simple_radians(sizes: Sequence[float]) -> bool:
    """Whether the angles are simple parts of a turn. One value up to 1 could also be a confidence."""
    return (max(sizes) > 1 or len({round(size, 2) for size in sizes}) > 2) and _are_multiples(sizes, _STEP_RADIANS)
