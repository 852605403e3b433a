"""Whether two pictures show the same content: they are aligned by their local features, and then compared place by place."""

import itertools
from typing import Literal, NamedTuple

import cv2
import numpy as np

from boxwright.core.boxes import iou
from boxwright.validate.pictures.thumbnails import Thumbnail

# Lowe's ratio test, and RANSAC's error in pixels of a thumbnail.
_RATIO, _ERROR = 0.8, 4.0
# Features that agree on one map. Copies have 25 or more, but unrelated pictures of cards reach 60, so the
# content decides.
LEAST_POINTS = 12
# The models of an alignment, the simplest first. The second must explain clearly more features: by this factor, and so many.
_MODELS, _CLEARLY, _MORE = (cv2.estimateAffinePartial2D, cv2.estimateAffine2D), 1.05, 5
# Nobody zooms more when augmenting, and features do not survive it. A picture of 16:9 that was made square is stretched by 1.8,
# and a shear of 15 degrees by 1.3.
_MOST_ZOOM, _MOST_STRETCH = 3.0, 2.0
# Degrees, and shares of a side, from which on a copy is called rotated, zoomed or sheared. Neighbouring slices of a head and
# frames of a hand-held camera turn by 2 to 4.9 degrees, and nobody rotated them.
_TURN, _ZOOM, _SHEAR = 5.0, 0.04, 0.06
# Pixels of a block in the picture of half the size, and how far it is searched: an alignment is not exact, and things stick out.
_BLOCK, _SHIFT = 10, 1
# Pixels of the smallest object that is compared, and how far it is searched, as a share of its side.
_SMALLEST, _SEARCH = 8, 0.15
# The least standard deviation of a place that is compared, in grey values (0..255). Less is noise, which copies do not share.
_FLAT = 4.0
# Correlation of a block that shows the same, and of a whole object. Measured: 95 % of the objects have 0.9 or more in rotated,
# zoomed and noisy copies of three real sets and in views of BCCD that overlap. Other words in a form have 0.69 at most, other
# objects before a fixed camera 0.57.
_PLACE, _OBJECT = 0.6, 0.8
# A chess piece and another one on the same square correlate by up to 0.9. So an object whose place has a box of another class in
# the other picture must be a copy: this correlation. A box has the same place from this IoU on.
_COPIED, _SAME_PLACE = 0.95, 0.5
_MOST_OBJECTS = 25
# With a smaller share of places that agree, the objects are not looked at.
_WORTH = 0.5
# Share of a place that both pictures must show.
_SEEN = 0.8


class Agreement(NamedTuple):
    """matrix: (2, 3) from pixels of the first picture to those of the second. points: features that agree with it.

    overlap: share of the first picture that the second shows, or of the second that the first shows; the larger one.
    covered: share of what both show that has texture. places: (n,) correlation of each block with texture. background: (m,)
    those outside of the objects. objects: (k,) correlation of each object.
    """

    matrix: np.ndarray
    points: int
    overlap: float
    covered: float
    places: np.ndarray
    background: np.ndarray
    objects: np.ndarray

    @property
    def still(self) -> bool:
        """Whether both pictures have one view: no rotation above 1 degree, no zoom above 2 %, no shift above 5 % of 320 px."""
        change = np.linalg.norm(self.matrix[:, :2] - np.eye(2)) / np.sqrt(2)
        return bool(change < 0.02 and np.hypot(*self.matrix[:, 2]) < 16)

    @property
    def change(self) -> Literal["rotated", "zoomed", "sheared"] | None:
        """What was done to the picture, the first that is worth a word; None if nothing is."""
        linear = self.matrix[:, :2]
        turn = np.degrees(np.arctan2(linear[1, 0] - linear[0, 1], np.trace(linear)))  # of the nearest rotation
        if _stretch(self.matrix) - 1 >= _SHEAR:
            return "sheared"
        if abs(turn) >= _TURN:
            return "rotated"
        return "zoomed" if abs(_zoom(self.matrix) - 1) >= _ZOOM else None


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
    overlap = seen.mean() * max(1.0, height * width * _zoom(matrix) ** 2 / (tall * wide))
    one, two = (cv2.GaussianBlur(grey, (5, 5), 1.2) for grey in (first.grey, other))
    correlation = _correlations(one, two)
    places = _blocks(correlation, seen)
    covered = len(places) * (2 * _BLOCK) ** 2 / max(1, np.count_nonzero(seen))
    boxes, renamed = _objects(first, second, matrix)
    background = _blocks(correlation, _outside(seen, boxes))
    worth = max(np.nan_to_num([places_agree(places), places_agree(background)])) >= _WORTH
    scores = np.array(
        [np.nan if score is None else score for box in boxes if worth for score in [_object(one, two, seen, box)]]
    )
    scores[renamed[: len(scores)] & (scores < _COPIED)] = 0
    objects = scores[~np.isnan(scores)]
    return Agreement(matrix, points, float(min(1.0, overlap)), covered, places, background, objects)


def _objects(first: Thumbnail, second: Thumbnail, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 4) boxes of both pictures, in the first; and (n,) whether only other classes are there in the other picture."""
    mine, theirs = _few(first.boxes), _few(second.boxes)
    boxes = first.boxes[mine], _moved(second.boxes[theirs], cv2.invertAffineTransform(matrix))
    there = iou(*boxes) >= _SAME_PLACE
    same = first.classes[mine, None] == second.classes[None, theirs]
    renamed = [there.any(axis) & ~(there & same).any(axis) for axis in (1, 0)]
    return np.concatenate(boxes), np.concatenate(renamed)


def _align(first: Thumbnail, second: Thumbnail) -> tuple[np.ndarray, int] | None:
    """The map that most matched features agree on (RANSAC), and how many do: a rotation with a zoom and a shift or, if that
    explains clearly more of them, an affine map. Augmentations shear, and pictures are stretched when they are made square."""
    if min(len(first.bits), len(second.bits)) < LEAST_POINTS:
        return None
    nearest = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(first.bits, second.bits, k=2)
    pairs = np.array([(a.queryIdx, a.trainIdx) for a, b in nearest if a.distance < _RATIO * b.distance], int)
    if len(pairs) < LEAST_POINTS:
        return None
    points = first.points[pairs[:, 0]], second.points[pairs[:, 1]]
    rigid, affine = (_fitted(estimate(*points, ransacReprojThreshold=_ERROR, maxIters=500)) for estimate in _MODELS)
    matrix, inliers = affine if affine[1] >= _CLEARLY * rigid[1] + _MORE else rigid
    if inliers < LEAST_POINTS or np.linalg.det(matrix[:, :2]) <= 0:
        return None
    likely = 1 / _MOST_ZOOM <= _zoom(matrix) <= _MOST_ZOOM and _stretch(matrix) <= _MOST_STRETCH
    return (matrix, inliers) if likely else None


def _fitted(found: tuple[np.ndarray | None, np.ndarray]) -> tuple[np.ndarray, int]:
    """The map and how many points agree with it; 0 if there is no map."""
    matrix, inliers = found
    return (np.zeros((2, 3)), 0) if matrix is None else (matrix, int(inliers.sum()))


def _zoom(matrix: np.ndarray) -> float:
    """The side of what a unit square becomes, as a square of the same area."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def _stretch(matrix: np.ndarray) -> float:
    """The longest side of what a unit circle becomes, in its shortest ones."""
    longest, shortest = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return float(longest / max(shortest, 1e-9))


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


def _correlations(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """(h / 2, w / 2) correlation of the block around each pixel at half the size; NaN where neither picture has texture."""
    a, b = _half(one), _half(two)
    mean_a, spread_a = _moments(a)
    mean_b, spread_b = _moments(b)
    best = np.full(a.shape, -1.0, np.float32)
    for step in itertools.product(range(-_SHIFT, _SHIFT + 1), repeat=2):
        moved, mean, spread = (np.roll(values, step, (0, 1)) for values in (b, mean_b, spread_b))
        np.maximum(best, (_mean(a * moved) - mean_a * mean) / np.maximum(spread_a * spread, 1e-3), out=best)
    return np.where(np.maximum(spread_a, spread_b) >= _FLAT, best, np.nan)


def _blocks(correlation: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """(n,) correlation of each block with texture. shown: (h, w) bool, where to look."""
    seen = _mean(cv2.resize(shown.astype(np.float32), correlation.shape[::-1], interpolation=cv2.INTER_AREA))
    at = slice(_BLOCK // 2 + _SHIFT, -_BLOCK // 2 - _SHIFT, _BLOCK)
    values = np.where(seen >= _SEEN, correlation, np.nan)[at, at]
    return values[~np.isnan(values)]


def _half(grey: np.ndarray) -> np.ndarray:
    return cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.float32)


def _mean(values: np.ndarray) -> np.ndarray:
    return cv2.blur(values, (_BLOCK, _BLOCK))


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the block around each pixel."""
    mean = _mean(values)
    return mean, np.sqrt(np.maximum(_mean(values * values) - mean * mean, 0))


def _few(boxes: np.ndarray) -> np.ndarray:
    """(k,) rows of the largest ones."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return np.argsort(-area, kind="stable")[:_MOST_OBJECTS]


def _moved(boxes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Upright boxes of the zoomed size around the moved centers."""
    zoom = _zoom(matrix)
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


def places_agree(values: np.ndarray) -> float:
    """The share of blocks that agree; NaN if none was compared."""
    return float((values >= _PLACE).mean()) if len(values) else float("nan")


def objects_agree(values: np.ndarray) -> float:
    """The share of objects that agree; NaN if none was compared."""
    return float((values >= _OBJECT).mean()) if len(values) else float("nan")
