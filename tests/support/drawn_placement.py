# environment: data
"""Drawn boxes, moved boxes and other places, as vectors of the tiny random network."""

import drawn_looks
import numpy as np

from boxwright.diagnose.embedding.backbone_crops import SIDE
from boxwright.diagnose.embedding.placement import BOX, ELSEWHERE, MOVED, Placed
from boxwright.diagnose.embedding.vectors import vectors

PER_PICTURE = 2


def _moved(crop, ground, random):
    """The crop of a box that was moved aside: a part of the object, and ground for the rest."""
    step = round(0.6 * SIDE) * (1 if random.random() < 0.5 else -1)
    axis = int(random.integers(2))
    place = np.arange(SIDE) + step
    seen = np.where((place >= 0) & (place < SIDE), True, False)
    seen = seen[:, None, None] if axis == 0 else seen[None, :, None]
    return np.where(seen, np.roll(crop, -step, axis), ground)


def _crops(random, beside):
    grounds = [drawn_looks.ground(random, 0) for _ in range(3)]
    box = grounds[2] if beside else drawn_looks.crop(random, int(random.integers(1, 3)))
    return [box, _moved(box, grounds[0], random), grounds[1]]


def of(data, beside, random, pictures=40):
    """The placed boxes by split. beside: by split, the share of pictures whose boxes lie on the ground."""
    found = {}
    for split, share in beside.items():
        images = data.images_in(split)[:pictures]
        wrong = random.permutation(len(images)) < round(share * len(images))
        crops = [crop for one in np.repeat(wrong, PER_PICTURE) for crop in _crops(random, one)]
        found[split] = Placed(
            pictures=images.filename.to_numpy(object),
            scenes=np.arange(len(images)),
            vectors=vectors(np.stack(crops), drawn_looks.network()),
            role=np.tile([BOX, MOVED, ELSEWHERE], PER_PICTURE * len(images)),
            picture=np.repeat(np.arange(len(images)), 3 * PER_PICTURE),
            boxes_yxyx=np.zeros((len(crops), 4)),
        )
    return found
