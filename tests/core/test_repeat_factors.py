# environment: data
"""Repeat factors and exposure, by hand."""

import numpy as np
import pytest

from boxwright.core import repeat_factors

# 16 images with two cats each, and one of them also with a dog. Cats are in all images, dogs in 1 of 16: sqrt(16) = 4.
COUNTS = np.array([[2, 0]] * 15 + [[2, 1]])


@pytest.mark.parametrize(
    ("counts", "most", "factors"),
    [
        (COUNTS, 10, [1] * 15 + [4]),
        (COUNTS, 2.5, [1] * 15 + [2.5]),
        (COUNTS, 1, [1] * 16),
        (np.array([[1, 0], [0, 1]] * 4), 10, [1] * 8),
        # An image without objects is shown once. The image with the dog has the factor sqrt((3 / 4) / (1 / 4)).
        (np.array([[0, 0], [1, 0], [1, 0], [1, 1]]), 10, [1, 1, 1, 3**0.5]),
        (np.zeros((2, 3), int), 10, [1, 1]),
        (np.zeros((0, 2), int), 10, []),
    ],
)
def test_repeat_factors(counts, most, factors):
    assert repeat_factors.repeat_factors(counts, most).tolist() == pytest.approx(factors)


def test_no_image_more_than_ten_times():
    """The formula gives 20 for a class in 1 of 400 images."""
    assert repeat_factors.repeat_factors(np.array([[1, 0]] * 399 + [[1, 1]])).max() == 10


def test_exposure():
    """Without repeats, 1 of 33 objects is a dog. With the last image shown four times, 4 of 15 * 2 + 4 * 3 are dogs."""
    assert repeat_factors.exposure(COUNTS, np.ones(16)).tolist() == [32 / 33, 1 / 33]
    assert repeat_factors.exposure(COUNTS, repeat_factors.repeat_factors(COUNTS)).tolist() == [38 / 42, 4 / 42]
