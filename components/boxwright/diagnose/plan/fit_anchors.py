"""Fits anchors to a data set: scales and aspect ratios together, for all classes at once, on a given grid.

Fitting one class, or the scales alone, helps one class at the cost of another. On BCCD a lower `min_scale` gained 6.5 points of
AP50 on Platelets and lost 4.4 on RBC. So the objective weights all classes equally, and the worst class twice.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import differential_evolution

from boxwright.core.anchors import MATCHED_IOU, best_iou_per_shape, grid_sides
from boxwright.core.recipe import Anchors

# An IoU of 0.6 counts nearly fully, one of 0.4 hardly at all. This leaves some room for objects that were not seen.
_MARGIN, _WIDTH = 0.05, 0.04
# The most objects in the sample, of each class and in all. The search evaluates the whole sample about 2,000 times.
_OBJECTS_PER_CLASS, _OBJECTS = 250, 5_000
# Bounds of: smallest scale, largest scale, spacing exponent (1 is geometric), narrowest ratio, widest ratio (width/height).
_BOUNDS = ((0.03, 0.45), (0.25, 0.95), (0.6, 1.6), (0.3, 0.9), (1.1, 3.3))


@dataclass(frozen=True)
class Fit:
    """The search space: scales from `smallest` to `largest`, log-spaced with an exponent, and two aspect ratios besides 1."""

    smallest: float
    largest: float
    spacing: float
    narrow: float
    wide: float

    def anchors(self, layers: int) -> Anchors:
        largest = max(self.largest, 1.5 * self.smallest)
        places = (np.arange(layers) / (layers - 1)) ** self.spacing
        scales = self.smallest * (largest / self.smallest) ** places
        ratios = (1.0, round(self.narrow, 2), round(self.wide, 2))
        return Anchors(scales=tuple(round(float(s), 3) for s in scales), aspect_ratios=ratios)


def fit(boxes_yxyx: np.ndarray, class_ids: np.ndarray, grid: str, layers: int, input_size: int, seed: int) -> Anchors:
    """The anchors on `grid` with the best `score`. Deterministic.

    boxes_yxyx: (n, 4) in 0..1. class_ids: (n,). layers: number of feature maps.
    """
    chosen = sample(class_ids, seed)
    boxes, ids = boxes_yxyx[chosen], class_ids[chosen]
    sides = grid_sides(grid, input_size, layers)

    def loss(parameters: np.ndarray) -> float:
        shapes = best_iou_per_shape(boxes, Fit(*parameters).anchors(layers), sides)
        return -score(np.max([iou for _, iou in shapes], axis=0), ids)

    settings: dict[str, Any] = {"popsize": 8, "maxiter": 25, "tol": 1e-4, "polish": False}
    found = differential_evolution(loss, _BOUNDS, seed=seed, **settings)  # pyright: ignore[reportCallIssue]  (SciPy renames seed)
    return Fit(*found.x).anchors(layers)


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
