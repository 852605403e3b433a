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
def test_what_looks_otherwise_mirrored(draw, sided):
    assert bool(mirrored.clear({"it": mirrored.measured(_patches(draw))})) == sided


def test_few_are_enough_where_all_agree():
    few = mirrored.measured(_patches(lambda n, random: _seven())[:10])
    assert few.d > 2 and few.p == pytest.approx(2 / 2**10, abs=0.004) and few.n == 10


def test_of_very_many_some_are_looked_at():
    patches = np.zeros((4001, 16, 16), np.float16)
    patches[::3, 3:9, 2:7] = 50
    found = mirrored.measured(patches)
    assert found.n == 1334 and found.d > 100 and found.p == 1 / 2000


def test_too_few_to_tell():
    assert mirrored.measured(_patches(_bright_dot)[:7]) == mirrored.Sided(None, None, 7)
    assert mirrored.measured(np.empty((0, 16, 16))) == mirrored.Sided(None, None, 0)


@pytest.mark.parametrize(
    ("found", "clear"),
    [
        ({}, ""),
        ({"a": mirrored.Sided(None, None, 3)}, ""),
        ({"a": mirrored.Sided(0.5, 0.01, 30)}, "a"),
        ({"a": mirrored.Sided(0.49, 0.0005, 900)}, ""),
        ({"a": mirrored.Sided(0.6, 0.001, 30), "b": mirrored.Sided(0.8, 0.001, 30)}, "b"),
        # Of twenty classes one in five is as unlikely by chance.
        ({"a": mirrored.Sided(0.6, 0.01, 30)} | {f"{n}": mirrored.Sided(0.0, 0.5, 30) for n in range(19)}, ""),
    ],
)
def test_clear_among_so_many_classes(found, clear):
    assert mirrored.clear(found) == clear


def test_by_chance_hardly_ever():
    """Of objects without a side, 8 a class, in 200 draws: 2 are expected."""
    random = np.random.default_rng(0)
    found = [mirrored.measured(random.normal(0, 30, (8, 16, 16))) for _ in range(200)]
    assert sum(bool(mirrored.clear({"it": one})) for one in found) <= 6


def test_a_patch_has_neither_mean_nor_slope():
    rows, columns = np.mgrid[:40, :20]
    assert np.abs(mirrored.patch(90.0 + 2 * rows - 3 * columns)).max() < 3
