"""Asymmetry of generated objects whose sides are known."""

import numpy as np
import pytest

from boxwright.augment import mirrored

N = 60


def _seven() -> np.ndarray:
    """(40, 20) a bar on top and another down the right side."""
    grey = np.full((40, 20), 40.0)
    grey[:8], grey[:, 14:] = 200, 200
    return grey


def _patches(draw) -> np.ndarray:
    random = np.random.default_rng(0)
    return np.array([mirrored.patch(draw(n, random) + random.normal(0, 20, (40, 20))) for n in range(N)])


def _bright_dot(n, random) -> np.ndarray:
    grey = np.zeros((40, 20))
    row, column = random.integers(5, 35), random.integers(3, 17)
    grey[row - 3 : row + 3, column - 3 : column + 3] = 200
    return grey


LIT = np.linspace(0, 60, 20)


@pytest.mark.parametrize(
    ("draw", "sided"),
    [
        (lambda n, random: _seven(), True),
        (lambda n, random: _seven()[:, ::-1], True),
        (lambda n, random: _seven() + LIT, True),
        # Four in five one way: the rest is seen as often as a mirrored one is needed.
        (lambda n, random: _seven()[:, :: 1 if n % 5 else -1], True),
        (lambda n, random: _seven()[:, :: 1 if n % 2 else -1], False),
        (lambda n, random: np.maximum(_seven(), _seven()[:, ::-1]), False),
        # Upside down it is another thing, mirrored it is the same.
        (lambda n, random: np.repeat(np.where(np.arange(40) < 12, 200.0, 40)[:, None], 20, 1), False),
        (_bright_dot, False),
        # A lamp at the side lights all objects alike, and no object has a side.
        (lambda n, random: _bright_dot(n, random) + LIT, False),
        (lambda n, random: np.full((40, 20), 90.0), False),
    ],
)
def test_asymmetry(draw, sided):
    assert (mirrored.asymmetry(_patches(draw)) >= 0.5) == sided


def test_too_few_to_tell():
    assert mirrored.asymmetry(_patches(_bright_dot)[:29]) is None
    assert mirrored.asymmetry(np.empty(0)) is None


def test_a_patch_has_neither_mean_nor_slope():
    rows, columns = np.mgrid[:40, :20]
    assert np.abs(mirrored.patch(90.0 + 2 * rows - 3 * columns)).max() < 3
