"""How often an epoch shows each class, and how often it would if images with rare classes were repeated.

Repeat factors of Gupta, Dollar and Girshick (2019), LVIS, section 4.1: a class in a share f of the images has the factor
max(1, sqrt(t / f)), an image the largest of its classes'. Their t of .001 is for 1,200 classes; here it is the share of the most
frequent class, so that the factors even out what differs between the classes.
"""

import numpy as np

from boxwright.diagnose.data import Data

# No image more often than this in an epoch: a handful of images, repeated, is learned by heart (set).
MOST = 10.0


def contents(data: Data) -> np.ndarray:
    """(images, classes) objects of each class in each training image that has objects."""
    objects = data.objects_in("train")
    _, rows = np.unique(objects.image_id.to_numpy(), return_inverse=True)
    counts = np.zeros((rows.max(initial=-1) + 1, len(data.classes)), int)
    np.add.at(counts, (rows, objects.class_id.to_numpy(int) - 1), 1)
    return counts


def repeat_factors(counts: np.ndarray) -> np.ndarray:
    """(images,) how often each image is shown, from contents (images, classes); each image has objects."""
    shares = (counts > 0).mean(0)
    per_class = np.sqrt(shares.max() / np.maximum(shares, 1e-12))
    return np.minimum(np.where(counts > 0, per_class, 0).max(1), MOST)


def exposure(counts: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """(classes,) share of each class among the objects of an epoch in which image i is shown factors[i] times."""
    seen = factors @ counts
    return seen / seen.sum()
