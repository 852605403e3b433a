# environment: data
"""Looks of drawn objects, for tables that have no pictures: class 1 is a reddish disc, class 2 are bluish bars.

The colours help the random network, which sees shapes badly.
"""

import functools

import numpy as np
import tiny_backbone

from boxwright.diagnose.data import SIDES
from boxwright.diagnose.embedding import backbone, looks
from boxwright.diagnose.embedding.backbone_crops import SIDE, Sampled

PER_PICTURE_WINDOWS = 60


@functools.cache
def network():
    return backbone.layers(tiny_backbone.arrays(width=24))


def crop(random, kind):
    """(SIDE, SIDE, 3) uint8: a drawing of the class, varied in place, size and colour, on a noisy ground."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    y, x = y + random.uniform(-0.05, 0.05), x + random.uniform(-0.05, 0.05)
    size = random.uniform(0.3, 0.4)
    inside = y**2 + x**2 < size**2 if kind == 1 else (np.abs(x) < size) & (np.sin(y * 40) > 0.3)
    colour = np.array((0.9, 0.6, 0.4) if kind == 1 else (0.4, 0.6, 0.9)) + random.uniform(-0.1, 0.1, 3)
    ground = random.uniform(0.2, 0.4, 3) + random.normal(0, 0.05, (SIDE, SIDE, 3))
    return (255 * np.clip(np.where(inside[..., None], colour, ground), 0, 1)).astype(np.uint8)


def ground(random, scene):
    """A window of background: scene 0 is grey, scene 1 is grass."""
    colour = np.array((0.4, 0.4, 0.4) if scene == 0 else (0.2, 0.5, 0.2)) + random.uniform(-0.1, 0.1, 3)
    return (255 * np.clip(colour + random.normal(0, 0.05, (SIDE, SIDE, 3)), 0, 1)).astype(np.uint8)


def of(data, kinds, seed=0, empty_scene=None):
    """Looks of the training objects of tables. kinds: for each of them, the class that it is drawn as.

    empty_scene: the scene of as many pictures without objects; None: there are none.
    """
    random = np.random.default_rng(seed)
    objects = data.objects_in("train")
    names = data.images_in("train").filename.tolist()
    rows = {image_id: row for row, image_id in enumerate(data.images_in("train").image_id)}
    empty = 0 if empty_scene is None else len(names)
    scenes = [0] * len(names) + [empty_scene] * empty
    windows = np.sort(random.permutation(len(scenes))[: 2 * PER_PICTURE_WINDOWS])
    sampled = Sampled(
        pictures=np.array([*names, *(f"empty{number}.jpg" for number in range(empty))], object),
        empty=np.arange(len(scenes)) >= len(names),
        objects=np.stack([crop(random, kind) for kind in kinds]),
        class_ids=objects.class_id.to_numpy(int),
        boxes_yxyx=objects[SIDES].to_numpy(float),
        object_picture=np.array([rows[image_id] for image_id in objects.image_id]),
        windows=np.stack([ground(random, scenes[window]) for window in windows]),
        window_picture=windows,
    )
    return looks.of(sampled, network())
