"""Objects that get no anchor, because a neighbour gets the only one that fits them."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Finding, Severity
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.anchor_assignment import IMAGES, sampled, without_anchor
from boxwright.diagnose.measures.evidence import at_least, share

_LOST: dict[Severity, float] = {"high": 0.2, "medium": 0.05, "low": 0.02}  # set by hand
_LEAST = 2  # one object is no reason for another grid


def find(inputs: Inputs) -> Iterator[Finding | None]:
    return judge(inputs.data, inputs.recipe, inputs.plan, inputs.seed)


def judge(data: Data, recipe: Recipe, planned: Recipe, seed: int) -> Iterator[Finding | None]:
    """One for each class with at least two objects, and at least 2 % of its objects, without an anchor under the recipe."""
    images = sampled(data, seed)
    ids = np.concatenate([class_ids for _, class_ids in images])
    lost, left = (without_anchor(images, which) for which in (recipe, planned))
    for i, name in enumerate(data.classes, 1):
        if lost[ids == i].sum() >= _LEAST:
            yield _finding(name, lost[ids == i], left[ids == i], seed)


def _finding(name: str, lost: np.ndarray, left: np.ndarray, seed: int) -> Finding | None:
    severity = at_least(lost.mean(), _LOST)
    if not severity:
        return None
    where = f"tables/objects.parquet, split train, at most {IMAGES} images, without the second boxes of an object"
    better = left.mean() < lost.mean()
    return Finding(
        id="anchor_collisions",
        subject=name,
        cause="recipe",
        severity=severity,
        title=f"{lost.mean():.0%} of the {name} get no anchor, because a neighbour takes it",
        claim=f"{lost.mean():.1%} of the {len(lost)} sampled training {name} get no anchor at all. Their best anchor is also "
        "the best one of a neighbour in the same cell of the feature map, and the neighbour gets it. Training treats them as "
        "background.",
        evidence=(
            share("objects without an anchor", lost, where, seed),
            share("objects without an anchor under the plan", left, where, seed),
        ),
        remedy=f"Use the planned grid and anchors: they leave {left.mean():.1%} without an anchor."
        if better
        else "No grid of this model separates them. Cut the images into overlapping tiles before you convert them, or raise "
        "input_size, so that neighbours fall into different cells.",
        expected_effect="not measured here",
        confidence="high",
    )


KIND = Kind(ids=("anchor_collisions",), find=find)
