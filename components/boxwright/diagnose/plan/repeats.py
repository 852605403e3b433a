"""What an epoch shows of each class, and what it would if images with rare classes were repeated."""

from dataclasses import dataclass

import numpy as np

from boxwright.core import repeat_factors
from boxwright.diagnose.data import Data

# A rarest class must gain this much before images are repeated for it (set).
_WORTH = 1.2


@dataclass(frozen=True)
class Repeats:
    """once, repeated: (classes,) shares of the objects of an epoch; largest: factor of an image; images: in an epoch as it is
    (those with objects), and shown: in one with repeats."""

    once: np.ndarray
    repeated: np.ndarray
    largest: float
    images: int
    shown: float

    @property
    def worth_it(self) -> bool:
        """Not where rare and frequent classes share their images, as cells on a slide do."""
        return bool((self.repeated >= _WORTH * self.once)[self.once.argmin()])


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
