"""Measures whether a class looks different from its mirror image: letters, arrows, objects that always face one way."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from boxwright.augment.effect import effect_size

SIDE = 16
MOST = 500  # objects measured per class; more would not change the result
# Cohen calls 0.5 a medium effect, visible to the naked eye (Statistical Power Analysis, 1988).
CLEAR, CHANCE = 0.5, 0.01
_DRAWS, _AT_ONCE = 2000, 1000
_FLAT = 4.0  # grey levels; a patch that varies less has no features
# How far the left and the right side of a box are moved, in pixels. This moves its middle by -1 to 1.
_MOVED = ((-1, -1), (-1, 0), (0, 0), (0, 1), (1, 1))


@dataclass(frozen=True)
class Sided:
    """d: Cohen's d, over n objects, of the likeness of an object to the others minus its likeness to their mirror images.
    p: the probability of such a difference if each object had been mirrored at random. Both are None if n is too small.
    """

    d: float | None
    p: float | None
    n: int


def patches(grey: np.ndarray, top: int, left: int, bottom: int, right: int) -> np.ndarray:
    """(5, SIDE, SIDE) patches of the box, cut from grey levels (h, w). top, left, bottom, right: in pixels.

    The box is also moved by half a pixel and by one pixel to either side, because boxes in coordinates from 1 are off by that
    much. The mean and the slope of the light are removed, because they belong to the scene.
    """
    width = grey.shape[1]
    sides = [(max(0, left + a), min(width, right + b)) for a, b in _MOVED]
    return np.array([_patch(grey[top:bottom, a:b]) for a, b in sides], np.float16)


def _patch(grey: np.ndarray) -> np.ndarray:
    (upper, lower), (left, right) = map(_middles, grey.shape)
    rows = grey[upper] + grey[lower]
    pixels = (rows[:, left] + rows[:, right]) / 4
    at = (np.arange(SIDE) - (SIDE - 1) / 2) / np.sqrt((SIDE**2 - 1) / 12)
    slopes = (pixels * at).mean() * at + (pixels * at[:, None]).mean() * at[:, None]
    return pixels - pixels.mean() - slopes


def _middles(size: int) -> tuple[np.ndarray, np.ndarray]:
    """The pixels in the middle of SIDE equal parts. If the middle is between two pixels, both count: sampling is symmetric."""
    middles = (np.arange(SIDE) + 0.5) * size / SIDE
    return np.ceil(middles).astype(int) - 1, np.floor(middles).astype(int)


def measured(found: Mapping[str, Sequence[np.ndarray]]) -> dict[str, Sided]:
    """found: by class, the `patches` of its objects.

    The likeness of an object is the part of its patch that changes its sign when mirrored, times the mean of that part over all
    other objects. It is 0 on average in a class that is seen both ways, symmetric or not. Of the five positions of a box, the
    one with the least likeness counts. p comes from a randomisation test with random signs. The number of draws grows with the
    number of classes, so that p can fall below CHANCE after the correction for several classes.
    """
    draws = max(_DRAWS, math.ceil(4 * len(found) / CHANCE)) - 1
    return {name: _sided(np.array(of_class, float), draws) for name, of_class in found.items()}


def _sided(stack: np.ndarray, draws: int) -> Sided:
    n = len(stack)
    if n < 2:
        return Sided(None, None, n)
    flat = stack / np.maximum(stack.std((2, 3), keepdims=True), _FLAT)
    odd = ((flat - flat[..., ::-1]) / 2)[..., : SIDE // 2].reshape(n, len(_MOVED), -1)
    likeness = (odd * (odd.sum(0) - odd)).mean(2) / (n - 1)
    least = int(likeness.mean(0).argmin())
    d = effect_size(likeness[:, least])
    return Sided(None, None, n) if d is None else Sided(d, _chance(odd[:, least], draws), n)


def _chance(odd: np.ndarray, draws: int) -> float:
    """p: the share of draws in which the rows of odd (n, m), with random signs, have a sum at least as long as without. The data
    count as one draw."""
    random, length = np.random.default_rng(0), (odd.sum(0) ** 2).sum()
    longer = 0
    for first in range(0, draws, _AT_ONCE):
        signs = random.choice((-1.0, 1.0), (min(_AT_ONCE, draws - first), len(odd)))
        longer += int((((signs @ odd) ** 2).sum(1) >= length * (1 - 1e-9)).sum())
    return (1 + longer) / (1 + draws)


def clear(found: Mapping[str, Sided]) -> str:
    """The class that differs most from its mirror image, if one differs clearly; else empty.

    CHANCE is the probability of a false alarm in the whole data set. Half of it goes to the tests of single classes
    (Bonferroni), half to the test for small differences in several classes (Fisher's combined p).
    """
    judged = {name: (sided.d, sided.p) for name, sided in found.items() if sided.d is not None and sided.p is not None}
    beyond = {name: values for name, values in judged.items() if values[0] >= CLEAR}
    if not beyond:
        return ""
    _, together = stats.combine_pvalues([p for _, p in judged.values()], "fisher")
    seen = {name: d for name, (d, p) in beyond.items() if min(together, p * len(judged)) <= CHANCE / 2}
    return max(seen, key=seen.__getitem__, default="")
