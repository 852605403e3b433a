"""Objects that an anchor fits, but that get none, because a neighbour gets it: crowds.

An object that no anchor fits may lose even its best anchor. `anchors_unreachable` tells about it, and it is not told twice.
"""

from collections.abc import Iterator

import numpy as np

from boxwright.core.anchors import MATCHED_IOU, Laid, best_iou
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.html import charts
from boxwright.core.plurals import part_of, upper
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings import shared_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.anchor_assignment import IMAGES, sampled, without_anchor
from boxwright.diagnose.measures.evidence import of_classes, share, worst

_LOST: dict[Severity, float] = {"high": 0.2, "medium": 0.05, "low": 0.02}  # set by hand
_LEAST = 2  # one object is no reason for another grid
_LOST_METRIC, _LEFT_METRIC = "objects without an anchor", "objects without an anchor under the plan"


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data, inputs.laid, inputs.plan, inputs.seed)


def judge(data: Data, laid: Laid, planned: Recipe, seed: int) -> Finding | None:
    """A finding about the classes with at least two objects, and at least 2 % of their objects, that these anchors fit but
    that get none."""
    images = sampled(data, seed)
    if not images:
        return None
    boxes_yxyx, ids = (np.concatenate(parts) for parts in zip(*images, strict=True))
    fits = best_iou(boxes_yxyx, laid) >= MATCHED_IOU
    lost, left = (without_anchor(images, which) & fits for which in (laid, planned))
    losing = [i for i in worst(lost, ids, _LOST["low"]) if lost[ids == i].sum() >= _LEAST]
    own = np.isin(ids, losing)
    share_lost = float(lost[own].mean()) if own.any() else 0.0
    severity = of_classes(lost & own, ids, _LOST)
    if not severity:
        return None
    named = few([charts.short(data.classes[i - 1]) for i in losing], 3)
    return Finding(
        id="anchor_collisions",
        cause="recipe",
        severity=severity,
        title=f"{upper(part_of(share_lost, f'objects of {named}'))} get no anchor, because a neighbour takes it",
        claim=f"{upper(part_of(share_lost, f'{own.sum()} sampled training objects of {named}'))} get no anchor at all. Each "
        "anchor that fits them fits a neighbour better, and the neighbour gets it. Training treats them as background.",
        evidence=tuple(_rows(lost, left, ids, losing, data, seed)),
        remedy=_remedy(share_lost, float(left[own].mean())),
        expected_effect="not measured here",
        confidence="high",
    )


def _rows(
    lost: np.ndarray, left: np.ndarray, ids: np.ndarray, losing: list[int], data: Data, seed: int
) -> Iterator[Evidence]:
    where = f"tables/objects.parquet, split train, at most {IMAGES} images, without the second boxes of an object"
    for i in losing:
        for metric, hits in ((_LOST_METRIC, lost), (_LEFT_METRIC, left)):
            yield share(metric, hits[ids == i], where, seed, subject=data.classes[i - 1])


def _remedy(before: float, after: float) -> str:
    if after <= before / 2:
        return f"Use the planned grid and anchors: with them, {part_of(after, 'sampled objects')} get none."
    first = (
        f"The planned grid and anchors leave {part_of(after, 'sampled objects')} without one. For the rest: cut"
        if after < before
        else "No grid of this model separates them. Cut"
    )
    return (
        f"{first} the images into overlapping tiles before you convert them, or raise "
        "input_size in recipe.yaml, so that neighbours fall into different cells."
    )


def answered(finding: Finding, inputs: Inputs) -> bool:
    """Whether the planned grid and anchors solve most of it, as the remedy then says."""
    lost, left = _without_anchor(finding)
    return left <= lost / 2


def _without_anchor(finding: Finding) -> tuple[float, float]:
    """Objects of the named classes without an anchor, under the diagnosed recipe and under the plan."""
    lost, left = (
        sum(row.value * row.n for row in finding.evidence if row.metric == metric)
        for metric in (_LOST_METRIC, _LEFT_METRIC)
    )
    return lost, left


def partly(finding: Finding, inputs: Inputs) -> bool:
    """Whether the planned grid and anchors leave fewer objects without an anchor."""
    lost, left = _without_anchor(finding)
    return left < lost


KIND = Kind(
    ids=("anchor_collisions",),
    find=find,
    examples=shared_examples.crowded,
    changes=("grid", "anchors"),
    answered=answered,
    partly=partly,
)
