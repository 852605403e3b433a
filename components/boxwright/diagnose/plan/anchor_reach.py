"""Which training objects are out of the anchors' reach, why, and what would reach them."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from boxwright.core.anchors import MATCHED_IOU, Laid
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures import misfit
from boxwright.diagnose.measures.anchor_coverage import GOOD_ENOUGH, SizeLoss, starved
from boxwright.diagnose.measures.misfit import Misfit
from boxwright.diagnose.plan import larger_input
from boxwright.diagnose.plan.anchor_choice import Candidate
from boxwright.diagnose.plan.larger_input import Option


@dataclass(frozen=True, eq=False)
class Reach:
    """The training objects, and which of them are out of reach.

    names: of the classes. ids: (n,) from 1. misfit: their sizes and shapes. misses, left: (n,) whether an object is out of reach
    under the diagnosed recipe, and under the plan. larger: an input that reaches more than the plan. tile: the side of tiles that
    do, in pixels; 0: none. worse: the ranges of size of which the plan misses more.
    """

    names: tuple[str, ...]
    ids: np.ndarray
    misfit: Misfit
    misses: np.ndarray
    left: np.ndarray
    larger: Option | None = None
    tile: int = 0
    worse: tuple[SizeLoss, ...] = ()

    @cached_property
    def short(self) -> list[int]:
        """Ids of the classes with objects out of reach under the diagnosed recipe, the worst first."""
        return starved(self.misses, self.ids)

    @property
    def classes(self) -> int:
        """Number of classes with training objects."""
        return len(np.unique(self.ids))

    @cached_property
    def remains(self) -> bool:
        """Whether the plan leaves more of these classes out of reach than is good enough, as their mean."""
        return bool(self.short) and self.shares(self.left).mean() > GOOD_ENOUGH

    def shares(self, misses: np.ndarray) -> np.ndarray:
        """Of each of these classes, the share out of reach."""
        return np.array([misses[self.ids == i].mean() for i in self.short])

    def among(self, misses: np.ndarray) -> np.ndarray:
        """The same for each object of these classes, as one array."""
        return misses[np.isin(self.ids, self.short)]


def measure(data: Data, diagnosed: Laid, planned: Recipe, candidates: tuple[Candidate, Candidate], seed: int) -> Reach:
    """diagnosed: the anchors of the diagnosed training. candidates: these and of the plan. A larger input and tiles are looked
    for only if the plan leaves a class out of reach."""
    misses, left = (candidate.best_iou < MATCHED_IOU for candidate in candidates)
    reach = Reach(
        names=data.classes,
        ids=data.boxes_in("train")[1],
        misfit=misfit.measure(data, diagnosed),
        misses=misses,
        left=left,
        worse=candidates[1].worse,
    )
    if not reach.remains:
        return reach
    larger = larger_input.larger_input(data, planned, left, seed)
    return replace(reach, larger=larger, tile=larger_input.tile_side(data, planned, left))
