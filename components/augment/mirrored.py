"""Whether the objects of a class look otherwise than their mirror images: letters, arrows, what always faces one way."""

import numpy as np

from boxwright.augment.effect import effect_size

SIDE = 16
# Of fewer, a few that are alike by chance would decide.
_FEWEST = 30
_FLAT = 4.0  # grey levels: what varies less has no features


def patch(grey: np.ndarray) -> np.ndarray:
    """(h, w) grey levels at SIDE x SIDE, 16-bit float; without their mean and the slope of the light, which is the scene's."""
    rows, columns = ((np.arange(SIDE) + 0.5) * side / SIDE for side in grey.shape)
    pixels = grey[np.ix_(rows.astype(int), columns.astype(int))]
    at = (np.arange(SIDE) - (SIDE - 1) / 2) / np.sqrt((SIDE**2 - 1) / 12)
    slopes = (pixels * at).mean() * at + (pixels * at[:, None]).mean() * at[:, None]
    return (pixels - pixels.mean() - slopes).astype(np.float16)


def asymmetry(patches: np.ndarray) -> float | None:
    """Cohen's d of how much each of (n, SIDE, SIDE) is like the others rather than like their mirror images, left to right; None
    where there are too few to tell.

    The part of a patch that changes its sign when mirrored, times the mean of that part over all others: 0 on average in a
    class that is seen both ways, be it symmetric or not.
    """
    if len(patches) < _FEWEST:
        return None
    flat = patches.astype(float).reshape(len(patches), -1)
    flat /= np.maximum(flat.std(1, keepdims=True), _FLAT)
    odd = (flat - flat.reshape(patches.shape)[..., ::-1].reshape(flat.shape)) / 2
    likeness = (odd * (odd.sum(0) - odd)).mean(1) / (len(odd) - 1)
    return effect_size(likeness)
