"""Whether the objects of a class look otherwise than their mirror images: letters, arrows, what always faces one way."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from boxwright.augment.effect import effect_size

SIDE = 16
# Cohen calls 0.5 a medium effect, visible to the naked eye (Statistical Power Analysis, 1988).
CLEAR, CHANCE = 0.5, 0.01
_DRAWS = 1999
_MOST = 2000  # patches that are looked at, evenly from all: more say no more, and would take gigabytes
_FLAT = 4.0  # grey levels: what varies less has no features


@dataclass(frozen=True)
class Sided:
    """d: Cohen's d of how much each of n objects is like the others rather than like their mirror images, left to right; p:
    chance of as much likeness if each had been mirrored by the toss of a coin. Both None where n is too small to tell."""

    d: float | None
    p: float | None
    n: int


def patch(grey: np.ndarray) -> np.ndarray:
    """(h, w) grey levels at SIDE x SIDE, 16-bit float; without their mean and the slope of the light, which is the scene's."""
    rows, columns = ((np.arange(SIDE) + 0.5) * side / SIDE for side in grey.shape)
    pixels = grey[np.ix_(rows.astype(int), columns.astype(int))]
    at = (np.arange(SIDE) - (SIDE - 1) / 2) / np.sqrt((SIDE**2 - 1) / 12)
    slopes = (pixels * at).mean() * at + (pixels * at[:, None]).mean() * at[:, None]
    return (pixels - pixels.mean() - slopes).astype(np.float16)


def measured(patches: np.ndarray) -> Sided:
    """patches: (n, SIDE, SIDE) of one class.

    The part of a patch that changes its sign when mirrored, times the mean of that part over all others: 0 on average in a
    class that is seen both ways, be it symmetric or not. The chance is that of a randomisation test with random signs.
    """
    patches = patches[:: max(1, -(-len(patches) // _MOST))]
    n = len(patches)
    if n < 2:
        return Sided(None, None, n)
    flat = patches.astype(float) / np.maximum(patches.astype(float).std((1, 2), keepdims=True), _FLAT)
    odd = ((flat - flat[:, :, ::-1]) / 2)[:, :, : SIDE // 2].reshape(n, -1)
    total = odd.sum(0)
    d = effect_size((odd * (total - odd)).mean(1) / (n - 1))
    if d is None:
        return Sided(None, None, n)
    signs = np.random.default_rng(0).choice((-1.0, 1.0), (_DRAWS, n))
    by_chance = ((signs @ odd) ** 2).sum(1) >= (total**2).sum()
    return Sided(d, (1 + int(by_chance.sum())) / (1 + _DRAWS), n)


def clear(found: Mapping[str, Sided]) -> str:
    """The class that looks least like its mirror image, if that is clear among so many classes; else empty."""
    told = {name: sided for name, sided in found.items() if sided.d is not None}
    beyond = {n: s for n, s in told.items() if s.d >= CLEAR and s.p * len(told) <= CHANCE}
    return max(beyond, key=lambda name: beyond[name].d, default="")
