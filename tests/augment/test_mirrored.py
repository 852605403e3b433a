# environment: train
"""Asymmetry of generated objects whose sides are known."""

import numpy as np
import pytest
from present import present

from boxwright.augment import mirrored

N, HEIGHT = 60, 40


def _seven(width=20) -> np.ndarray:
    """A bar on top and another down the right side."""
    grey = np.full((HEIGHT, width), 40.0)
    grey[:8], grey[:, -width * 3 // 10 :] = 200, 200
    return grey


def _bright_dot(random, width=20) -> np.ndarray:
    grey = np.zeros((HEIGHT, width))
    row, column = random.integers(5, 35), random.integers(3, width - 3)
    grey[row - 3 : row + 3, column - 3 : column + 3] = 200
    return grey


def _stripes(width) -> np.ndarray:
    """Fine, and equal to its mirror image."""
    half = np.where(np.arange((width + 1) // 2) % 2, 200.0, 40)
    return np.tile(np.concatenate([half[: width // 2], half[::-1]]), (HEIGHT, 1))


def _disc(width) -> np.ndarray:
    rows, columns = np.mgrid[:HEIGHT, :width]
    inside = np.hypot((rows - 19.5) / HEIGHT, (columns - (width - 1) / 2) / width) < 0.45
    return np.where(inside, 180.0, 60.0)


def _sided(draw, count=N, off=0, jitter=0.0) -> mirrored.Sided:
    """What is measured of objects on noise; off, jitter: pixels by which their boxes lie to the right, and vary."""
    random = np.random.default_rng(0)
    found = []
    for number in range(count):
        object_ = draw(number, random)
        scene = np.pad(object_, 10, mode="edge") + random.normal(0, 20, np.add(object_.shape, 20))
        left = 10 + off + round(np.clip(random.normal(0, jitter), -3, 3))
        found.append(mirrored.patches(scene, 10, left, 10 + HEIGHT, left + object_.shape[1]))
    return mirrored.measured({"it": found})["it"]


LIT = np.linspace(0, 60, 20)
SEVENS = lambda n, random: _seven()  # noqa: E731


@pytest.mark.parametrize(
    ("draw", "sided"),
    [
        (SEVENS, True),
        (lambda n, random: _seven()[:, ::-1], True),
        (lambda n, random: _seven(64), True),
        (lambda n, random: _seven() + LIT, True),
        # Four in five one way: the rest is seen as often as a mirrored one is needed.
        (lambda n, random: _seven()[:, :: 1 if n % 5 else -1], True),
        (lambda n, random: _seven()[:, :: 1 if n % 2 else -1], False),
        (lambda n, random: np.maximum(_seven(), _seven()[:, ::-1]), False),
        # Upside down it is another thing, mirrored it is the same.
        (lambda n, random: np.repeat(np.where(np.arange(40) < 12, 200.0, 40)[:, None], 20, 1), False),
        (lambda n, random: _bright_dot(random), False),
        # A lamp at the side lights all objects alike, and no object has a side.
        (lambda n, random: _bright_dot(random) + LIT, False),
        (lambda n, random: np.full((40, 20), 90.0), False),
    ],
)
def test_finds_classes_that_look_different_mirrored(draw, sided):
    assert bool(mirrored.clear({"it": _sided(draw)})) == sided


@pytest.mark.parametrize("width", [16, 20, 31, 32, 33, 48, 64])
def test_sampling_prefers_no_side(width):
    """Also where the middle of a part is between two pixels."""
    for draw in (lambda n, random: _stripes(width), lambda n, random: _disc(width)):
        assert not mirrored.clear({"it": _sided(draw)}), width


@pytest.mark.parametrize("width", [20, 32, 64])
@pytest.mark.parametrize("off", [-1, 1])
def test_boxes_that_are_a_pixel_off_have_no_side(width, off):
    assert not mirrored.clear({"it": _sided(lambda n, random: _disc(width), off=off, jitter=0.7)})


def test_few_objects_are_enough_if_all_agree():
    """Of the 2 ** 8 ways to mirror 8 objects only two are as one-sided."""
    few = _sided(SEVENS, count=8)
    assert present(few.d) > 2 and few.p == pytest.approx(2 / 2**8, rel=0.3) and few.n == 8


def test_judges_no_class_with_too_few_objects():
    assert _sided(SEVENS, count=7) == mirrored.Sided(None, None, 7)
    assert mirrored.measured({"it": []}) == {"it": mirrored.Sided(None, None, 0)}


@pytest.mark.parametrize("classes", [1, 21, 60])
def test_one_of_many_classes_is_found(classes):
    random = np.random.default_rng(0)
    seven = [mirrored.patches(_seven() + random.normal(0, 20, (40, 20)), 0, 0, 40, 20) for _ in range(30)]
    others = {str(n): [] for n in range(classes - 1)}
    found = mirrored.measured({"seven": seven} | others)
    assert mirrored.clear(found | dict.fromkeys(others, mirrored.Sided(0.0, 0.5, 30))) == "seven"


@pytest.mark.parametrize(
    ("found", "clear"),
    [
        ({}, ""),
        ({"a": mirrored.Sided(None, None, 3)}, ""),
        ({"a": mirrored.Sided(0.5, 0.005, 30)}, "a"),
        ({"a": mirrored.Sided(0.5, 0.006, 30)}, ""),
        ({"a": mirrored.Sided(0.49, 0.0005, 900)}, ""),
        ({"a": mirrored.Sided(0.6, 0.001, 30), "b": mirrored.Sided(0.8, 0.001, 30)}, "b"),
        # In one of ten data sets with twenty classes, a class has such a small p by chance.
        ({"a": mirrored.Sided(0.6, 0.005, 30)} | {f"{n}": mirrored.Sided(0.0, 0.5, 30) for n in range(19)}, ""),
        # Three such classes are not chance: Fisher's sum is 2 (4.2 + 4.2 + 4.2) = 25.2, of six degrees of freedom.
        ({name: mirrored.Sided(d, 0.015, 20) for name, d in (("a", 0.6), ("b", 0.7), ("c", 0.4))}, "b"),
    ],
)
def test_corrects_for_the_number_of_classes(found, clear):
    assert mirrored.clear(found) == clear


def test_chance_hardly_ever_looks_clear():
    """Symmetric objects, 8 in each class, 200 draws: at most 2 false alarms are expected."""
    random = np.random.default_rng(0)
    found = [
        {"it": [mirrored.patches(random.normal(90, 30, (20, 20)), 0, 0, 20, 20) for _ in range(8)]} for _ in range(200)
    ]
    assert sum(bool(mirrored.clear(mirrored.measured(one))) for one in found) <= 6


def test_a_patch_has_neither_mean_nor_slope():
    rows, columns = np.mgrid[:40, :20]
    assert np.abs(mirrored.patches(90.0 + 2 * rows - 3 * columns, 0, 0, 40, 20)).max() < 3
