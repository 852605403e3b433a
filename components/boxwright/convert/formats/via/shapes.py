"""The boxes of VIA's shapes, in pixels."""

from collections.abc import Callable, Mapping
from typing import Any

from boxwright.convert.objects.turned_boxes import box_around_ellipse
from boxwright.convert.reading.segmentations import Box, box_around

Shape = Mapping[str, Any]


def kind(shape: Shape) -> str:
    """The word that VIA gives a shape: rect, circle, ellipse, polygon, polyline, point, or anything in a file of a stranger."""
    return str(shape.get("name") or "")


def box_xyxy(shape: Shape) -> Box:
    """The box around a shape of one of the kinds in `KINDS`. Raises KeyError, TypeError or ValueError for damaged numbers."""
    return KINDS[kind(shape)](shape)


def _numbers(shape: Shape, *names: str) -> list[float]:
    return [float(shape[name]) for name in names]


def _box_of_rectangle(shape: Shape) -> Box:
    left, top, width, height = _numbers(shape, "x", "y", "width", "height")
    return left, top, left + width, top + height


def _box_of_circle(shape: Shape) -> Box:
    x, y, radius = _numbers(shape, "cx", "cy", "r")
    return x - radius, y - radius, x + radius, y + radius


def _box_of_ellipse(shape: Shape) -> Box:
    """theta: the angle of the radius rx, in radians. Early versions do not write it."""
    x, y, rx, ry = _numbers(shape, "cx", "cy", "rx", "ry")
    return box_around_ellipse(x, y, rx, ry, float(shape.get("theta") or 0))


def _box_of_polygon(shape: Shape) -> Box:
    """Raises ValueError for less than three points, and for lists of different lengths."""
    xs, ys = (list(map(float, shape[name])) for name in ("all_points_x", "all_points_y"))
    if len(xs) < 3 or len(xs) != len(ys):
        raise ValueError(f"{len(xs)} x and {len(ys)} y, expected three or more points")
    return box_around(zip(xs, ys, strict=True))


KINDS: dict[str, Callable[[Shape], Box]] = {
    "rect": _box_of_rectangle,
    "circle": _box_of_circle,
    "ellipse": _box_of_ellipse,
    "polygon": _box_of_polygon,
}
