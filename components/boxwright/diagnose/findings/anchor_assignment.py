"""Which anchors teach which object, as the OD API's target assigner gives them out, and who goes empty-handed.

Source: object_detection.matchers.argmax_matcher with force_match_for_each_row. An anchor belongs to the object it overlaps
most, from IoU 0.5 on; then every object takes its best anchor, however bad, and of two objects with the same best anchor the
first one has it: the other teaches nothing unless it has a second.
"""

import numpy as np

from boxwright.core import anchors, boxes
from boxwright.core.findings import Finding, Severity
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import SIDES, Data
from boxwright.diagnose.findings.anchor_coverage import share
from boxwright.diagnose.findings.annotations import twin_pairs

_IMAGES = 500
_LOST: dict[Severity, float] = {"high": 0.2, "medium": 0.05, "low": 0.02}  # set
_LEAST = 2  # one object is no ground for another grid


def assign(boxes_yxyx: np.ndarray, anchors_yxyx: np.ndarray) -> np.ndarray:
    """(m,) for each anchor the row of boxes_yxyx (n, 4), n > 0, that it is a positive example of, or -1."""
    iou = boxes.iou(boxes_yxyx, anchors_yxyx).astype(np.float32)  # as there: ties are ties, the first anchor has it
    owner = np.where(iou.max(0) >= anchors.MATCHED_IOU, iou.argmax(0), -1)
    best = iou.argmax(1)
    owner[best[::-1]] = np.arange(len(best))[::-1]  # written last: the first row of those with one best anchor
    return owner


def positives(boxes_yxyx: np.ndarray, anchors_yxyx: np.ndarray) -> np.ndarray:
    """(n,) anchors that each object gets."""
    owner = assign(boxes_yxyx, anchors_yxyx)
    return np.bincount(owner[owner >= 0], minlength=len(boxes_yxyx))


def sampled(data: Data, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """boxes_yxyx and class ids of the training images with objects; of more than 500, as many by chance. Of an object that is
    boxed twice one box: no grid tells them apart, and it has findings of its own."""
    objects = data.objects_in("train").sort_values("image_id", kind="stable")
    objects = objects.drop(objects.index[np.unique(twin_pairs(data)[0][:, 1])])
    ids = objects.image_id.unique()
    if len(ids) > _IMAGES:
        ids = np.sort(np.random.default_rng(seed).choice(ids, _IMAGES, replace=False))
        objects = objects[objects.image_id.isin(ids)]
    starts = np.searchsorted(objects.image_id.to_numpy(), ids)[1:]
    boxes_yxyx, class_ids = objects[SIDES].to_numpy(float), objects.class_id.to_numpy(int)
    return list(zip(np.split(boxes_yxyx, starts), np.split(class_ids, starts), strict=True))


def findings(data: Data, recipe: Recipe, planned: Recipe, seed: int) -> list[Finding]:
    """One for each class of which 2 % or more (and more than one object) get no anchor under the recipe."""
    images = sampled(data, seed)
    ids = np.concatenate([class_ids for _, class_ids in images])
    lost, left = (_lost(images, which) for which in (recipe, planned))
    rows = ((name, lost[ids == i], left[ids == i]) for i, name in enumerate(data.classes, 1))
    found = [_finding(name, before, after, seed) for name, before, after in rows if before.sum() >= _LEAST]
    return [f for f in found if f]


def _lost(images: list[tuple[np.ndarray, np.ndarray]], recipe: Recipe) -> np.ndarray:
    laid = anchors.anchors(recipe)
    return np.concatenate([positives(boxes_yxyx, laid) == 0 for boxes_yxyx, _ in images])


def _finding(name: str, lost: np.ndarray, left: np.ndarray, seed: int) -> Finding | None:
    severity = next((s for s, limit in _LOST.items() if lost.mean() >= limit), None)
    if not severity:
        return None
    where = f"tables/objects.parquet, split train, at most {_IMAGES} images, without second boxes of an object"
    evidence = (
        share("objects without an anchor", lost, where),
        share("the same under the planned anchors", left, where),
    )
    better = left.mean() < lost.mean()
    return Finding(
        id="anchor_collisions",
        subject=name,
        cause="recipe",
        severity=severity,
        claim=f"{lost.mean():.1%} of the {len(lost)} training {name} looked at get no anchor at all: their best one is also the "
        "best of a neighbour in the same cell of the feature map, and the neighbour has it. They are trained as background.",
        evidence=tuple(e.model_copy(update={"seed": seed}) for e in evidence),
        remedy=f"The planned grid and anchors leave {left.mean():.1%} without." if better else "No grid of this model tells them "
        "apart: cut the pictures into overlapping tiles before converting, or raise input_size, so that neighbours lie in "
        "cells of their own.",
        expected_effect="not measured here",
        confidence="high",
    )  # fmt: skip
