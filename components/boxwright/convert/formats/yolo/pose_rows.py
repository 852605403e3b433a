"""Recognises rows of a box with keypoints (pose) among rows that could be polygons."""

from collections.abc import Sequence
from typing import NamedTuple

from boxwright.convert.formats.yolo.rows import BOX

# Ultralytics' rows of keypoints all have one count of numbers. Polygons rarely do.
_SAME_COUNT = 0.9
# The shares of rows in which the box holds the keypoints, and in which the keypoints reach over a good part of the box. A polygon
# of a small object can hold by chance, in up to half of the rows, but its points then fill little of the box.
_HOLD, _FILL, _LEAST_EXTENT = 0.98, 0.5, 0.3
# With so many rows of which all hold, chance is left out (0.5 ** 10). Below three rows, polygons are the rule.
_CERTAIN, _FEWEST = 10, 3
# How far the box may be outside of the image, and a point outside of the box. Keypoints have fewer digits than boxes.
_EDGE = 0.01
# 0: not labelled; 1: hidden; 2: visible.
_VISIBILITY = {0.0, 1.0, 2.0}
# Numbers of each keypoint, and numbers that follow all of them. The third number can be a confidence, too.
_WAYS = ((2, 0), (3, 0), (3, 1), (2, 1))


class Fit(NamedTuple):
    """numbers: of each keypoint, 2 or 3. more: 1 if a confidence follows the keypoints, else 0. certain: the rows are no
    polygons."""

    numbers: int
    more: int
    certain: bool


def fit(rows: Sequence[Sequence[float]], count: int, polygons: int) -> Fit | None:
    """Whether rows of one count of numbers can be a box with keypoints; None if they cannot.

    rows: the numbers after the class; a sample. count: all rows with this count of numbers. polygons: all rows that could be
    polygons, with any count.
    """
    if not rows or count < _SAME_COUNT * polygons:
        return None
    if _have_visibility(rows) and _share_held(rows, 3) >= _HOLD:
        return Fit(3, 0, certain=True)
    way = next((way for way in _WAYS if _fits(rows, *way)), None)
    if way is None:
        return None
    if len(rows) >= _CERTAIN or not any(map(_can_be_polygon, rows)):
        return Fit(*way, certain=True)
    return Fit(*way, certain=False) if len(rows) >= _FEWEST else None


def _have_visibility(rows: Sequence[Sequence[float]]) -> bool:
    return (len(rows[0]) - BOX) % 3 == 0 and all(set(row[BOX + 2 :: 3]) <= _VISIBILITY for row in rows)


def _share_held(rows: Sequence[Sequence[float]], numbers: int) -> float:
    return sum(_extent(row, numbers) is not None for row in rows) / len(rows)


def _fits(rows: Sequence[Sequence[float]], numbers: int, more: int) -> bool:
    length = len(rows[0]) - BOX - more
    if length < numbers or length % numbers:
        return False
    extents = [_extent(row[: BOX + length], numbers) for row in rows]
    held = [extent for extent in extents if extent is not None]
    return len(held) >= _HOLD * len(rows) and sum(extent >= _LEAST_EXTENT for extent in held) >= _FILL * len(rows)


def _extent(row: Sequence[float], numbers: int) -> float | None:
    """The part of the box's width or height, whichever is more, over which the keypoints reach. None if the box is not inside of
    the image, or does not hold the keypoints.

    A keypoint at 0, 0 is not labelled. One keypoint alone has no extent: the result is 1 if the row can be no polygon, else 0.
    """
    x, y, width, height = row[:BOX]
    if not (0 < width <= 1 + _EDGE and 0 < height <= 1 + _EDGE and _is_inside(x, width) and _is_inside(y, height)):
        return None
    points = [(px, py) for px, py in zip(row[BOX::numbers], row[BOX + 1 :: numbers], strict=True) if px or py]
    if any(abs(px - x) > width / 2 + _EDGE or abs(py - y) > height / 2 + _EDGE for px, py in points):
        return None
    if len(points) < 2:
        return 0.0 if _can_be_polygon(row) else 1.0
    xs, ys = zip(*points, strict=True)
    return max((max(xs) - min(xs)) / width, (max(ys) - min(ys)) / height)


def _is_inside(center: float, side: float) -> bool:
    return center - side / 2 >= -_EDGE and center + side / 2 <= 1 + _EDGE


def _can_be_polygon(row: Sequence[float]) -> bool:
    """Whether the second point lies near the others, as the points of a polygon do. In a box, it is the width and the height."""
    xs, ys = [row[0], *row[4::2]], [row[1], *row[5::2]]
    reach = max(max(xs) - min(xs), max(ys) - min(ys))
    return min(xs) - reach <= row[2] <= max(xs) + reach and min(ys) - reach <= row[3] <= max(ys) + reach
