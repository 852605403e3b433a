"""Anchor coverage: which objects no anchor reaches, that is, no anchor has an IoU of 0.5 or more with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from boxwright.core import anchors
from boxwright.core.artifacts.diagnosis import Coverage
from boxwright.core.findings import Severity
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.evidence import of_classes

# COCO's bounds of small and medium, but in pixels of the network's input instead of the image.
SIZES = {"small (< 32 px)": (0, 32), "medium (32-96 px)": (32, 96), "large (> 96 px)": (96, np.inf)}
GOOD_ENOUGH = 0.04
# Shares of a class out of reach, set by hand.
OUT_OF_REACH: dict[Severity, float] = {"high": 0.5, "medium": 0.15, "low": 0.0}
# New anchors may lose this share of a class, or one object.
TRADE = 0.01


@dataclass(frozen=True)
class SizeLoss:
    """A range of sizes of a class of which a plan's anchors miss more. before, after: the shares out of reach. n: objects."""

    class_id: int
    size: str
    n: int
    before: float
    after: float


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


def starved(misses: np.ndarray, class_ids: np.ndarray) -> list[int]:
    """Ids of the classes with more than one object, and more than 4 % of their objects, out of reach; the worst first.

    misses: (n,) whether an object is out of reach. class_ids: (n,) from 1.
    """
    counts = np.bincount(class_ids)
    missed = np.bincount(class_ids, misses)
    short = [int(i) for i in np.flatnonzero(counts) if not enough(int(missed[i]), int(counts[i]))]
    return sorted(short, key=lambda i: (-missed[i] / counts[i], -missed[i], i))


def size_groups(boxes_yxyx: np.ndarray, class_ids: np.ndarray, input_size: int) -> np.ndarray:
    """(n,) one number for each class and range of sizes: the class times the number of ranges, plus the range."""
    bounds = [high for _, high in SIZES.values()][:-1]
    return class_ids * len(SIZES) + np.digitize(side_pixels(boxes_yxyx, input_size), bounds)


def size_losses(
    boxes_yxyx: np.ndarray, class_ids: np.ndarray, before: np.ndarray, after: np.ndarray, input_size: int
) -> tuple[SizeLoss, ...]:
    """The ranges of size of a class of which new anchors miss more: more than one object, and more than 1 % of the range.

    before, after: (n,) best IoU of each object under the earlier and the new anchors.
    """
    labels, cells = list(SIZES), size_groups(boxes_yxyx, class_ids, input_size)
    counts = np.bincount(cells)
    missed = [np.bincount(cells, iou < anchors.MATCHED_IOU) for iou in (before, after)]
    lost = np.flatnonzero(missed[1] - missed[0] > np.maximum(1, TRADE * counts))
    return tuple(
        SizeLoss(
            class_id=int(cell) // len(labels),
            size=labels[cell % len(labels)],
            n=int(counts[cell]),
            before=float(missed[0][cell] / counts[cell]),
            after=float(missed[1][cell] / counts[cell]),
        )
        for cell in lost
    )


def sizes_lost(losses: Sequence[SizeLoss], names: Sequence[str]) -> str:
    """The losses as `large (> 96 px) RBC: 3.2 instead of 0.0 % (n = 120)`."""
    return "; ".join(
        f"{loss.size} {names[loss.class_id - 1]}: {100 * loss.after:.1f} instead of {100 * loss.before:.1f} % (n = {loss.n:,})"
        for loss in losses
    )


def puts_right(before: float, after: float) -> bool:
    """Whether new anchors solve the problem of a class. before, after: the shares out of reach.

    They do if at most 4 %, or at most half of the earlier share, stay out of reach.
    """
    return after < before and after <= max(GOOD_ENOUGH, before / 2)


def mostly_answered(misses: np.ndarray, left: np.ndarray, class_ids: np.ndarray) -> bool:
    """Whether new anchors solve most of the problem of the starved classes.

    They do if they bring at least half of what is out of reach into reach, counted one by one and as the mean over the classes,
    put the worst class right, and leave nothing severe. misses, left: (n,) whether an object is out of reach before and after.
    """
    short = starved(misses, class_ids)
    if not short:
        return True
    own = np.isin(class_ids, short)
    before, after = ([missed[class_ids == i].mean() for i in short] for missed in (misses, left))
    half = left[own].sum() <= misses[own].sum() / 2 and sum(after) <= sum(before) / 2
    severe = of_classes(left & own, class_ids, OUT_OF_REACH) == "high"
    return bool(half) and puts_right(before[0], after[0]) and not severe
