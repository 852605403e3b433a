"""How far each box must move so that its object lies in it as the objects of its class usually do. From the pixels.

The edges of the crops of a class, averaged, are its template. Each crop is compared with it at all shifts. An object in the
middle of a repeating structure fits best where it is, because its neighbours are farther away than the shifts that are tried.
"""

from dataclasses import dataclass

import numpy as np

from boxwright.diagnose.measures.object_crops import MARGIN, SIDE

# Pixels of a crop that a box is moved by at most, in each direction. A gradient needs a neighbour on each side.
MOST = MARGIN - 1
_WINDOW = SIDE + 2 * MARGIN - 2 - 2 * MOST
_TINY = 1e-6


@dataclass(frozen=True, eq=False)
class Fit:
    """shift: (n, 2) pixels of the crop, down and right, at which an object fits the template best. best: (n,) the correlation
    there. own: (n,) the correlation at the box's own place, or a pixel beside it."""

    shift: np.ndarray
    best: np.ndarray
    own: np.ndarray


def fit(pixels: np.ndarray) -> Fit:
    """Normalised cross-correlation of gradient magnitudes. pixels: (n, side, side), the crops of one class."""
    edges = _edges(pixels)
    inner = edges[:, MOST:-MOST, MOST:-MOST]
    template = _normal(_normal(inner).mean(0)[None])[0]
    found = _correlations(edges, template)
    places = found.reshape(len(found), -1)
    at = places.argmax(1)
    shift = np.stack(np.divmod(at, 2 * MOST + 1), axis=1) - MOST
    near = found[:, MOST - 1 : MOST + 2, MOST - 1 : MOST + 2].reshape(len(found), -1)
    return Fit(shift, places.max(1), near.max(1))


def _edges(pixels: np.ndarray) -> np.ndarray:
    """(n, side - 2, side - 2) square roots of blurred gradient magnitudes. The root lets faint edges count, too."""
    down = pixels[:, 2:, 1:-1] - pixels[:, :-2, 1:-1]
    right = pixels[:, 1:-1, 2:] - pixels[:, 1:-1, :-2]
    padded = np.pad(np.hypot(down, right), ((0, 0), (1, 1), (1, 1)), mode="edge")
    side = padded.shape[1] - 2
    return np.sqrt(sum(padded[:, y : y + side, x : x + side] for y in range(3) for x in range(3)) / 9)


def _normal(windows: np.ndarray) -> np.ndarray:
    """The same windows (n, h, w) with mean 0 and norm 1."""
    flat = windows - windows.mean((1, 2), keepdims=True)
    return flat / np.maximum(np.sqrt((flat**2).sum((1, 2), keepdims=True)), _TINY)


def _correlations(edges: np.ndarray, template: np.ndarray) -> np.ndarray:
    """(n, shifts, shifts) correlation of each shifted window with the template (window, window) of mean 0 and norm 1."""
    side, shifts = edges.shape[1], 2 * MOST + 1
    laid = np.zeros((2, shifts, shifts, side, side), edges.dtype)
    for y in range(shifts):
        for x in range(shifts):
            place = (y, x, slice(y, y + _WINDOW), slice(x, x + _WINDOW))
            laid[0][place], laid[1][place] = template, 1
    of_template, ones = laid.reshape(2, shifts**2, -1)
    flat = edges.reshape(len(edges), -1)
    variance = (flat**2) @ ones.T - (flat @ ones.T) ** 2 / _WINDOW**2
    found = (flat @ of_template.T) / np.sqrt(np.maximum(variance, _TINY**2))
    return found.reshape(-1, shifts, shifts)
