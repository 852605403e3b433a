"""Measured numbers as evidence, and the severity of a number."""

from collections.abc import Mapping

import numpy as np
from scipy import stats

from boxwright.core.findings import Evidence, Severity

TRAIN_OBJECTS = "tables/objects.parquet, split train"


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson score)."""
    low, high = stats.binomtest(int(hits), int(n)).proportion_ci(method="wilson")
    return round(float(low), 4), round(float(high), 4)


def share(metric: str, hits: np.ndarray, where: str, seed: int | None = None) -> Evidence:
    """The share of True in hits (n,), with its interval."""
    value = round(float(hits.mean()), 4)
    return Evidence(
        metric=metric, value=value, n=len(hits), interval=wilson(hits.sum(), len(hits)), seed=seed, where=where
    )


def at_least(value: float, limits: Mapping[Severity, float]) -> Severity | None:
    """The first severity with a limit at or below the value; None if there is none. limits: the most severe first."""
    return next((severity for severity, limit in limits.items() if value >= limit), None)


def below(value: float, limits: Mapping[Severity, float]) -> Severity | None:
    """The first severity with a limit above the value; None if there is none. limits: the most severe first."""
    return next((severity for severity, limit in limits.items() if value < limit), None)
