"""Shares of the classes among the objects of an epoch, with and without repeats of images with rare classes."""

from dataclasses import dataclass

import numpy as np

from boxwright.core import repeat_factors
from boxwright.diagnose.data import Data

# Images are repeated only if the share of the rare class grows by this factor. Set by hand.
_WORTH = 1.2


@dataclass(frozen=True)
class Repeats:
    """once, repeated: (classes,) shares of each class among the objects of an epoch, without and with repeats.
    largest: the largest factor of an image. images: number of images with objects. shown: images in an epoch with repeats.
    """

    once: np.ndarray
    repeated: np.ndarray
    largest: float
    images: int
    shown: float

    def worth(self, row: int) -> bool:
        """Whether repeats help a class. They do not if rare and frequent classes share their images, like cells on a slide."""
        return bool(self.repeated[row] >= _WORTH * self.once[row])


def repeats(data: Data) -> Repeats:
    counts = contents(data)
    factors = repeat_factors.repeat_factors(counts)
    once, repeated = (repeat_factors.exposure(counts, f) for f in (np.ones(len(counts)), factors))
    return Repeats(once, repeated, float(factors.max()), len(counts), float(factors.sum()))


def contents(data: Data) -> np.ndarray:
    """(images, classes) objects of each class in each training image that has objects."""
    objects = data.objects_in("train")
    _, rows = np.unique(objects.image_id.to_numpy(), return_inverse=True)
    counts = np.zeros((rows.max(initial=-1) + 1, len(data.classes)), int)
    np.add.at(counts, (rows, objects.class_id.to_numpy(int) - 1), 1)
    return counts
