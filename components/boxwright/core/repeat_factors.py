"""Repeat factors: how often an epoch shows each image. Images with a rare class are shown more often.

Source: repeat factors of Gupta, Dollar and Girshick (2019), LVIS, section 4.1. A class in a share f of the images has the factor
max(1, sqrt(t / f)). An image has the largest factor of its classes. Their t of .001 is for 1,200 classes. Here t is the share of
the most frequent class, so that the factors even out the differences between the classes.
"""

import numpy as np

# The highest repeat factor. Set by hand: the model memorises a few images that are repeated more often.
MOST = 10.0


def repeat_factors(counts: np.ndarray, most: float = MOST) -> np.ndarray:
    """(images,) how often an epoch shows each image, from 1 to `most`. An image without objects is shown once.

    counts: (images, classes) objects of each class in each image.
    """
    shares = (counts > 0).mean(0) if len(counts) else np.zeros(counts.shape[1])
    per_class = np.sqrt(shares.max(initial=0) / np.maximum(shares, 1e-12))
    return np.clip(np.where(counts > 0, per_class, 0).max(1, initial=1), 1, most)


def exposure(counts: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """(classes,) share of each class among the objects of an epoch that shows image i factors[i] times."""
    seen = factors @ counts
    return seen / seen.sum()
