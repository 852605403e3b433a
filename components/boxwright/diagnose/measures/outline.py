"""How far inside of their boxes, or outside, the outlines of the objects lie. From the pixels of many boxes together.

Inside of an object and at its outline, a picture changes more from pixel to pixel than outside of it. So the strongest changes
along each side of the boxes rise where the objects begin: at the box if it is tight, further inside if it is too large.
"""

from dataclasses import dataclass

import numpy as np

from boxwright.diagnose.measures.object_crops import MARGIN, SIDE

# Weights of the changes on each side of a place, the nearest first: a thin outline is found where it is.
_WEIGHTS = np.array([3, 2, 1]) / 6
# The strongest changes of a row or column that count: a wing or a leaf that reaches its box is thin there.
_STRONGEST = 4
_TINY = 1e-6
_RESAMPLED, _QUANTILES = 60, (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Outline:
    """size: (2,) width and height of the objects in sides of their box. interval: (2, 2), low and high of each, 90 %.

    rise: (4,) how much the change rises at the outline, in means of the crop. at_box: (4,) how much at the side of the box.
    inside: (4,) how far inside of the box the outline lies, in sides of the box. Order of the four: left, right, top, bottom.
    """

    size: np.ndarray
    interval: np.ndarray
    inside: np.ndarray
    rise: np.ndarray
    at_box: np.ndarray


def measure(pixels: np.ndarray, pictures: np.ndarray, seed: int) -> Outline:
    """pixels: (n, side, side) crops of objects. pictures: (n,) names; each picture counts once, whatever its number of boxes."""
    row = np.unique(pictures, return_inverse=True)[1]
    means = np.stack([profiles(pixels)[row == picture].mean(0) for picture in range(row.max() + 1)])
    inside, rise, at_box = _places(means.mean(0))
    random, n = np.random.default_rng(seed), len(means)
    sizes = [_size(_places(means[random.integers(0, n, n)].mean(0))[0]) for _ in range(_RESAMPLED)]
    return Outline(_size(inside), np.quantile(sizes, _QUANTILES, axis=0).T, inside, rise, at_box)


def profiles(pixels: np.ndarray) -> np.ndarray:
    """(n, 2, side - 1) the strongest changes from each column to the next, and from each row to the next, of mean 1."""
    box = slice(MARGIN, MARGIN + SIDE)
    columns = _strongest(np.abs(np.diff(pixels[:, box], axis=2)))
    rows = _strongest(np.abs(np.diff(pixels[:, :, box], axis=1)).swapaxes(1, 2))
    found = np.stack([columns, rows], axis=1)
    return found / np.maximum(found.mean(2, keepdims=True), _TINY)


def _strongest(changes: np.ndarray) -> np.ndarray:
    """(n, k) mean of the largest of changes (n, side, k) along the side."""
    return np.partition(changes, -_STRONGEST, axis=1)[:, -_STRONGEST:].mean(1)


def _places(profile: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of left, right, top and bottom: how far inside the change rises most, and the rise there and at the box.

    profile: (2, k)."""
    sides = [profile[0], profile[0, ::-1], profile[1], profile[1, ::-1]]
    inside, rise, at_box = zip(*map(_rise, sides), strict=True)
    return np.array(inside), np.array(rise), np.array(at_box)


def _rise(profile: np.ndarray) -> tuple[float, float, float]:
    """profile: (k,), from the side of the crop to the one opposite. The outline is looked for up to the middle."""
    inside_minus_outside = np.concatenate([_WEIGHTS[::-1], -_WEIGHTS])  # `convolve` turns it around
    rises, window = np.convolve(profile, inside_minus_outside, "valid"), len(_WEIGHTS)
    nearer = rises[: len(profile) // 2 + 1 - window]  # rises[i]: at the change i + window
    best, box = int(nearer.argmax()), MARGIN - window
    return (best - box) / SIDE, float(nearer[best]), float(rises[box])


def _size(inside: np.ndarray) -> np.ndarray:
    return 1 - inside.reshape(2, 2).sum(1)
