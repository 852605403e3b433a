"""A class that hardly varies on some axis, such as light or place, while the other classes do."""

from collections.abc import Iterator

import pandas as pd
from scipy import stats

from boxwright.core.findings import Evidence, Finding
from boxwright.diagnose.data import rows
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.class_axes import BACKGROUND_AXES, BOX_AXES, IMAGE_AXES, holm, spread

_ENOUGH, _P = 20, 0.001
_THIN = 1 / 3  # set by hand: of the spread of the other classes
_TINY = 1e-9


def find(inputs: Inputs) -> Iterator[Finding | None]:
    train = rows(inputs.class_axes, inputs.class_axes.split == "train")
    for name in inputs.data.classes:
        yield judge(train, name)


def judge(train: pd.DataFrame, name: str) -> Finding | None:
    """Axes on which a class spreads less than a third as wide as the others. train: `class_axes` of the training images."""
    mine = train["class"] == name
    ratios = thin_axes(rows(train, mine), rows(train, ~mine))
    if not ratios:
        return None
    listed = ", ".join(f"{axis} ({ratio:.0%})" for axis, ratio in ratios.items())
    return Finding(
        id="thin_diversity",
        subject=name,
        cause="data_quantity",
        severity="medium" if set(ratios) & {*IMAGE_AXES, *BACKGROUND_AXES} else "low",
        title=f"{name} hardly varies in {', '.join(ratios)}",
        claim=f"{name} hardly varies in {listed}. Each number is its spread in per cent of that of the other classes. A "
        "detector may learn these circumstances instead of the class, and then fail where they are different.",
        evidence=tuple(
            _evidence(axis, ratio, int(train.loc[mine, axis].notna().sum())) for axis, ratio in ratios.items()
        ),
        remedy=f"Add images of {name} that differ in {', '.join(ratios)}, as the camera will see it.",
        expected_effect="not measured here",
        confidence="medium",
    )


def thin_axes(own: pd.DataFrame, others: pd.DataFrame) -> dict[str, float]:
    """By axis, the spread of a class over that of the others, if it is below a third (Brown-Forsythe test, Holm)."""
    named = [axis for axis in (*IMAGE_AXES, *BACKGROUND_AXES, *BOX_AXES) if axis in own]
    values = {axis: (own[axis].dropna().to_numpy(), others[axis].dropna().to_numpy()) for axis in named}
    judged = {axis: (a, b) for axis, (a, b) in values.items() if min(len(a), len(b)) >= _ENOUGH and spread(b) > _TINY}
    ratios = {axis: spread(a) / spread(b) for axis, (a, b) in judged.items()}
    corrected = holm([float(stats.levene(a, b, center="median").pvalue) for a, b in judged.values()])
    return {axis: r for (axis, r), p in zip(ratios.items(), corrected, strict=True) if r < _THIN and p < _P}


def _evidence(axis: str, ratio: float, n: int) -> Evidence:
    source = "pixels" if axis in BACKGROUND_AXES else "tables"
    return Evidence(
        metric=f"spread of {axis} over that of other classes",
        value=round(ratio, 4),
        n=n,
        where=f"{source}, split train: one value for each image and class",
    )


KIND = Kind(ids=("thin_diversity",), find=find)
