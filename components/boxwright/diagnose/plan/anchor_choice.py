"""Chooses the grid and anchors of a plan: the cheapest that reach all classes and lose objects of none."""

from dataclasses import dataclass, replace

import numpy as np

from boxwright.core import anchors, models
from boxwright.core.recipe import Anchors, Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.anchor_coverage import enough
from boxwright.diagnose.plan.fit_anchors import fit, sample

# Compared with the stock anchors, no class may lose more than this share of its objects.
_TRADE = 0.01


@dataclass(frozen=True, eq=False)
class Candidate:
    """A grid and anchors, and how well they reach the objects.

    best_iou: (n,) IoU of each training object with its best anchor.
    train, val: by class id, the share of objects out of reach. The choice does not use val.
    fitted: number of objects that the search used.
    """

    grid: str
    anchors: Anchors
    best_iou: np.ndarray
    train: dict[int, float]
    val: dict[int, float]
    fitted: int = 0


def choose(data: Data, stock: Recipe, seed: int) -> tuple[Candidate, Candidate]:
    """The anchors of the stock recipe, and the anchors of the plan.

    The plan uses the cheapest candidate that reaches all classes. If there is none, it uses the candidate that reaches most of
    the worst class. It never uses anchors that lose objects of a class (see _TRADE).
    """
    best = tried = candidate(data, stock, stock.grid, stock.anchors)
    boxes_yxyx, ids = data.boxes_in("train")
    counts = {i: int((ids == i).sum()) for i in tried.train}
    starved = [i for i in counts if not _reached(tried, i, counts)]
    for grid, maps in models.get(stock.model).grids.items():
        if reaches_all(best, counts):
            break
        layers = maps.planned_maps or len(stock.anchors.scales)
        fitted = fit(boxes_yxyx, ids, grid=grid, layers=layers, input_size=stock.input_size, seed=seed)
        new = replace(candidate(data, stock, grid, fitted), fitted=len(sample(ids, seed)))
        takes = any(new.train[i] > tried.train[i] + _TRADE for i in new.train)
        if not takes and max(new.train[i] for i in starved) < max(best.train[i] for i in starved):
            best = new
    return tried, best


def candidate(data: Data, stock: Recipe, grid: str, layout: Anchors) -> Candidate:
    """How well these anchors on this grid reach the objects."""
    recipe = stock.model_copy(update={"grid": grid, "anchors": layout})
    (boxes_yxyx, ids), (unseen_yxyx, unseen_ids) = data.boxes_in("train"), data.boxes_in("val")
    best_iou, unseen = anchors.best_iou(boxes_yxyx, recipe), anchors.best_iou(unseen_yxyx, recipe)
    return Candidate(grid, layout, best_iou, _missed(best_iou, ids), _missed(unseen, unseen_ids))


def reaches_all(candidate: Candidate, counts: dict[int, int]) -> bool:
    """Whether enough objects of every class are in reach. counts: training objects by class id."""
    return all(_reached(candidate, i, counts) for i in candidate.train)


def _reached(candidate: Candidate, class_id: int, counts: dict[int, int]) -> bool:
    return enough(round(candidate.train[class_id] * counts[class_id]), counts[class_id])


def _missed(best_iou: np.ndarray, ids: np.ndarray) -> dict[int, float]:
    """By class id, the share of objects out of reach."""
    missed = best_iou < anchors.MATCHED_IOU
    return {int(i): float(missed[ids == i].mean()) for i in np.unique(ids)}
