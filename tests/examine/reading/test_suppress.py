# environment: train
"""Non-maximum suppression of three boxes, worked out by hand."""

import numpy as np
import pytest

from boxwright.examine.reading import suppress
from boxwright.examine.running.raw import Suppression

# The second overlaps the first at an IoU of 1/3, and so does the third the second; first and third touch only at a side.
BOXES = np.array([[0, 0, 0.2, 0.2], [0, 0.1, 0.2, 0.3], [0, 0.2, 0.2, 0.4]])
SCORES = np.array([[0.9, 0.0], [0.8, 0.3], [0.7, 0.0]])
# Settings -> (class number, score) of what is left, from high to low.
CASES = {
    "loose": (Suppression(iou=0.5), [(0, 0.9), (0, 0.8), (0, 0.7), (1, 0.3)]),
    "strict: class by class": (Suppression(iou=0.2), [(0, 0.9), (0, 0.7), (1, 0.3)]),
    "cap": (Suppression(iou=0.5, most=2), [(0, 0.9), (0, 0.8)]),
    "threshold": (Suppression(iou=0.5, threshold=0.75), [(0, 0.9), (0, 0.8)]),
    "nothing is left": (Suppression(threshold=0.95), []),
}


@pytest.mark.parametrize(("how", "expected"), CASES.values(), ids=CASES)
def test_suppressed(how, expected):
    _, scores, numbers = suppress.suppressed(BOXES, SCORES, how)
    assert list(zip(numbers.tolist(), scores.round(4).tolist(), strict=True)) == [
        (number, pytest.approx(score)) for number, score in expected
    ]
