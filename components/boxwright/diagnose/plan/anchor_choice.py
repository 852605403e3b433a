"""Chooses the grid and anchors of a plan: the cheapest that reach all classes and lose objects of none."""

from dataclasses import dataclass, replace

import numpy as np

from boxwright.core import anchors, models
from boxwright.core.anchors import Laid, Layout
from boxwright.core.recipe import Anchors, Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.anchor_coverage import TRADE, SizeLoss, enough, size_groups, size_losses
from boxwright.diagnose.plan.fit_anchors import fit, sample

# New anchors must bring a tenth of what is out of reach into reach. Less is not worth another head.
_GAIN = 0.9


@dataclass(frozen=True, eq=False)
class Candidate:
    """A grid and anchors, and how well they reach the objects.

    best_iou: (n,) IoU of each training object with its best anchor.
    train, val: by class id, the share of objects out of reach. The choice does not use val.
    fitted: number of objects that the search used.
    worse: the ranges of size of which the diagnosed anchors miss fewer objects.
    """

    grid: str
    anchors: Anchors
    best_iou: np.ndarray
    train: dict[int, float]
    val: dict[int, float]
    fitted: int = 0
    worse: tuple[SizeLoss, ...] = ()


def compared(data: Data, stock: Recipe, theirs: Layout, seed: int) -> tuple[Candidate, Candidate]:
    """Like `choose`, but first the anchors of a training that no recipe can hold. stock: the recipe that is nearest to it."""
    before = _of(data, stock.grid, stock.anchors, theirs)
    best = choose(data, stock, seed)[1]
    boxes_yxyx, ids = data.boxes_in("train")
    worse = size_losses(boxes_yxyx, ids, before.best_iou, best.best_iou, stock.input_size)
    return before, replace(best, worse=worse)


def choose(data: Data, stock: Recipe, seed: int) -> tuple[Candidate, Candidate]:
    """The anchors of the stock recipe, and the anchors of the plan.

    The plan uses the cheapest candidate that reaches all classes. If there is none, it uses the candidate that reaches most, as
    the mean over the classes. It never uses anchors that lose more of a class than one object and 1 % (TRADE).
    """
    best = tried = candidate(data, stock, stock.grid, stock.anchors)
    ids = data.boxes_in("train")[1]
    counts = {i: int((ids == i).sum()) for i in tried.train}
    for grid, maps in models.get(stock.model).grids.items():
        if reaches_all(best, counts):
            break
        layers = maps.planned_maps or len(stock.anchors.scales)
        new = _fitted(data, stock, tried, grid, layers, seed)
        if not _takes(tried, new, counts) and _mean(new) <= _GAIN * _mean(best):
            best = new
    return tried, best


def _fitted(data: Data, stock: Recipe, tried: Candidate, grid: str, layers: int, seed: int) -> Candidate:
    """Anchors that are fitted to the classes. If they lose a range of sizes, they are fitted again, to each range of each class,
    and the second are used if they lose fewer objects of a range, and hardly more (TRADE) of the classes."""
    boxes_yxyx, ids = data.boxes_in("train")

    def fitted(groups: np.ndarray) -> Candidate:
        layout = fit(boxes_yxyx, groups, grid=grid, layers=layers, input_size=stock.input_size, seed=seed)
        new = candidate(data, stock, grid, layout)
        worse = size_losses(boxes_yxyx, ids, tried.best_iou, new.best_iou, stock.input_size)
        return replace(new, fitted=len(sample(groups, seed)), worse=worse)

    new = fitted(ids)
    if not new.worse:
        return new
    again = fitted(size_groups(boxes_yxyx, ids, stock.input_size))
    return again if _lost(again) < _lost(new) and _mean(again) <= _mean(new) + TRADE else new


def _lost(candidate: Candidate) -> float:
    """The number of objects that the ranges of size lose."""
    return sum(loss.n * (loss.after - loss.before) for loss in candidate.worse)


def candidate(data: Data, stock: Recipe, grid: str, layout: Anchors) -> Candidate:
    """How well these anchors on this grid reach the objects."""
    return _of(data, grid, layout, stock.model_copy(update={"grid": grid, "anchors": layout}))


def _of(data: Data, grid: str, layout: Anchors, laid: Laid) -> Candidate:
    (boxes_yxyx, ids), (unseen_yxyx, unseen_ids) = data.boxes_in("train"), data.boxes_in("val")
    best_iou, unseen = anchors.best_iou(boxes_yxyx, laid), anchors.best_iou(unseen_yxyx, laid)
    return Candidate(grid, layout, best_iou, _missed(best_iou, ids), _missed(unseen, unseen_ids))


def reaches_all(candidate: Candidate, counts: dict[int, int]) -> bool:
    """Whether enough objects of every class are in reach. counts: training objects by class id."""
    return all(enough(round(share * counts[i]), counts[i]) for i, share in candidate.train.items())


def _takes(before: Candidate, after: Candidate, counts: dict[int, int]) -> bool:
    """Whether new anchors lose objects of a class."""
    return any((after.train[i] - before.train[i]) * n > max(1, TRADE * n) + 1e-9 for i, n in counts.items())


def _mean(candidate: Candidate) -> float:
    """The share of objects out of reach, as the mean over classes: what the mean AP pays for."""
    return float(np.mean(list(candidate.train.values())))


def _missed(best_iou: np.ndarray, ids: np.ndarray) -> dict[int, float]:
    """By class id, the share of objects out of reach."""
    counts, missed = np.bincount(ids), np.bincount(ids, best_iou < anchors.MATCHED_IOU)
    return {int(i): float(missed[i] / counts[i]) for i in np.flatnonzero(counts)}
