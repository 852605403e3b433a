"""Why no anchor fits an object: it is too small, too long and thin, too large, or between the anchors."""

from dataclasses import dataclass

import numpy as np

from boxwright.core import anchors
from boxwright.core.anchors import Laid
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.anchor_coverage import side_pixels

# One cell of the finest feature map of any model. A smaller object is hard to see, whatever its shape.
TINY_PIXELS = 8
# The longest of the zoo's anchors are 3:1. At the same place and with the same area, their IoU with an object falls to 0.5 at
# 6.75:1. Objects are seldom in the middle of a cell, so most are lost before.
LONG = 3.0
# Two squares at one place, one with half the area of the other, have an IoU of 0.5.
_HALF = np.sqrt(0.5)
# Why objects are out of reach, as the end of `they are`.
WORDS = ("too small", "too long and thin", "too large", "between the anchors in size or shape")
SMALL, LONG_AND_THIN, LARGE, BETWEEN = range(4)


@dataclass(frozen=True, eq=False)
class Misfit:
    """Objects at the input of a recipe.

    pixels: (n,) side (square root of the area). ratios: (n,) long side over short side. squeezed: (n,) whether the object is
    long at the square input, but not in its image. reasons: (n,) the index in WORDS that applies if no anchor fits.
    """

    pixels: np.ndarray
    ratios: np.ndarray
    squeezed: np.ndarray
    reasons: np.ndarray


def measure(data: Data, laid: Laid) -> Misfit:
    """The training objects, as these anchors see them."""
    boxes_yxyx, _ = data.boxes_in("train")
    pixels = side_pixels(boxes_yxyx, laid.input_size)
    height, width = np.maximum(boxes_yxyx[:, 2:] - boxes_yxyx[:, :2], 1e-9).T
    seen = width / height * anchors.layout(laid).aspect
    ratios, own = _long_over_short(seen), _long_over_short(width / height * _aspects(data))
    return Misfit(pixels, ratios, (ratios > LONG) & (own <= LONG), reasons(pixels, ratios, laid))


def reasons(pixels: np.ndarray, ratios: np.ndarray, laid: Laid) -> np.ndarray:
    """(n,) the index in WORDS for objects of these sizes and shapes."""
    smallest, largest = anchor_sides(laid)
    tests = [pixels < TINY_PIXELS, ratios > LONG, pixels < smallest * _HALF, pixels > largest / _HALF]
    return np.select(tests, [SMALL, LONG_AND_THIN, SMALL, LARGE], BETWEEN)


def anchor_sides(laid: Laid) -> tuple[float, float]:
    """The sides (square root of the area) of the smallest and the largest anchor, in pixels of the input."""
    areas = anchors.shapes(laid).prod(1)
    return tuple(np.sqrt([areas.min(), areas.max()]) * laid.input_size)


def longest(laid: Laid) -> float:
    """Long over short side of the longest anchor."""
    shapes = anchors.shapes(laid)
    return float(_long_over_short(shapes[:, 1] / shapes[:, 0] * anchors.layout(laid).aspect).max())


def _long_over_short(ratios: np.ndarray) -> np.ndarray:
    return np.maximum(ratios, 1 / ratios)


def _aspects(data: Data) -> np.ndarray:
    """(n,) width / height of the image of each training object."""
    images = data.images_in("train").set_index("image_id")
    return (images.width / images.height).reindex(data.objects_in("train").image_id).to_numpy(float)
