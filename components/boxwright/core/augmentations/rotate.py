"""Rotates the image and its boxes."""

import math
from collections.abc import Sequence

from boxwright.core.augmentations import examples
from boxwright.core.augmentations.examples import VISIBLE, Example, Seed
from boxwright.core.augmentations.own_augmentation import CUTS, DataFacts, OwnAugmentation, Setting, Verdict


def apply(images: Sequence[Example], side: int, seed: Seed, degrees: float, visible: float = VISIBLE) -> Example:
    """Rotates about the centre by up to `degrees` in either direction.

    Each box becomes the hull of its rotated corners. visible: see `examples.clipped`.
    """
    import tensorflow as tf

    angle = tf.random.stateless_uniform([], seed, -degrees, degrees) * math.pi / 180
    cos, sin = tf.cos(angle), tf.sin(angle)
    return examples.affine(images[0], tf.stack([tf.stack([cos, -sin]), tf.stack([sin, cos])]), visible)


def verdict(facts: DataFacts) -> Verdict:
    return facts.turning()


AUGMENTATION = OwnAugmentation(
    name="rotate",
    settings=CUTS | {"degrees": Setting(10.0, 0.0, 45.0)},
    apply=apply,
    verdict=verdict,
)
