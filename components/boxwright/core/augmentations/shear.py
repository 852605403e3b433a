"""Shears the image and its boxes."""

from collections.abc import Sequence

from boxwright.core.augmentations import examples
from boxwright.core.augmentations.examples import VISIBLE, Example, Seed
from boxwright.core.augmentations.own_augmentation import CUTS, DataFacts, OwnAugmentation, Setting, Verdict


def apply(images: Sequence[Example], side: int, seed: Seed, slope: float, visible: float = VISIBLE) -> Example:
    """Shears the image: each row moves sideways by up to `slope` times its distance from the middle row.

    Each box becomes the hull of its moved corners. visible: see `examples.clipped`.
    """
    import tensorflow as tf

    drawn = tf.random.stateless_uniform([], seed, -slope, slope)
    return examples.affine(images[0], tf.stack([tf.stack([1.0, drawn]), tf.constant([0.0, 1.0])]), visible)


def verdict(facts: DataFacts) -> Verdict:
    return facts.turning()


AUGMENTATION = OwnAugmentation(
    name="shear",
    settings=CUTS | {"slope": Setting(0.1, 0.0, 0.5)},
    apply=apply,
    verdict=verdict,
)
