"""CutMix: replaces a window of this image by that of another (Yun et al. 2019)."""

from collections.abc import Sequence

from boxwright.core.augmentations import examples
from boxwright.core.augmentations.examples import VISIBLE, Example, Seed
from boxwright.core.augmentations.own_augmentation import CUTS, DataFacts, OwnAugmentation, Verdict


def apply(images: Sequence[Example], side: int, seed: Seed, visible: float = VISIBLE) -> Example:
    """Replaces a window, half as high and half as wide as the image, by the same window of the second image.

    Boxes of the second image are cut to the window. visible: see `examples.overlaid`.
    """
    import tensorflow as tf

    one, other = images
    low = tf.random.stateless_uniform([2], seed, 0.0, 0.5)
    size = tf.cast(tf.shape(one["image"])[:2], tf.float32)
    low = tf.round(low * size) / size
    window = tf.concat([low, low + tf.round(size / 2) / size], 0)
    return examples.overlaid(
        one, examples.clipped(other, window, visible), examples.fitted(other, one), window[None], visible
    )


def verdict(facts: DataFacts) -> Verdict:
    return facts.mixing()


AUGMENTATION = OwnAugmentation(
    name="cutmix",
    settings=CUTS,
    images=2,
    apply=apply,
    verdict=verdict,
)
