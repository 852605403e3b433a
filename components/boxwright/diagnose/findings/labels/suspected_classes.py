"""Objects with a size that is normal for another class and far outside their own: their class is probably wrong.

A confusion between classes of the same size cannot be found from boxes alone.
"""

from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Finding, Severity
from boxwright.diagnose.data import SIDES, Data
from boxwright.diagnose.findings import shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, at_least, share

# Robust deviations of the log size: further than FAR from the median of its own class, nearer than NEAR to another's.
FAR, NEAR = 5.0, 2.0
_SHARE: dict[Severity, float] = {"high": 0.05, "medium": 0.01}
_ENOUGH_OBJECTS, _LEAST_SPREAD = 20, 0.05


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data)


def judge(data: Data) -> Finding | None:
    ids = data.objects_in("train").class_id.to_numpy(int)
    hits = wrong_sizes(data)
    severity = at_least(float(hits.mean()), _SHARE) if len(hits) else None
    if not severity:
        return None
    names = [data.classes[i - 1] for i in np.unique(ids[hits])]
    per_class = (share(f"of {name}", hits[ids == data.classes.index(name) + 1], TRAIN_OBJECTS) for name in names)
    return Finding(
        id="suspected_classes",
        cause="data_quality",
        severity=severity,
        title=f"{hits.sum()} training objects probably have the wrong class",
        claim=f"{hits.sum()} of the {len(hits)} training objects have a size that is far outside their class "
        f"({', '.join(names)}) but normal for another class. Their class is probably wrong.",
        evidence=(share("objects of another class's size", hits, TRAIN_OBJECTS), *per_class),
        remedy="Check the largest and the smallest objects of these classes first, and correct their labels.",
        expected_effect="not measured here",
        confidence="medium",
    )


def wrong_sizes(data: Data) -> np.ndarray:
    """(n,) whether a training object is far outside the sizes of its class and well inside those of another."""
    objects = data.objects_in("train")
    sides = objects[SIDES].to_numpy(float)
    size = np.log(np.maximum((sides[:, 2] - sides[:, 0]) * (sides[:, 3] - sides[:, 1]), 1e-9)) / 2
    ids = objects.class_id.to_numpy(int)
    far, near = np.zeros(len(ids), bool), np.zeros(len(ids), bool)
    common = [i for i in np.unique(ids) if (ids == i).sum() >= _ENOUGH_OBJECTS]
    for i in common if len(common) > 1 else ():
        own, deviation = ids == i, _deviation(size, size[ids == i])
        far |= own & (deviation > FAR)
        near |= ~own & (deviation < NEAR)
    return far & near


def _deviation(values: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """(n,) distance from a class's median, in its median absolute deviations scaled to a normal's standard deviation."""
    middle = np.median(of_class)
    return np.abs(values - middle) / max(1.4826 * float(np.median(np.abs(of_class - middle))), _LEAST_SPREAD)


KIND = Kind(ids=("suspected_classes",), find=find, figure=shared_figures.sizes)
