"""Anchor coverage: which objects no anchor reaches, that is, no anchor has an IoU of 0.5 or more with them."""

import numpy as np

from boxwright.core import anchors
from boxwright.core.artifacts.diagnosis import Coverage
from boxwright.diagnose.data import Data

# COCO's bounds of small and medium, but in pixels of the network's input instead of the image.
SIZES = {"small (< 32 px)": (0, 32), "medium (32-96 px)": (32, 96), "large (> 96 px)": (96, np.inf)}
GOOD_ENOUGH = 0.04


def unreachable(data: Data, best_iou: np.ndarray) -> dict[str, float]:
    """By class, the share of the training objects that no anchor reaches. best_iou: (n,) of each training object."""
    ids = data.boxes_in("train")[1]
    misses = best_iou < anchors.MATCHED_IOU
    return {name: float(misses[ids == i].mean()) for i, name in enumerate(data.classes, 1) if (ids == i).any()}


def by_size(data: Data, stock_iou: np.ndarray, used_iou: np.ndarray, input_size: int) -> tuple[Coverage, ...]:
    """The unreachable share for each class and size with training objects, in the order of classes and sizes.

    stock_iou, used_iou: (n,) best IoU of each training object under the two recipes.
    """
    boxes_yxyx, ids = data.boxes_in("train")
    missed = [iou < anchors.MATCHED_IOU for iou in (stock_iou, used_iou)]
    pixels = side_pixels(boxes_yxyx, input_size)
    return tuple(
        Coverage(
            class_name=name,
            size=size,
            n=int(chosen.sum()),
            stock=missed[0][chosen].mean(),
            used=missed[1][chosen].mean(),
        )
        for i, name in enumerate(data.classes, 1)
        for size, (low, high) in SIZES.items()
        if (chosen := (ids == i) & (pixels >= low) & (pixels < high)).any()
    )


def side_pixels(boxes_yxyx: np.ndarray, input_size: int) -> np.ndarray:
    """(n,) side (square root of the area) of boxes in pixels of the network's input."""
    return np.sqrt(np.prod(boxes_yxyx[:, 2:] - boxes_yxyx[:, :2], axis=1)) * input_size


def enough(missed: int, n: int) -> bool:
    """Whether the anchors are good enough for n objects: at most 4 % of them, or only one, are out of reach."""
    return missed <= max(1, GOOD_ENOUGH * n)


def puts_right(before: float, after: float) -> bool:
    """Whether new anchors solve the problem of a class. before, after: the shares out of reach.

    They do if at most 4 %, or at most half of the earlier share, stay out of reach.
    """
    return after < before and after <= max(GOOD_ENOUGH, before / 2)
