"""Functions on boxes. `boxes_yxyx` is always a float array (n, 4) of ymin, xmin, ymax, xmax; no function changes it in place.

Any unit is allowed, if all arguments of a call have the same.
"""

from collections.abc import Iterable, Mapping

import numpy as np


def from_coco(things: Iterable[Mapping]) -> np.ndarray:
    """(n, 4) boxes of COCO annotations or detections, in the same unit. Their `bbox` is [x, y, width, height]."""
    x, y, width, height = np.array([thing["bbox"] for thing in things], float).reshape(-1, 4).T
    return np.stack([y, x, y + height, x + width], axis=1)


def area(boxes_yxyx: np.ndarray) -> np.ndarray:
    """(n,) areas in squared units of the boxes; an inverted box has area 0."""
    sides = np.maximum(boxes_yxyx[:, 2:] - boxes_yxyx[:, :2], 0.0)
    return sides[:, 0] * sides[:, 1]


def clip(boxes_yxyx: np.ndarray, window_yxyx: np.ndarray) -> np.ndarray:
    """(n, 4) the part of each box inside the window, (4,). A box outside becomes a box of area 0 on the window's edge."""
    low, high = np.tile(window_yxyx[:2], 2), np.tile(window_yxyx[2:], 2)
    return np.clip(boxes_yxyx, low, high)


def intersection(boxes_yxyx: np.ndarray, others_yxyx: np.ndarray) -> np.ndarray:
    """(n, m) intersection areas of each of n boxes with each of m others."""
    low = np.maximum(boxes_yxyx[:, None, :2], others_yxyx[None, :, :2])
    high = np.minimum(boxes_yxyx[:, None, 2:], others_yxyx[None, :, 2:])
    sides = np.maximum(high - low, 0.0)
    return sides[..., 0] * sides[..., 1]


def iou(boxes_yxyx: np.ndarray, others_yxyx: np.ndarray) -> np.ndarray:
    """(n, m) intersection over union in 0..1; 0 where both boxes are empty."""
    shared = intersection(boxes_yxyx, others_yxyx)
    union = area(boxes_yxyx)[:, None] + area(others_yxyx)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
