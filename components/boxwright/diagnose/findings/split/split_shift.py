"""A validation or test split that differs from training: in contrast, in sharpness, or in the size of a class."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.class_axes import holm
from boxwright.diagnose.measures.evidence import at_least

_ENOUGH, _P = 20, 0.001
_DISTANCE: dict[Severity, float] = {"high": 0.7, "medium": 0.35}  # Kolmogorov-Smirnov, as for lighting_shift


@dataclass(frozen=True, eq=False)
class Comparison:
    """One axis of one held-out split against training. subject: the class, for `size`. distance, p: of the Kolmogorov-Smirnov
    test, p not corrected."""

    axis: str
    subject: str
    split: str
    train: pd.Series
    other: pd.Series
    distance: float
    p: float


def find(inputs: Inputs) -> Iterator[Finding | None]:
    return judge(inputs.class_axes, inputs.data)


def judge(measured: pd.DataFrame, data: Data) -> Iterator[Finding]:
    """For each axis, the split that differs most. measured: `class_axes`."""
    comparisons = list(_compared(_values(measured, data)))
    corrected = holm([c.p for c in comparisons])
    worst: dict[tuple[str, str], Finding] = {}
    for comparison, p in sorted(zip(comparisons, corrected, strict=True), key=lambda found: found[0].distance):
        if (severity := at_least(comparison.distance, _DISTANCE)) and p < _P:
            worst[comparison.axis, comparison.subject] = _finding(comparison, float(p), severity)
    yield from worst.values()


def _values(measured: pd.DataFrame, data: Data) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """(axis, class or "", frame with `split` and the axis).

    Half the light means half the contrast and a quarter of the sharpness. So contrast is divided by the brightness, and
    sharpness by its square. Brightness itself is `lighting_shift`.
    """
    brightness = data.images.brightness if "brightness" in data.images else pd.Series(dtype=float)
    light = brightness.where(brightness > 0)
    for axis, explained in (("contrast", light), ("sharpness", light**2)):
        if axis in data.images:
            yield axis, "", data.images[["split"]].assign(**{axis: data.images[axis] / explained}).dropna()
    for name in data.classes:
        yield "size", name, measured.loc[measured["class"] == name, ["split", "size"]]


def _compared(values: Iterator[tuple[str, str, pd.DataFrame]]) -> Iterator[Comparison]:
    for axis, subject, frame in values:
        train = frame.loc[frame.split == "train", axis]
        for split in ("val", "test"):
            other = frame.loc[frame.split == split, axis]
            if min(len(train), len(other)) >= _ENOUGH:
                test: Any = stats.ks_2samp(train, other)
                yield Comparison(axis, subject, split, train, other, float(test.statistic), float(test.pvalue))


def _finding(found: Comparison, p: float, severity: Severity) -> Finding:
    what = f"The size of {found.subject}" if found.subject else f"The {found.axis} of the images"
    here, there = (np.exp(v.median()) if found.axis == "size" else v.median() for v in (found.other, found.train))
    where = "tables/objects.parquet: median of each image" if found.subject else "tables/images.parquet"
    return Finding(
        id=f"{found.axis}_shift",
        subject=found.subject,
        cause="split",
        severity=severity,
        title=f"{what} differs between {found.split} and training",
        claim=f"{what} differs: the median is {here:.3g} in {found.split} and {there:.3g} in train (Kolmogorov-Smirnov distance "
        f"{found.distance:.2f}, p = {p:.1g} after Holm's correction). So {found.split} tests conditions that training does not "
        "cover.",
        evidence=(
            Evidence(
                metric=f"KS distance of {found.axis}, {found.split} to train",
                value=round(found.distance, 3),
                n=len(found.train) + len(found.other),
                where=where,
            ),
        ),
        remedy=f"Add training images like those of {found.split}. If all images are for the same use, mix them before you split "
        "them.",
        expected_effect="not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("contrast_shift", "sharpness_shift", "size_shift"), find=find)
