"""Boxes in any order and unit -> yxyx as fractions."""

import numpy as np

from boxwright.examine.reading.reading import Order


def corners(boxes: np.ndarray, order: Order) -> np.ndarray:
    """(n, 4) yxyx in the same unit."""
    a, b, c, d = np.asarray(boxes, np.float64).reshape(-1, 4).T
    sides = {
        "yxyx": (a, b, c, d),
        "xyxy": (b, a, d, c),
        "cxcywh": (b - d / 2, a - c / 2, b + d / 2, a + c / 2),
        "xywh": (b, a, b + d, a + c),
    }
    return np.stack(sides[order], axis=1)


def in_window(boxes_yxyx: np.ndarray, window_yxyx: np.ndarray) -> np.ndarray:
    """(n, 4) boxes as fractions of the image. boxes_yxyx: as fractions of the input. window_yxyx: (4,) the image inside it."""
    start, end = window_yxyx[:2], window_yxyx[2:]
    return (boxes_yxyx - np.tile(start, 2)) / np.tile(end - start, 2)
