# environment: train
"""The comparison of detections, by hand."""

import numpy as np
import pytest

from boxwright.core.artifacts.parity import Compared
from boxwright.export import parity

BOX = [0.1, 0.1, 0.3, 0.3]


def detection(*rows):
    """rows: (box, score, class)."""
    boxes, scores, classes = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(boxes, float).reshape(-1, 4), np.array(scores, float), np.array(classes, int)


CASES = {
    "identical": ([(BOX, 0.9, 1)], [(BOX, 0.9, 1)], 1, 1),
    "shifted by .01": ([(BOX, 0.9, 1)], [([0.11, 0.1, 0.31, 0.3], 0.9, 1)], 1, 0),
    "score off by .01": ([(BOX, 0.9, 1)], [(BOX, 0.89, 1)], 1, 0),
    "another class": ([(BOX, 0.9, 1)], [(BOX, 0.9, 2)], 0, 0),
    "elsewhere": ([(BOX, 0.9, 1)], [([0.5, 0.5, 0.7, 0.7], 0.9, 1)], 0, 0),
    "one of two": ([(BOX, 0.9, 1), ([0.5, 0.5, 0.9, 0.9], 0.8, 1)], [(BOX, 0.9, 1)], 0.5, 0.5),
    "padding is no detection": ([(BOX, 0.9, 1)], [(BOX, 0.0, 1)], 0, 0),
    "nothing exported": ([(BOX, 0.9, 1)], [], 0, 0),
    "weak ones are not compared": ([(BOX, 0.9, 1), ([0.5, 0.5, 0.9, 0.9], 0.2, 1)], [(BOX, 0.9, 1)], 1, 1),
    "ties are not compared": ([(BOX, 0.9, 1), ([0.5, 0.5, 0.9, 0.9], 0.89999, 1)], [], None, None),
    "nothing to compare": ([(BOX, 0.0, 1)], [(BOX, 0.9, 1)], None, None),
}


CASES |= {
    "overlapping by half": ([(BOX, 0.9, 1)], [([0.1, 0.1, 0.3, 0.21], 0.9, 1)], 1, 0),
    "by less than half": ([(BOX, 0.9, 1)], [([0.1, 0.1, 0.3, 0.19], 0.9, 1)], 0, 0),
    "half as sure": ([(BOX, 0.9, 1), ([0.5, 0.5, 0.9, 0.9], 0.45, 1)], [(BOX, 0.9, 1)], 0.5, 0.5),
    "less than half as sure": ([(BOX, 0.9, 1), ([0.5, 0.5, 0.9, 0.9], 0.44, 1)], [(BOX, 0.9, 1)], 1, 1),
    "shifted by .0009": ([(BOX, 0.9, 1)], [([0.1009, 0.1, 0.3009, 0.3], 0.9, 1)], 1, 1),
    "shifted by .0011": ([(BOX, 0.9, 1)], [([0.1011, 0.1, 0.3011, 0.3], 0.9, 1)], 1, 0),
    "the nearest counts": ([(BOX, 0.9, 1)], [([0.1, 0.1, 0.3, 0.25], 0.9, 1), (BOX, 0.9, 1)], 1, 1),
    "ten at most": ([(BOX, 0.9 - i / 100, 1) for i in range(10)] + [(BOX, 0.6, 2)], [(BOX, 0.855, 1)], 1, 0),
}


@pytest.mark.parametrize(("trained", "exported", "matched", "same"), CASES.values(), ids=CASES)
def test_compare(trained, exported, matched, same):
    found = parity.compare([detection(*trained)], [detection(*exported)])
    assert (found.matched, found.same) == (matched, same)
    assert parity.agrees(found) == (same in (1, None))
    assert parity.usable(found) == (matched in (1, None))


@pytest.mark.parametrize(
    ("share", "agrees", "usable"),
    [(1.0, True, True), (0.95, True, True), (0.94, False, True), (0.7, False, True), (0.69, False, False)],
)
def test_limits_of_float_and_int8(share, agrees, usable):
    rest = dict.fromkeys(("box_max", "box_mean", "score_max", "score_mean"))
    compared = Compared(detections=100, matched=share, same=share, **rest)
    assert parity.agrees(compared) == agrees and parity.usable(compared) == usable


def test_differences_of_matched_detections():
    found = parity.compare([detection((BOX, 0.9, 1))], [detection(([0.12, 0.1, 0.31, 0.3], 0.85, 1))])
    assert found.box_max == found.box_mean == pytest.approx(0.02)
    assert found.score_max == pytest.approx(0.05)
