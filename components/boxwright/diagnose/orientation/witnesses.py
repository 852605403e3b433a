"""Which pictures are evidence of their own: pictures that show one and the same object are one witness."""

import numpy as np
from scipy import ndimage

from boxwright.core import near_duplicates

# Correlation of the fine structure of two crops, with their surroundings, from which they show one object. 345 of 350 pictures of
# cells, cards and cars are linked to no other; 27 frames of a fixed camera in which little moves are 11.
_SAME = 0.85
# Sides of the squares whose mean is removed, and in which the rest is averaged, in pixels.
_COARSE, _FINE = 9, 2
# Standard deviation of the fine structure, in grey of 0..1, at which a crop correlates half.
_FLAT = 0.002
_AT_ONCE = 1000


def witnesses(pixels: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """(n,) number of the witness of each crop. pixels: (n, side, side) in 0..1. pictures: (n,) number of each crop's picture.

    Crops of one picture have one witness, and so have pictures that are linked by equal crops, also through others.
    """
    _, which = np.unique(pictures, return_inverse=True)
    found = [np.empty((0, 2), int)]
    details = _details(pixels)
    for start in range(0, len(details), _AT_ONCE):
        rows, others = np.nonzero(details[start : start + _AT_ONCE] @ details.T >= _SAME)
        found.append(np.unique(np.stack([which[rows + start], which[others]], axis=1), axis=0))
    return near_duplicates.groups(int(which.max(initial=-1)) + 1, np.concatenate(found))[which]


def _details(pixels: np.ndarray) -> np.ndarray:
    """(n, m) the fine structure of the crops, of length 1; less for crops that are nearly flat."""
    count, side, _ = pixels.shape
    rest = pixels
    for axis in (1, 2):
        rest = ndimage.uniform_filter1d(rest, _COARSE, axis)
    rest = pixels - rest
    fine = side // _FINE
    rest = rest.reshape(count, fine, _FINE, fine, _FINE).mean((2, 4)).reshape(count, fine**2)
    length = np.linalg.norm(rest, axis=1, keepdims=True)
    return (rest / (length + _FLAT * fine)).astype(np.float32)
