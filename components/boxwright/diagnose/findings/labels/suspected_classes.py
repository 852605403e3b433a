"""Objects with a size that is normal for another class and far outside their own: their class is probably wrong.

A confusion between classes of the same size cannot be found from boxes alone.
"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from boxwright.core import boxes
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import SIDES, Data, rows
from boxwright.diagnose.findings import shared_figures
from boxwright.diagnose.findings.examples import Example, Mark, View, box, close_up
from boxwright.diagnose.findings.kind import Kind, Shown
from boxwright.diagnose.findings.labels import odd_objects
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import NAMED, TRAIN_OBJECTS, WRONG_LABELS, at_least, share, shares

# Robust deviations of the log size: further than FAR from the median of its own class, nearer than NEAR to another's.
FAR, NEAR = 5.0, 2.0
# Objects beyond this that are of no other class show that the sizes of a class tail off. A normal distribution has one in 2000.
_BETWEEN = 3.5
_ENOUGH_OBJECTS, _LEAST_SPREAD = 20, 0.05
# Classes and objects of each that are shown.
_CLASSES, _EACH = 4, 3


def find(inputs: Inputs) -> Iterator[Finding | None]:
    """Nothing if the looks show the wrong labels already: they are one cause."""
    seen = next(iter(odd_objects.find(inputs)), None)
    if not seen or seen.severity == "low":
        yield judge(inputs.data)


def judge(data: Data) -> Finding | None:
    hits = wrong_sizes(data)
    severity = at_least(float(hits.mean()), WRONG_LABELS) if len(hits) else None
    if not severity:
        return None
    metric, classes = "objects of another class's size", data.objects_in("train")["class"].to_numpy()
    of_class = shares(metric, hits, classes, TRAIN_OBJECTS)
    return Finding(
        id="suspected_classes",
        cause="data_quality",
        severity=severity,
        title=f"{hits.sum()} training objects probably have the wrong class",
        claim=f"{hits.sum()} of the {len(hits)} training objects have a size that is far outside their class "
        f"({few([row.subject for row in of_class], NAMED)}) but normal for another class. Their class is probably wrong.",
        evidence=(share(metric, hits, TRAIN_OBJECTS), *of_class),
        remedy="Check the largest and the smallest objects of these classes first, and correct their labels.",
        expected_effect="not measured here",
        confidence="medium",
    )


def wrong_sizes(data: Data) -> np.ndarray:
    """(n,) whether a training object is far outside the sizes of its class and well inside those of another.

    Objects of the wrong class are a group of their own. Where a class has as many objects on the way there, it varies that much.
    """
    objects = data.objects_in("train")
    size = np.log(np.maximum(boxes.area(objects[SIDES].to_numpy(float)), 1e-9)) / 2
    ids = objects.class_id.to_numpy(int)
    order = np.argsort(ids, kind="stable")
    starts = np.unique(ids[order], return_index=True)[1]
    own = [mine for mine in np.split(order, starts[1:]) if len(mine) >= _ENOUGH_OBJECTS]
    hits, normal = np.zeros(len(ids), bool), [_normal(size[mine]) for mine in own]
    for i, mine in enumerate(own if len(own) > 1 else ()):
        hits[mine] = _stray(size[mine], normal[i], normal[:i] + normal[i + 1 :])
    return hits


def _normal(sizes: np.ndarray) -> tuple[float, float]:
    """The median of a class, and its median absolute deviation scaled to a normal's standard deviation."""
    middle = float(np.median(sizes))
    return middle, max(1.4826 * float(np.median(np.abs(sizes - middle))), _LEAST_SPREAD)


def _stray(sizes: np.ndarray, own: tuple[float, float], others: Sequence[tuple[float, float]]) -> np.ndarray:
    """(n,) whether each object of a class belongs to another by its size. own, others: the result of `_normal` for each class."""
    away = np.abs(sizes - own[0]) / own[1]
    found = away > FAR
    far = sizes[found]
    near = np.zeros(len(far), bool)
    for middle, spread in others:
        near |= np.abs(far - middle) < NEAR * spread
    found[found] = near
    return found & (found.sum() > ((away > _BETWEEN) & ~found).sum())


def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
    """The objects of another class's size, a few of each class, with their surroundings."""
    data = shown.data.distinct
    objects = data.objects_in("train")
    found = rows(objects, pd.Series(wrong_sizes(data), objects.index))
    named = data.with_files(found).groupby("class", observed=True)
    for name, mine in itertools.islice(named, _CLASSES):
        sides = zip(mine.filename, map(box, mine[SIDES].to_numpy(float)), strict=True)
        views = (
            View(file, (Mark(one, "red", "the box in question"),), around=close_up(one))
            for file, one in itertools.islice(sides, _EACH)
        )
        yield Example(tuple(views), f"Labelled {name}.")


KIND = Kind(ids=("suspected_classes",), find=find, figure=shared_figures.sizes, examples=examples)
