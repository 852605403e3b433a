"""Whether two pictures show the same content: they are aligned by their local features, and then compared place by place."""

from typing import NamedTuple

import cv2
import numpy as np

from boxwright.validate.pictures.thumbnails import Thumbnail

# Lowe's ratio test, and RANSAC's error in pixels of a thumbnail.
_RATIO, _ERROR = 0.8, 4.0
# Features that agree on one rotation, zoom and shift. Copies have 25 or more, but unrelated pictures of cards reach 60, so the
# content decides.
LEAST_POINTS = 12
# Nobody zooms more when augmenting, and features do not survive it.
_MOST_ZOOM = 3.0
# Pixels of a block in the picture of half the size, and how far it is searched: an alignment is not exact, and things stick out.
_BLOCK, _SHIFT = 10, 1
# Pixels of the smallest object that is compared, and how far it is searched, as a share of its side.
_SMALLEST, _SEARCH = 8, 0.15
# The least standard deviation of a place that is compared, in grey values (0..255). Less is noise, which copies do not share.
_FLAT = 4.0
# Correlation of a block or an object that shows the same.
_AGREES = 0.6
_MOST_OBJECTS = 50
# Share of a place that both pictures must show.
_SEEN = 0.8


class Agreement(NamedTuple):
    """matrix: (2, 3) from pixels of the first picture to those of the second. points: features that agree with it.

    overlap: share of the first picture that the second shows, or of the second that the first shows; the larger one.
    places: (n,) correlation of each block with texture. background: (m,) those outside of the objects. objects: (k,) that of each
    object.
    """

    matrix: np.ndarray
    points: int
    overlap: float
    places: np.ndarray
    background: np.ndarray
    objects: np.ndarray

    @property
    def still(self) -> bool:
        """Whether both pictures have one view: no rotation above 1 degree, no zoom above 2 %, no shift above 5 % of 320 px."""
        turn = np.hypot(self.matrix[0, 0] - 1, self.matrix[1, 0])
        return bool(turn < 0.02 and np.hypot(*self.matrix[:, 2]) < 16)

    @property
    def turned(self) -> bool:
        """Whether one is rotated by more than 2 degrees or zoomed by more than 4 %."""
        return bool(np.hypot(self.matrix[0, 0] - 1, self.matrix[1, 0]) >= 0.04)


def agreement(first: Thumbnail, second: Thumbnail) -> Agreement | None:
    """How far two pictures show the same; None if too few of their features agree."""
    found = _align(first, second)
    return None if found is None else _compared(first, second, *found)


def unmoved(first: Thumbnail, second: Thumbnail) -> Agreement:
    """How far two pictures show the same if one is laid on the other, stretched to its size."""
    (height, width), (tall, wide) = first.grey.shape, second.grey.shape
    return _compared(first, second, np.array([[wide / width, 0, 0], [0, tall / height, 0]]), 0)


def _compared(first: Thumbnail, second: Thumbnail, matrix: np.ndarray, points: int) -> Agreement:
    (height, width), (tall, wide) = first.grey.shape, second.grey.shape
    other, seen = _warped(second.grey, matrix, (width, height))
    zoom = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    overlap = seen.mean() * max(1.0, height * width * zoom**2 / (tall * wide))
    boxes = np.concatenate([_few(first.boxes), _moved(_few(second.boxes), cv2.invertAffineTransform(matrix))])
    one, two = (cv2.GaussianBlur(grey, (5, 5), 1.2) for grey in (first.grey, other))
    objects = [score for box in boxes if (score := _object(one, two, seen, box)) is not None]
    places, background = (_blocks(one, two, shown) for shown in (seen, _outside(seen, boxes)))
    return Agreement(matrix, points, float(min(1.0, overlap)), places, background, np.array(objects))


def _align(first: Thumbnail, second: Thumbnail) -> tuple[np.ndarray, int] | None:
    """The rotation, zoom and shift that most matched features agree on (RANSAC), and how many do."""
    if min(len(first.bits), len(second.bits)) < LEAST_POINTS:
        return None
    nearest = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(first.bits, second.bits, k=2)
    pairs = np.array([(a.queryIdx, a.trainIdx) for a, b in nearest if a.distance < _RATIO * b.distance], int)
    if len(pairs) < LEAST_POINTS:
        return None
    here, there = first.points[pairs[:, 0]], second.points[pairs[:, 1]]
    matrix, inliers = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=_ERROR, maxIters=500)
    if matrix is None or inliers.sum() < LEAST_POINTS:
        return None
    zoom = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    return (matrix, int(inliers.sum())) if 1 / _MOST_ZOOM <= zoom <= _MOST_ZOOM else None


def _warped(grey: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The second picture in the frame of the first, (h, w) uint8, and where it shows something, (h, w) bool."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(np.ones_like(grey), matrix, size, flags=flags)
    return cv2.warpAffine(grey, matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT), seen > 0


def _outside(seen: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(h, w) bool: what both pictures show outside of the objects."""
    outside = seen.copy()
    for top, left, bottom, right in np.clip(boxes, 0, np.tile(seen.shape, 2)).round().astype(int):
        outside[top:bottom, left:right] = False
    return outside


def _blocks(one: np.ndarray, two: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """(n,) correlation of each block with texture, at half the size. shown: (h, w) bool, where to look."""
    a, b = _half(one), _half(two)
    share = _mean(cv2.resize(shown.astype(np.float32), a.shape[::-1], interpolation=cv2.INTER_AREA))
    steps = range(-_SHIFT, _SHIFT + 1)
    best = np.max([_correlation_map(a, np.roll(b, (y, x), (0, 1))) for y in steps for x in steps], axis=0)
    texture = np.maximum(_spread(a), _spread(b)) >= _FLAT
    at = slice(_BLOCK // 2 + _SHIFT, -_BLOCK // 2 - _SHIFT, _BLOCK)
    return best[at, at][(texture & (share >= _SEEN))[at, at]]


def _half(grey: np.ndarray) -> np.ndarray:
    return cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.float32)


def _mean(values: np.ndarray) -> np.ndarray:
    return cv2.blur(values, (_BLOCK, _BLOCK))


def _spread(values: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(_mean(values * values) - _mean(values) ** 2, 0))


def _correlation_map(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    shared = _mean(a * b) - _mean(a) * _mean(b)
    return shared / np.maximum(_spread(a) * _spread(b), 1e-3)


def _few(boxes: np.ndarray) -> np.ndarray:
    """The largest ones."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return boxes[np.argsort(-area, kind="stable")[:_MOST_OBJECTS]]


def _moved(boxes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Upright boxes of the zoomed size around the moved centers."""
    zoom = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    center = np.stack([boxes[:, [1, 3]].mean(1), boxes[:, [0, 2]].mean(1)], 1) @ matrix[:, :2].T + matrix[:, 2]
    half = np.stack([boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]], 1) * zoom / 2
    return np.concatenate([(center - half)[:, ::-1], (center + half)[:, ::-1]], axis=1)


def _object(one: np.ndarray, two: np.ndarray, seen: np.ndarray, box: np.ndarray) -> float | None:
    """The correlation of an object with the best place near it; None if it is too small, flat, or outside of one picture."""
    top, left, bottom, right = np.clip(box, 0, np.tile(one.shape, 2)).round().astype(int)
    if min(bottom - top, right - left) < _SMALLEST or seen[top:bottom, left:right].mean() < _SEEN:
        return None
    y, x = (max(2, round(_SEARCH * side)) for side in (bottom - top, right - left))
    here = one[top:bottom, left:right]
    there = two[max(0, top - y) : bottom + y, max(0, left - x) : right + x]
    if max(here.std(), two[top:bottom, left:right].std()) < _FLAT:
        return None
    return float(cv2.matchTemplate(there, here, cv2.TM_CCOEFF_NORMED).max())


def share(values: np.ndarray) -> float:
    """The share of the places that agree; NaN if none was compared."""
    return float((values >= _AGREES).mean()) if len(values) else float("nan")
