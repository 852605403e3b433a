"""Zoom-out: places the image on a larger canvas, which makes objects smaller."""

from collections.abc import Sequence

from boxwright.core.augmentations.examples import Example, Seed
from boxwright.core.augmentations.own_augmentation import DataFacts, OwnAugmentation, Setting, Verdict

_SMALL_SHARE = 0.1


def apply(images: Sequence[Example], side: int, seed: Seed, largest: float) -> Example:
    """Places the image at a random position on a canvas of its mean colour. Its sides are 1 to `largest` times as long."""
    import tensorflow as tf

    one = images[0]
    image, size = one["image"], tf.cast(tf.shape(one["image"])[:2], tf.float32)
    ratio, y, x = tf.unstack(tf.random.stateless_uniform([3], seed))
    canvas = tf.round(size * (1 + ratio * (largest - 1)))
    offset = tf.floor(tf.stack([y, x]) * (canvas - size + 1))
    offset = tf.minimum(offset, canvas - size)
    mean = tf.reduce_mean(image, [0, 1])
    before, after = tf.cast(offset, tf.int32), tf.cast(canvas - size - offset, tf.int32)
    padded = tf.pad(image - mean, tf.concat([tf.stack([before, after], 1), [[0, 0]]], 0)) + mean
    boxes = (one["boxes_yxyx"] * tf.tile(size, [2]) + tf.tile(offset, [2])) / tf.tile(canvas, [2])
    return one | {"image": padded, "boxes_yxyx": boxes}


def verdict(facts: DataFacts) -> Verdict:
    reason = f"{facts.small:.1%} of the objects are under 12 px at the input, and zoom-out makes them smaller"
    return Verdict(facts.small <= _SMALL_SHARE, reason)


AUGMENTATION = OwnAugmentation(
    name="zoom_out",
    settings={"largest": Setting(1.5, 1.0, 4.0)},
    apply=apply,
    verdict=verdict,
)
