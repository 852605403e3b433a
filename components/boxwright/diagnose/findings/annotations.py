"""Findings on the labels themselves, from boxes alone: one object boxed twice, boxes whose size belongs to another class.

Boxes that are a little off, and classes confused between things of one size, cannot be seen without pixels or a trained model.
"""

import numpy as np

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.diagnose.data import SIDES, Data
from boxwright.diagnose.findings.anchor_coverage import share

# Two boxes that overlap this much are one object: neighbours that a person tells apart hardly reach 0.7.
TWIN_IOU = 0.85
# Robust deviations of log size: further than FAR from the own class's median, nearer than NEAR to another's.
FAR, NEAR = 5.0, 2.0
_ENOUGH_OBJECTS, _LEAST_SPREAD = 20, 0.05
_WHERE = "tables/objects.parquet, split train"


def findings(data: Data) -> list[Finding]:
    return [f for f in (*twins(data), misplaced_sizes(data)) if f]


def twin_pairs(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """(m, 2) rows of the training objects that overlap at TWIN_IOU or more in one image, and (m,) whether the classes agree."""
    objects = data.objects_in("train").sort_values("image_id", kind="stable")
    boxes, ids = objects[SIDES].to_numpy(float), objects.class_id.to_numpy()
    following = objects.groupby("image_id").cumcount(ascending=False).to_numpy()  # rows of the same image after each
    pairs, step = [np.empty((0, 2), int)], 1
    # Rows of one image lie together, so that a shift compares all of them at once.
    while len(first := np.flatnonzero(following >= step)):
        near = first[_iou(boxes[first], boxes[first + step]) >= TWIN_IOU]
        pairs.append(np.stack([near, near + step], axis=1))
        step += 1
    found = np.concatenate(pairs)
    return found, ids[found[:, 0]] == ids[found[:, 1]]


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n,) IoU of boxes_yxyx (n, 4), row by row."""
    sides = np.clip(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0, None)
    shared = sides.prod(1)
    return shared / np.maximum((a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - shared, 1e-12)


def twins(data: Data) -> list[Finding]:
    """Objects boxed twice: under one class (a copy), and under two (a contradiction)."""
    pairs, agree = twin_pairs(data)
    n = len(data.objects_in("train"))
    return [f for f in (_twins(pairs[agree], n, same=True), _twins(pairs[~agree], n, same=False)) if f]


def _twins(pairs: np.ndarray, n: int, same: bool) -> Finding | None:
    hits = np.zeros(n, bool)
    hits[pairs[:, 1]] = True
    severity = _severity(float(hits.mean())) if n else None
    if not severity:
        return None
    what = "boxed twice under the same class" if same else "boxed twice under two different classes"
    harm = "the second box teaches that one object is two" if same else "each box teaches that the other is wrong"
    return Finding(
        id="duplicate_boxes" if same else "contradicting_boxes",
        cause="data_quality",
        severity=severity,
        claim=f"{hits.sum()} of the {n} training objects are {what} (IoU {TWIN_IOU} or more with another box): {harm}.",
        evidence=(share("objects boxed twice", hits, _WHERE),),
        remedy="Delete one box of each pair" + ("." if same else ", the one with the wrong class."),
        expected_effect="not measured here",
        confidence="high",
    )


def _severity(value: float) -> Severity | None:
    return "high" if value >= 0.05 else "medium" if value >= 0.01 else None


def misplaced_sizes(data: Data) -> Finding | None:
    """Objects far outside the sizes of their class and well inside those of another: the class is probably wrong."""
    objects = data.objects_in("train")
    sides = objects[SIDES].to_numpy(float)
    area = np.log(np.maximum((sides[:, 2] - sides[:, 0]) * (sides[:, 3] - sides[:, 1]), 1e-9)) / 2
    ids = objects.class_id.to_numpy(int)
    common = [i for i in np.unique(ids) if (ids == i).sum() >= _ENOUGH_OBJECTS]
    if len(common) < 2:
        return None
    far, near = np.zeros(len(ids), bool), np.zeros(len(ids), bool)
    for i in common:
        own, deviation = ids == i, _deviation(area, area[ids == i])
        far |= own & (deviation > FAR)
        near |= ~own & (deviation < NEAR)
    hits = far & near
    severity = _severity(float(hits.mean()))
    return _misplaced(data, hits, ids, severity) if severity else None


def _deviation(values: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """(n,) distance of log sizes from a class's median, in its median absolute deviations scaled to a normal's sigma."""
    middle = np.median(of_class)
    return np.abs(values - middle) / max(1.4826 * float(np.median(np.abs(of_class - middle))), _LEAST_SPREAD)


def _misplaced(data: Data, hits: np.ndarray, ids: np.ndarray, severity: Severity) -> Finding:
    names = [data.classes[i - 1] for i in np.unique(ids[hits])]
    per_class = tuple(
        share(f"of {name}", hits[ids == data.classes.index(name) + 1], _WHERE) for name in names
    )  # fmt: skip
    evidence: tuple[Evidence, ...] = (share("objects of another class's size", hits, _WHERE), *per_class)
    return Finding(
        id="suspected_classes",
        cause="data_quality",
        severity=severity,
        claim=f"{hits.sum()} of the {len(hits)} training objects have a size that their class ({', '.join(names)}) never has and "
        "another class has: their class is probably wrong.",
        evidence=evidence,
        remedy="Look at the largest and smallest objects of these classes first and correct the labels.",
        expected_effect="not measured here",
        confidence="medium",
    )
