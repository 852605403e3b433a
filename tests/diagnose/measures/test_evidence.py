# environment: data
"""Shares as evidence, and which classes are the worst."""

import numpy as np
import pytest

from boxwright.diagnose.measures.evidence import share, shares, worst

NAMES = np.array(["cat", "cat", "cat", "dog", "dog", "ant"], object)
HITS = np.array([True, False, False, True, True, False])


def test_a_share_has_its_n_and_wilson_interval():
    found = share("m", HITS, "w", seed=3, subject="all")
    assert (found.value, found.n, found.seed, found.subject) == (0.5, 6, 3, "all")
    assert found.interval == pytest.approx((0.1876, 0.8124), abs=1e-4)


def test_classes_with_hits_have_rows_the_most_hits_first():
    rows = [(row.subject, row.value, row.n) for row in shares("m", HITS, NAMES, "w")]
    assert rows == [("dog", 1.0, 2), ("cat", 0.3333, 3)]


def test_without_hits_there_are_no_rows():
    assert shares("m", HITS & False, NAMES, "w") == ()


def test_worst_classes_are_those_at_or_above_the_limit():
    ids = np.array([1, 1, 1, 2, 2, 3])
    assert worst(HITS, ids, 1 / 3) == [2, 1]
    assert worst(HITS, ids, 0.5) == [2]
