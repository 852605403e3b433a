"""Mosaic: joins four images into one."""

from collections.abc import Sequence

from boxwright.core.augmentations import examples
from boxwright.core.augmentations.examples import VISIBLE, Example, Seed
from boxwright.core.augmentations.own_augmentation import CUTS, DataFacts, OwnAugmentation, Verdict

_FEW_IMAGES = 100  # chosen by hand


def apply(images: Sequence[Example], side: int, seed: Seed, visible: float = VISIBLE) -> Example:
    """Joins four images, each resized to (side, side), on a canvas of that size (YOLOv4, Bochkovskiy et al. 2020).

    They meet at a random point in the middle half of the canvas, and the canvas cuts them. Objects keep their size at the
    input. visible: see `examples.clipped`.
    """
    import tensorflow as tf

    cut = tf.random.stateless_uniform([2], seed, side // 4, side - side // 4 + 1, tf.int32)
    tiles, parts = [], []
    for at, one in enumerate(images):
        below = tf.constant([at // 2, at % 2])
        image = tf.image.resize(one["image"], [side, side])
        # A tile above or left of the point shows the end of its image; one below or right of it shows the beginning.
        begin = (1 - below) * (side - cut)
        size = (1 - below) * cut + below * (side - cut)
        tiles.append(tf.slice(image, tf.concat([begin, [0]], 0), tf.concat([size, [3]], 0)))
        low = tf.cast(below * cut, tf.float32) / side
        window = tf.concat([low, low + tf.cast(size, tf.float32) / side], 0)
        shift = low - tf.cast(begin, tf.float32) / side
        parts.append(examples.clipped(one | {"boxes_yxyx": one["boxes_yxyx"] + tf.tile(shift, [2])}, window, visible))
    picture = tf.concat([tf.concat(tiles[:2], 1), tf.concat(tiles[2:], 1)], 0)
    return examples.joined(picture, parts)


def verdict(facts: DataFacts) -> Verdict:
    reason = (
        f"the class with the fewest images has {facts.fewest_images}; below {_FEW_IMAGES} images, new scenes are worth more "
        "than the objects that mosaic cuts"
    )
    return Verdict(0 < facts.fewest_images < _FEW_IMAGES, reason)


AUGMENTATION = OwnAugmentation(
    name="mosaic",
    settings=CUTS,
    images=4,
    apply=apply,
    verdict=verdict,
)
