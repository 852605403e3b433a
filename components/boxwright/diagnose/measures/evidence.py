"""Measured numbers as evidence, and the severity of a number."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from boxwright.core.findings import SEVERITIES, Evidence, Severity

TRAIN_OBJECTS = "tables/objects.parquet, split train"
# Classes that a claim names; `few` counts the others. More names than this are not read.
NAMED = 8
_FIRST_OF_MANY = 2
# Shares of the objects of which the label itself is wrong: its class, or a second box. Set by hand.
WRONG_LABELS: dict[Severity, float] = {"high": 0.05, "medium": 0.01}
# A finding about classes is as severe as its worst class, but no more than the whole allows. 4 % of the whole is what a class may
# miss, too (GOOD_ENOUGH). On BCCD, anchors that lost a class wholly cost it 33 points of AP50, so 4 % are 1.3 points of the mean.
_WHOLE: dict[Severity, float] = {"high": 0.04, "medium": 0.02, "low": 0.0}
# If this share of the whole is lost, a finding is severe whatever its worst class. By the same measure, 30 % are 10 points of the
# mean. On two public sets of the third exam, 21 % and 25 % of one kind of object were no severe flaw to a careful person.
_MUCH = 0.3


def named(classes: int) -> int:
    """How many of these classes a claim tells with their numbers: all, or the first of many, because a table has all of them."""
    return classes if classes <= NAMED else _FIRST_OF_MANY


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson score)."""
    low, high = stats.binomtest(int(hits), int(n)).proportion_ci(method="wilson")
    return round(float(low), 4), round(float(high), 4)


def share(metric: str, hits: np.ndarray, where: str, seed: int | None = None, subject: str = "") -> Evidence:
    """The share of True in hits (n,), with its interval. subject: the class that it is about, if there is a row for each."""
    return of_counts(metric, int(hits.sum()), len(hits), where, seed, subject)


def of_counts(metric: str, hits: int, n: int, where: str, seed: int | None = None, subject: str = "") -> Evidence:
    """Like `share`, for hits of n."""
    value, interval = round(hits / n, 4), wilson(hits, n)
    return Evidence(metric=metric, subject=subject, value=value, n=n, interval=interval, seed=seed, where=where)


def shares(
    metric: str, hits: np.ndarray, names: np.ndarray, where: str, seed: int | None = None
) -> tuple[Evidence, ...]:
    """For each class with a hit, the share of its objects, the class with the most hits first. hits, names: (n,)."""
    codes, classes = pd.factorize(names)
    found, counts = np.bincount(codes[hits], minlength=len(classes)), np.bincount(codes)
    ordered = sorted(np.flatnonzero(found), key=lambda i: (-found[i], classes[i]))
    return tuple(of_counts(metric, int(found[i]), int(counts[i]), where, seed, str(classes[i])) for i in ordered)


def worst(flawed: np.ndarray, class_ids: np.ndarray, limit: float) -> list[int]:
    """Ids of the classes of which at least this share has a flaw, the worst first. flawed: (n,) bool, or shares of draws."""
    found = {int(i): float(flawed[class_ids == i].mean()) for i in np.unique(class_ids)}
    return sorted((i for i in found if found[i] >= limit), key=lambda i: (-found[i], i))


def at_least(value: float, limits: Mapping[Severity, float]) -> Severity | None:
    """The first severity with a limit at or below the value; None if there is none. limits: the most severe first."""
    return next((severity for severity, limit in limits.items() if value >= limit), None)


def below(value: float, limits: Mapping[Severity, float]) -> Severity | None:
    """The first severity with a limit above the value; None if there is none. limits: the most severe first."""
    return next((severity for severity, limit in limits.items() if value < limit), None)


def of_classes(hits: np.ndarray, class_ids: np.ndarray, limits: Mapping[Severity, float]) -> Severity | None:
    """The severity of a flaw that objects of several classes have: that of the worst class, unless the whole loses little.

    hits: (n,) whether an object has the flaw. class_ids: (n,) from 1. limits: for the share of the worst class. What the whole
    loses is the larger of two shares: of all objects, and as the mean over the classes.
    """
    counts = np.bincount(class_ids)
    shares = (np.bincount(class_ids, hits) / np.maximum(counts, 1))[counts > 0]
    whole = max(shares.mean(), hits.mean())
    worst, allowed = at_least(shares.max(), limits), at_least(whole, _WHOLE)
    if not worst or not allowed:
        return None
    return "high" if whole >= _MUCH else SEVERITIES[max(map(SEVERITIES.index, (worst, allowed)))]
