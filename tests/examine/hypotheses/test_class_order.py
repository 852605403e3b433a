# environment: train
"""Shifted class numbers, and the order that fits best, worked out by hand."""

import numpy as np
import pytest

from boxwright.examine.hypotheses import class_order

# Class ids by number, shift, number of classes -> the shifted ids.
SHIFTS = {
    "up": ((1, 2, 3), 1, 3, (2, 3, 0)),
    "down": ((1, 2, 3), -1, 3, (0, 1, 2)),
    "back up": ((0, 1, 2), 1, 3, (1, 2, 3)),
    "a number without a class takes its neighbour's": ((1, 2, 3, 0), -1, 3, (0, 1, 2, 3)),
    "by name": ((3, 0, 1), 1, 3, (0, 0, 2)),
    "one class": ((1,), 1, 1, (0,)),
    "no class": ((0, 0), 1, 2, (0, 0)),
}


@pytest.mark.parametrize(("classes", "shift", "count", "expected"), SHIFTS.values(), ids=SHIFTS)
def test_shifted(classes, shift, count, expected):
    assert class_order.shifted(classes, shift, count) == expected


# Rows: class ids 1.. (row 0 is no class). Columns: class numbers.
PAIRS = {
    "as it is": ([[9, 0], [0, 9]], (1, 2)),
    "exchanged": ([[1, 8], [7, 2]], (2, 1)),
    # The best total is 5 + 5, though 6 is the largest pair.
    "not greedy": ([[6, 5], [5, 0]], (2, 1)),
    "never seen": ([[4, 0, 0], [0, 0, 0]], (1, 0, 0)),
    "more numbers than classes": ([[0, 3, 0], [0, 0, 2]], (0, 1, 2)),
    "more classes than numbers": ([[0], [5], [1]], (2,)),
}


@pytest.mark.parametrize(("rows", "expected"), PAIRS.values(), ids=PAIRS)
def test_assigned(rows, expected):
    pairs = np.array([[0] * len(rows[0]), *rows])
    assert class_order.assigned(pairs) == expected
