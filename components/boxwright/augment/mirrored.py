"""Whether the objects of a class look otherwise than their mirror images: letters, arrows, what always faces one way."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from boxwright.augment.effect import effect_size

SIDE = 16
MOST = 500  # objects of a class that are looked at: more say no more
# Cohen calls 0.5 a medium effect, visible to the naked eye (Statistical Power Analysis, 1988).
CLEAR, CHANCE = 0.5, 0.01
_DRAWS, _AT_ONCE = 2000, 1000
_FLAT = 4.0  # grey levels: what varies less has no features
# How far the left and the right side of a box are moved, pixels: its middle by -1 to 1.
_MOVED = ((-1, -1), (-1, 0), (0, 0), (0, 1), (1, 1))


@dataclass(frozen=True)
class Sided:
    """d: Cohen's d of how much each of n objects is like the others rather than like their mirror images, left to right; p:
    chance of as much likeness if each had been mirrored by the toss of a coin. Both None where n is too small to tell."""

    d: float | None
    p: float | None
    n: int


def patches(grey: np.ndarray, top: int, left: int, bottom: int, right: int) -> np.ndarray:
    """(5, SIDE, SIDE) of grey levels (h, w): the box, in pixels, and the same with its middle half a pixel and one to either
    side, for boxes are off by as much where they are counted from 1. Without their mean and the slope of the light, which is
    the scene's."""
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
    """The pixels in the middle of SIDE equal parts: where one ends there, it and the next, lest the sampling have a side."""
    middles = (np.arange(SIDE) + 0.5) * size / SIDE
    return np.ceil(middles).astype(int) - 1, np.floor(middles).astype(int)


def measured(found: Mapping[str, Sequence[np.ndarray]]) -> dict[str, Sided]:
    """found: of each class the `patches` of its objects.

    The part of a patch that changes its sign when mirrored, times the mean of that part over all others: 0 on average in a
    class that is seen both ways, be it symmetric or not. Of the middles that a box may have, the one with least of it counts.
    The chance is that of a randomisation test with random signs, with draws enough to tell CHANCE among so many classes.
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
    """Of a sum as long as that of the rows of odd, (n, m), when each has a random sign; itself counts as one draw."""
    random, length = np.random.default_rng(0), (odd.sum(0) ** 2).sum()
    longer = 0
    for first in range(0, draws, _AT_ONCE):
        signs = random.choice((-1.0, 1.0), (min(_AT_ONCE, draws - first), len(odd)))
        longer += int((((signs @ odd) ** 2).sum(1) >= length * (1 - 1e-9)).sum())
    return (1 + longer) / (1 + draws)


def clear(found: Mapping[str, Sided]) -> str:
    """The class that looks least like its mirror image, if one does clearly; else empty.

    CHANCE is of a mistake in the whole data set, a half for each of two ways to see it: one class by itself among so many
    (Bonferroni), or a little in several (Fisher's combined p).
    """
    judged = {name: (sided.d, sided.p) for name, sided in found.items() if sided.d is not None and sided.p is not None}
    beyond = {name: values for name, values in judged.items() if values[0] >= CLEAR}
    if not beyond:
        return ""
    _, together = stats.combine_pvalues([p for _, p in judged.values()], "fisher")
    seen = {name: d for name, (d, p) in beyond.items() if min(together, p * len(judged)) <= CHANCE / 2}
    return max(seen, key=seen.__getitem__, default="")
