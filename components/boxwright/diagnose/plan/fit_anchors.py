"""Fits anchors to a data set: scales and aspect ratios together, for all classes at once, on a given grid.

Fitting one class, or the scales alone, helps one class at the cost of another. On BCCD a lower `min_scale` gained 6.5 points of
AP50 on Platelets and lost 4.4 on RBC. So the objective weights all classes equally, and the worst class twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import differential_evolution

from boxwright.core.anchors import MATCHED_IOU, InCells, grid_sides
from boxwright.core.recipe import Anchors
from boxwright.diagnose.measures.misfit import LONG

Bounds = Sequence[tuple[float, float]]

# An IoU of 0.6 counts nearly fully, one of 0.4 hardly at all. This leaves some room for objects that were not seen.
_MARGIN, _WIDTH = 0.05, 0.04
# The most objects in the sample, of each class and in all. The search evaluates the whole sample about 2,000 times.
_OBJECTS_PER_CLASS, _OBJECTS = 250, 3_000
# Bounds of: smallest scale at 300 px, largest scale, spacing exponent (1 is geometric).
_SCALES = ((0.03, 0.45), (0.25, 0.95), (0.6, 1.6))
_AT = 300
# Bounds of the narrowest and the widest ratio (width/height) beside a square.
_RATIOS = ((0.3, 0.9), (1.1, 3.3))
# If a tenth of the objects of a class are long (LONG), three ratios are searched that need not be square. No ratio is
# beyond 10: such an object hardly ever meets an anchor, and its neighbour in size would miss it.
_LONG_SHARE, _LONGEST = 0.1, 10.0
# Anchors without a square are used if they score this much more: one percent of the objects in the mean and in the worst class.
_WORTH = 0.02


@dataclass(frozen=True)
class Fit:
    """The search space: scales from `smallest` to `largest`, log-spaced with an exponent, and three aspect ratios."""

    smallest: float
    largest: float
    spacing: float
    ratios: tuple[float, ...]

    def anchors(self, layers: int) -> Anchors:
        largest = max(self.largest, 1.5 * self.smallest)
        places = (np.arange(layers) / (layers - 1)) ** self.spacing
        scales = self.smallest * (largest / self.smallest) ** places
        ratios = tuple(round(float(ratio), 2) for ratio in self.ratios)
        return Anchors(scales=tuple(round(float(s), 3) for s in scales), aspect_ratios=ratios)


def fit(boxes_yxyx: np.ndarray, class_ids: np.ndarray, grid: str, layers: int, input_size: int, seed: int) -> Anchors:
    """The anchors on `grid` with the best `score`. Deterministic.

    Each cell has four anchors: a square at an extra scale, and three ratios. One of the three is 1, unless many objects are long
    and other ratios fit better. boxes_yxyx: (n, 4) in 0..1. class_ids: (n,). layers: number of feature maps.
    """
    chosen = sample(class_ids, seed)
    boxes, ids = boxes_yxyx[chosen], class_ids[chosen]
    search = _Search(InCells(boxes, grid_sides(grid, input_size, layers)), ids, layers, _scales(input_size), seed)
    quality, square = search.best(_RATIOS, lambda two: (1.0, *two))
    logs = log_ratios(boxes)
    if not _many_long(logs, ids):
        return square
    bounds = np.clip(np.quantile(logs, [0.02, 0.98]), -np.log(_LONGEST), np.log(_LONGEST))
    better, free = search.best([tuple(bounds)] * 3, lambda three: sorted(np.exp(three)))
    return free if better > quality + _WORTH else square


@dataclass(frozen=True, eq=False)
class _Search:
    """Where anchors are searched: the objects and their cells, the number of maps, the bounds of the scales."""

    boxes: InCells
    class_ids: np.ndarray
    layers: int
    scales: Bounds
    seed: int

    def best(self, bounds: Bounds, ratios: Callable[[np.ndarray], Sequence[float]]) -> tuple[float, Anchors]:
        """The best score and its anchors. bounds: of the parameters besides the scales. ratios: makes three ratios of them."""

        def layout(parameters: np.ndarray) -> Anchors:
            smallest, largest, spacing = parameters[:3]
            return Fit(smallest, largest, spacing, tuple(ratios(parameters[3:]))).anchors(self.layers)

        def loss(parameters: np.ndarray) -> float:
            shapes = self.boxes.best_iou_per_shape(layout(parameters))
            return -score(np.max([iou for _, iou in shapes], axis=0), self.class_ids)

        settings: dict[str, Any] = {"popsize": 8, "maxiter": 25, "tol": 1e-4, "polish": False}
        settings["seed"] = self.seed  # SciPy renames it
        found = differential_evolution(loss, [*self.scales, *bounds], **settings)
        return -float(found.fun), layout(found.x)


def _scales(input_size: int) -> Bounds:
    """The bounds of the scales. The smallest anchor is one of 9 px, about one cell of the finest map, at any input."""
    (smallest, most), *others = _SCALES
    return [(min(smallest, smallest * _AT / input_size), most), *others]


def log_ratios(boxes_yxyx: np.ndarray) -> np.ndarray:
    """(n,) logarithm of width / height of boxes."""
    height, width = np.maximum(boxes_yxyx[:, 2:] - boxes_yxyx[:, :2], 1e-9).T
    return np.log(width / height)


def _many_long(logs: np.ndarray, class_ids: np.ndarray) -> bool:
    """Whether a tenth of the objects of a class are long."""
    _, numbers = np.unique(class_ids, return_inverse=True)
    shares = np.bincount(numbers, np.abs(logs) > np.log(LONG)) / np.bincount(numbers)
    return bool((shares >= _LONG_SHARE).any())


def score(best_iou: np.ndarray, class_ids: np.ndarray) -> float:
    """The quality of anchors: the soft share of objects in reach, as the mean over classes, plus the share of the worst class,
    plus 0.2 times the mean IoU."""
    soft = 1 / (1 + np.exp(-(best_iou - MATCHED_IOU - _MARGIN) / _WIDTH))
    _, numbers = np.unique(class_ids, return_inverse=True)
    per_class = np.bincount(numbers, soft) / np.bincount(numbers)
    return float(np.mean(per_class) + np.min(per_class) + 0.2 * best_iou.mean())


def sample(class_ids: np.ndarray, seed: int) -> np.ndarray:
    """Indices of the objects that the search uses: at most 250 of each class, because all classes count equally."""
    random = np.random.default_rng(seed)
    per_class = [np.flatnonzero(class_ids == k) for k in np.unique(class_ids)]
    most = min(_OBJECTS_PER_CLASS, max(1, _OBJECTS // max(len(per_class), 1)))
    return np.concatenate([random.permutation(rows)[:most] for rows in per_class])
