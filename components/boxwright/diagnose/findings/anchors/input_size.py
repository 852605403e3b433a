"""An input that is too small: what a larger one would gain in objects within reach, and what it would cost.

The cost is in multiply-adds of the backbone (core/models), which grow with the area of the input. It is not a measured time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from boxwright.core import anchors, models
from boxwright.core.findings import Evidence, Finding
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.anchor_coverage import enough
from boxwright.diagnose.measures.evidence import share
from boxwright.diagnose.plan.fit_anchors import fit

_MEASURED_AT, _LARGEST, _STEP = 224, 1024, 32
_FACTORS = (1.5, 2.0)
_WHERE = "tables/objects.parquet, split train, with anchors fitted to each size"


@dataclass(frozen=True, eq=False)
class Option:
    """misses: (n,) whether a training object is out of reach of anchors that were fitted to an input of `size` pixels."""

    size: int
    misses: np.ndarray


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data, inputs.plan, inputs.chosen.best_iou, inputs.seed)


def judge(data: Data, planned: Recipe, planned_iou: np.ndarray, seed: int) -> Finding | None:
    """A finding if the plan leaves a class out of reach and a larger input does not. planned_iou: (n,) best IoU of each training
    object under the plan."""
    boxes_yxyx, ids = data.boxes_in("train")
    now = Option(planned.input_size, planned_iou < anchors.MATCHED_IOU)
    short = starved(now.misses, ids)
    larger = sizes(planned.input_size) if short else []
    for size in larger:
        option = _fitted(planned, boxes_yxyx, ids, size, seed)
        gained = sum(now.misses[ids == i].mean() - option.misses[ids == i].mean() for i in short)
        if not starved(option.misses, ids) or (size == larger[-1] and gained > 0.1 * len(short)):
            return _finding(data, planned, now, option, ids, short)
    return None


def multiply_adds(model: str, size: int) -> float:
    """Millions of multiply-adds of a backbone of full width."""
    return models.get(model).multiply_adds * (size / _MEASURED_AT) ** 2


def sizes(size: int) -> list[int]:
    """1.5 times and twice the input, in steps of 32 px, as far as a recipe allows."""
    larger = (round(size * factor / _STEP) * _STEP for factor in _FACTORS)
    return [s for s in larger if size < s <= _LARGEST]


def starved(misses: np.ndarray, ids: np.ndarray) -> list[int]:
    """Ids of the classes with more than one object, and more than 4 % of their objects, out of reach."""
    return [int(i) for i in np.unique(ids) if not enough(misses[ids == i].sum(), (ids == i).sum())]


def _fitted(planned: Recipe, boxes_yxyx: np.ndarray, ids: np.ndarray, size: int, seed: int) -> Option:
    layers = len(planned.anchors.scales)
    layout = fit(boxes_yxyx, ids, grid=planned.grid, layers=layers, input_size=size, seed=seed)
    recipe = planned.model_copy(update={"input_size": size, "anchors": layout})
    return Option(size, anchors.best_iou(boxes_yxyx, recipe) < anchors.MATCHED_IOU)


def _finding(data: Data, planned: Recipe, now: Option, then: Option, ids: np.ndarray, short: list[int]) -> Finding:
    cost = multiply_adds(planned.model, then.size) / multiply_adds(planned.model, now.size)
    names = {i: data.classes[i - 1] for i in short}
    gains = ", ".join(
        f"{n}: from {now.misses[ids == i].mean():.0%} to {then.misses[ids == i].mean():.0%}" for i, n in names.items()
    )
    evidence = [
        share(f"{name} unreachable at {option.size} px", option.misses[ids == i], _WHERE)
        for i, name in names.items()
        for option in (now, then)
    ]
    work = Evidence(
        metric=f"multiply-adds of the backbone at {then.size} px over those at {now.size} px",
        value=round(cost, 3),
        n=1,
        where="published multiply-adds at 224 px, times the area",
    )
    return Finding(
        id="input_size",
        cause="recipe",
        severity="medium",
        title=f"The {now.size} px input is too small for {', '.join(names.values())}",
        claim=f"At {now.size} px no anchors reach all classes. At {then.size} px, with anchors fitted to it, fewer objects "
        f"are out of reach ({gains}). The backbone then needs {cost:.1f} times the multiply-adds. Another backbone changes the "
        "cost (that of ssd_mobilenet_v2 is 0.53 times v1's) but not the reach, because its finest grid also has a stride of 16.",
        evidence=(*evidence, work),
        remedy=f"Set input_size to {then.size} in recipe.yaml. Then diagnose again with --given recipe.yaml, which fits the "
        "anchors to it. Or cut the images into overlapping tiles before you convert them.",
        expected_effect="fewer objects out of reach; the effect on AP was not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("input_size",), find=find)
