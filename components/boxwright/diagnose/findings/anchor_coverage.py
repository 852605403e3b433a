"""Anchor coverage: which objects no anchor of a recipe can reach at the IoU that makes it a positive example."""

import numpy as np
from scipy import stats

from boxwright.core import anchors
from boxwright.core.artifacts.diagnosis import Coverage
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.plan import prediction

# COCO's bounds of small and medium, in pixels of the network's input instead of the picture's.
SIZES = {"small (< 32 px)": (0, 32), "medium (32-96 px)": (32, 96), "large (> 96 px)": (96, np.inf)}
GOOD_ENOUGH = 0.04


def unreachable(data: Data, best_iou: np.ndarray) -> dict[str, float]:
    """Share of the training objects per class with no anchor at IoU 0.5; best_iou: (n,) of each of them."""
    ids = data.boxes_in("train")[1]
    misses = best_iou < anchors.MATCHED_IOU
    return {name: float(misses[ids == i].mean()) for i, name in enumerate(data.classes, 1) if (ids == i).any()}


def by_size(data: Data, stock_iou: np.ndarray, used_iou: np.ndarray, input_size: int) -> tuple[Coverage, ...]:
    """The unreachable shares of each class and size that has training objects, in the order of classes and sizes.

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
    """Whether so few of n objects are out of reach that anchors need no change: 4 %, or one object."""
    return missed <= max(1, GOOD_ENOUGH * n)


def puts_right(before: float, after: float) -> bool:
    """Whether anchors that leave the share `after` of a class out of reach, instead of `before`, put that right: what is left is
    little, or at most half of it."""
    return after < before and after <= max(GOOD_ENOUGH, before / 2)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson score)."""
    low, high = stats.binomtest(int(hits), int(n)).proportion_ci(method="wilson")
    return round(float(low), 4), round(float(high), 4)


def share(metric: str, hits: np.ndarray, where: str) -> Evidence:
    """The share of True in hits (n,), with its interval."""
    value = round(float(hits.mean()), 4)
    return Evidence(metric=metric, value=value, n=len(hits), interval=wilson(hits.sum(), len(hits)), where=where)


def findings(
    data: Data, stock: Recipe, planned: Recipe, stock_iou: np.ndarray, planned_iou: np.ndarray
) -> list[Finding]:
    """One finding for each class of which the stock recipe leaves more than 4 % (and more than one object) out of reach.

    stock_iou, planned_iou: (n,) best IoU of each training object under the two recipes.
    """
    boxes_yxyx, ids = data.boxes_in("train")
    pixels = side_pixels(boxes_yxyx, stock.input_size)
    found = []
    for i, name in enumerate(data.classes, 1):
        of_class = ids == i
        misses = stock_iou[of_class] < anchors.MATCHED_IOU
        if not enough(misses.sum(), len(misses)):
            left = planned_iou[of_class] < anchors.MATCHED_IOU
            found.append(_finding(name, len(data.classes), pixels[of_class], misses, left, stock, planned))
    return found


def _finding(
    name: str, classes: int, pixels: np.ndarray, misses: np.ndarray, left: np.ndarray, stock: Recipe, planned: Recipe
) -> Finding:
    before, after = float(misses.mean()), float(left.mean())
    gain = prediction.anchors_gain(before, after)
    where = "tables/objects.parquet, split train"
    sized = [
        share(f"unreachable under the {which} anchors, {label}", hits[(pixels >= low) & (pixels < high)], where)
        for label, (low, high) in SIZES.items()
        for which, hits in ((_whose(stock), misses), ("planned", left))
        if ((pixels >= low) & (pixels < high)).any()
    ]
    return Finding(
        id="anchors_unreachable",
        subject=name,
        cause="recipe",
        severity=_severity(before),
        claim=_claim(name, misses, float(np.median(pixels[misses])), stock),
        evidence=(
            share(f"unreachable under the {_whose(stock)} anchors", misses, where),
            share("unreachable under the planned anchors", left, where),
            *sized,
        ),
        remedy=_remedy(planned, before, after),
        expected_effect=f"about {100 * gain:+.0f} points of AP50 on {name}, {100 * gain / classes:+.1f} on the mean of "
        f"{classes} classes; {prediction.BASIS}"
        if after < before
        else "not measured here",
        effect_points=round(100 * gain / classes, 1) if after < before else None,
        confidence="medium",
    )


def _claim(name: str, misses: np.ndarray, median_pixels: float, stock: Recipe) -> str:
    whose = _whose(stock)
    smallest = min(float(np.sqrt(shape.prod())) for shape in np.concatenate(anchors.layer_shapes(stock.anchors)))
    return (
        f"{misses.mean():.1%} of the {len(misses)} training {name} are starved: no {whose} anchor reaches IoU 0.5 with them. At "
        f"the {stock.input_size} px input their median size is {median_pixels:.0f} px, that of the smallest {whose} anchor "
        f"{smallest * stock.input_size:.0f} px. Training keeps such an object only by force-matching it to one badly fitting "
        "anchor instead of several good ones."
    )


def _whose(recipe: Recipe) -> str:
    return "stock" if recipe.stock else "given"


def _severity(missing: float) -> Severity:
    return "high" if missing >= 0.5 else "medium" if missing >= 0.15 else "low"


def _remedy(planned: Recipe, before: float, after: float) -> str:
    tiles = "Take the pictures from closer, or cut them into overlapping tiles before converting, so that the objects get larger."
    if after >= before:
        return f"No anchors on the grids this model has reach more without taking from another class. {tiles}"
    if not puts_right(before, after):
        return f"Also under the planned anchors, the best that there are, {after:.1%} stay out of reach. {tiles}"
    scales = ", ".join(f"{s:g}" for s in planned.anchors.scales)
    return (
        f"Train on the {planned.grid.replace('stride', 'stride-')} grid with scales {scales}, fitted for all classes at once: "
        f"{after:.1%} stay out of reach. Lowering min_scale alone would take from one class what it gives another."
    )
