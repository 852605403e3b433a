"""Crop: shows a window of about the image's own shape."""

from boxwright.core.augmentations.examples import Seed, Tensor
from boxwright.core.augmentations.own_augmentation import CUTS, DataFacts, OwnAugmentation, Setting, Verdict

# The sides of the window that raised AP50 on BCCD from 73.5 to 79.1 were at least .75 of the image's, and its aspect ratio was
# up to e^.15 times the image's or the reverse. There it replaced ssd_random_crop.
LEAST_SIDE = 0.75
_STRETCH = 1.16


def window(size: Tensor, seed: Seed, least_area: float, stretch: float) -> Tensor:
    """(4,) int32: top, left, height and width in pixels of a random window. size: (2,) int32 height and width of the image.

    Its width / height is that of the image times a factor from 1 / `stretch` to `stretch`, log-uniform. Its height is uniform
    between that of the largest such window and that of the one with `least_area` of the image's area. The OD API's
    random_crop_image, in contrast, has one range of aspect ratios for portrait and landscape images.
    """
    import tensorflow as tf

    across, size_drawn, y, x = tf.unstack(tf.random.stateless_uniform([4], seed))
    shape = tf.pow(stretch, 2 * across - 1)
    tallest = tf.minimum(1.0, 1 / shape)
    height = tallest - size_drawn * tf.maximum(tallest - tf.sqrt(least_area / shape), 0.0)
    whole = tf.cast(size, tf.float32)
    part = tf.clip_by_value(tf.round(tf.stack([height, height * shape]) * whole), 1.0, whole)
    begin = tf.minimum(tf.floor(tf.stack([y, x]) * (whole - part + 1)), whole - part)
    return tf.cast(tf.concat([begin, part], 0), tf.int32)


def verdict(facts: DataFacts) -> Verdict:
    return Verdict(True, "its windows have about the shape of each image and most of its area")


AUGMENTATION = OwnAugmentation(
    name="crop",
    settings=CUTS | {"least_area": Setting(round(LEAST_SIDE**2, 3), 0.05, 1.0), "stretch": Setting(_STRETCH, 1.0, 3.0)},
    window=window,
    verdict=verdict,
)
