"""Classes that are always in the same light or on the same background, while the other classes are not.

Only what a photographer can change is judged. Cells of one kind are all of one size and shape, and that is no fault of the data.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from boxwright.core.findings import Evidence, Finding
from boxwright.core.records.tables import VISIBLE
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import rows
from boxwright.diagnose.findings import shared_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.class_axes import BACKGROUND_AXES, holm, spread
from boxwright.diagnose.measures.evidence import NAMED

_ENOUGH, _P = 20, 0.001
_THIN = 1 / 3  # set by hand: of the spread of the other classes
# What each axis is called. The brightness of the image is its light, the other is measured around each object. The texture around
# an object is not judged: the larger a box is, the more its surroundings hold.
_BEHIND = BACKGROUND_AXES[0]
_NAMES = {"brightness": "light", _BEHIND: "background"}
# The other classes vary only if they spread this far on an axis: nothing can be learned from a studio where everything is alike.
_VARIED = 2 * VISIBLE
# The other classes are represented by this many rows.
_SAMPLE, _SEED = 20_000, 0


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(rows(inputs.class_axes, inputs.class_axes.split == "train"), inputs.data.classes)


def judge(train: pd.DataFrame, classes: Sequence[str]) -> Finding | None:
    """One finding with a row for each class and axis. train: `class_axes` of the training images."""
    of_class = train.groupby("class", observed=True, sort=False).indices
    sampled = np.random.default_rng(_SEED).permutation(len(train))[:_SAMPLE]
    thin = {
        name: thin_axes(train, of_class[name], np.setdiff1d(sampled, of_class[name]))
        for name in classes
        if len(of_class.get(name, ())) >= _ENOUGH
    }
    thin = {name: axes for name, axes in thin.items() if axes}
    if not thin:
        return None
    what = {name: " and ".join(dict.fromkeys(_NAMES[axis] for axis in axes)) for name, axes in thin.items()}
    listed = few([f"{name} ({axes})" for name, axes in what.items()], NAMED)
    return Finding(
        id="thin_diversity",
        cause="data_quantity",
        severity="medium",
        title=_title(what),
        claim=f"These classes spread less than a third as wide as the others: {listed}. A detector may learn these circumstances "
        "instead of the class, and then fail where they are different.",
        evidence=tuple(
            _evidence(name, axis, *of_axis) for name, axes in thin.items() for axis, of_axis in axes.items()
        ),
        remedy=f"Add images of {few(list(thin), NAMED)} in other light and on other backgrounds, as the camera will see them.",
        expected_effect="not measured here",
        confidence="medium",
    )


def _title(what: Mapping[str, str]) -> str:
    """what: by class, `light`, `background` or both."""
    first, *others = what
    if others:
        return f"{len(what)} classes hardly vary in light or background"
    where = {"light": "in the same light", "background": "on the same background"}
    return f"{first} is always {where.get(what[first], 'in the same light and on the same background')}"


def thin_axes(train: pd.DataFrame, own: np.ndarray, others: np.ndarray) -> Mapping[str, tuple[float, int]]:
    """By axis (spread over that of the other classes, images), where it is below a third (Brown-Forsythe test, Holm).

    own, others: numbers of the rows of the class and of other classes.
    """
    ratios: dict[str, tuple[float, int]] = {}
    p_values = []
    for axis in (axis for axis in _NAMES if axis in train):
        values = pd.to_numeric(train[axis]).to_numpy(float)
        a, b = (values[chosen][np.isfinite(values[chosen])] for chosen in (own, others))
        if min(len(a), len(b)) >= _ENOUGH and spread(b) >= _VARIED:
            ratios[axis] = spread(a) / spread(b), len(a)
            p_values.append(float(stats.levene(a, b, center="median").pvalue))
    certain = zip(ratios.items(), holm(p_values), strict=True)
    return {axis: found for (axis, found), p in certain if found[0] < _THIN and p < _P}


def _evidence(name: str, axis: str, ratio: float, n: int) -> Evidence:
    source = "pixels" if axis == _BEHIND else "tables"
    return Evidence(
        metric=f"spread of {axis} over that of other classes",
        subject=name,
        value=round(ratio, 4),
        n=n,
        where=f"{source}, split train: one value for each image and class",
    )


KIND = Kind(ids=("thin_diversity",), find=find, examples=shared_examples.few_of_class)
