"""Augmentations that the OD API lacks, as TensorFlow graph ops on an image with boxes. Each is a pure function of its seed.

An `Example` is a dict:
- image: (h, w, 3) float32 in 0..255.
- boxes_yxyx: (n, 4) float32 in 0..1.
- class_ids: (n,) int32.
- dropped: scalar int32, how many boxes were removed so far because less than `visible` of their area was left.

`seed` is the (2,) int32 of tf.random.stateless_*.
"""

import math

import numpy as np
import tensorflow as tf

TensorLike = tf.Tensor | np.ndarray | list
Seed = tf.Tensor | tuple[int, int]
Example = dict[str, tf.Tensor]
VISIBLE = 0.4  # the same as overlap_thresh of random_crop_image in our recipes


def example(image: TensorLike, boxes_yxyx: TensorLike, class_ids: TensorLike) -> Example:
    """An example of which no box is dropped yet."""
    return {
        "image": tf.cast(image, tf.float32),
        "boxes_yxyx": tf.cast(boxes_yxyx, tf.float32),
        "class_ids": tf.cast(class_ids, tf.int32),
        "dropped": tf.constant(0, tf.int32),
    }


def rotate(one: Example, degrees: float, seed: Seed, visible: float = VISIBLE) -> Example:
    """Rotates about the centre by up to `degrees` in either direction. Each box becomes the hull of its rotated corners."""
    angle = tf.random.stateless_uniform([], seed, -degrees, degrees) * math.pi / 180
    cos, sin = tf.cos(angle), tf.sin(angle)
    return affine(one, tf.stack([tf.stack([cos, -sin]), tf.stack([sin, cos])]), visible)


def shear(one: Example, slope: float, seed: Seed, visible: float = VISIBLE) -> Example:
    """Moves each row sideways by up to `slope` times its distance from the middle row."""
    drawn = tf.random.stateless_uniform([], seed, -slope, slope)
    return affine(one, tf.stack([tf.stack([1.0, drawn]), tf.constant([0.0, 1.0])]), visible)


def affine(one: Example, matrix_xy: tf.Tensor, visible: float = VISIBLE) -> Example:
    """Moves a point p (x, y in pixels) to matrix (p - centre) + centre. Uncovered pixels get the image's mean colour."""
    image = one["image"]
    size_xy = tf.cast(tf.shape(image)[1::-1], tf.float32)
    centre = size_xy / 2
    inverse = tf.linalg.inv(matrix_xy)
    # The op counts whole pixels; their centres lie half a pixel further on.
    shift = centre - 0.5 + tf.linalg.matvec(inverse, 0.5 - centre)
    rows = tf.concat([inverse, shift[:, None]], 1)
    transform = tf.concat([tf.reshape(rows, [6]), [0.0, 0.0]], 0)[None]
    mean = tf.reduce_mean(image, [0, 1])
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=(image - mean)[None],
        transforms=transform,
        output_shape=tf.shape(image)[:2],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    top, left, bottom, right = tf.unstack(one["boxes_yxyx"], axis=1)
    corners = tf.stack([tf.stack(c, -1) for c in ((left, top), (right, top), (right, bottom), (left, bottom))], 1)
    moved = (tf.einsum("ij,nkj->nki", matrix_xy, corners * size_xy - centre) + centre) / size_xy
    hull = tf.concat([tf.reduce_min(moved, 1)[:, ::-1], tf.reduce_max(moved, 1)[:, ::-1]], 1)
    return clipped(one | {"image": warped[0] + mean, "boxes_yxyx": hull}, tf.constant([0.0, 0.0, 1.0, 1.0]), visible)


def zoom_out(one: Example, largest: float, seed: Seed) -> Example:
    """Places the image on a canvas of its mean colour, with sides 1 to `largest` times as long."""
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


def mosaic(four: list[Example], side: int, seed: Seed, visible: float = VISIBLE) -> Example:
    """Four images of (side, side) that meet at a point in the middle half of the canvas, which cuts them (YOLOv4).

    Objects keep their size.
    """
    cut = tf.random.stateless_uniform([2], seed, side // 4, side - side // 4 + 1, tf.int32)
    tiles, parts = [], []
    for at, one in enumerate(four):
        below = tf.constant([at // 2, at % 2])
        image = tf.image.resize(one["image"], [side, side])
        # A tile above or left of the point shows the end of its image, a tile below or right of it the beginning.
        begin = (1 - below) * (side - cut)
        size = (1 - below) * cut + below * (side - cut)
        tiles.append(tf.slice(image, tf.concat([begin, [0]], 0), tf.concat([size, [3]], 0)))
        low = tf.cast(below * cut, tf.float32) / side
        window = tf.concat([low, low + tf.cast(size, tf.float32) / side], 0)
        shift = low - tf.cast(begin, tf.float32) / side
        parts.append(clipped(one | {"boxes_yxyx": one["boxes_yxyx"] + tf.tile(shift, [2])}, window, visible))
    picture = tf.concat([tf.concat(tiles[:2], 1), tf.concat(tiles[2:], 1)], 0)
    return joined(picture, parts)


def mixup(one: Example, other: Example) -> Example:
    """The mean of two images with the boxes of both; each box has full weight in the loss (YOLOX, Ge et al. 2021)."""
    return joined((one["image"] + _fitted(other, one)) / 2, [one, other])


def cutmix(one: Example, other: Example, seed: Seed, visible: float = VISIBLE) -> Example:
    """Replaces a window, half as high and wide as the image, by the same window of `other`, whose boxes it cuts."""
    low = tf.random.stateless_uniform([2], seed, 0.0, 0.5)
    size = tf.cast(tf.shape(one["image"])[:2], tf.float32)
    low = tf.round(low * size) / size
    window = tf.concat([low, low + tf.round(size / 2) / size], 0)
    return _overlaid(one, clipped(other, window, visible), _fitted(other, one), window[None], visible)


def copy_paste(one: Example, other: Example, chance: float, seed: Seed, visible: float = VISIBLE) -> Example:
    """Pastes the box of each object of `other` at the same place, with this chance (Ghiasi et al. 2021, without masks)."""
    count = tf.shape(other["class_ids"])[0]
    pasted = _kept(other, tf.random.stateless_uniform(tf.expand_dims(count, 0), seed) < chance)
    return _overlaid(one, pasted, _fitted(other, one), pasted["boxes_yxyx"], visible)


def clipped(one: Example, window_yxyx: tf.Tensor, visible: float) -> Example:
    """Cuts the boxes to the window. A box with less than `visible` of its area inside is dropped and counted."""
    boxes = one["boxes_yxyx"]
    inside = tf.clip_by_value(boxes, tf.tile(window_yxyx[:2], [2]), tf.tile(window_yxyx[2:], [2]))
    shares = tf.math.divide_no_nan(_area(inside), _area(boxes))
    return _counted(one | {"boxes_yxyx": inside}, shares >= visible)


def joined(image: tf.Tensor, parts: list[Example]) -> Example:
    """One image with the boxes, classes and drop counts of all parts."""
    together = {key: tf.concat([part[key] for part in parts], 0) for key in ("boxes_yxyx", "class_ids")}
    return {"image": image, **together, "dropped": tf.add_n([part["dropped"] for part in parts])}


def _overlaid(one: Example, pasted: Example, image: tf.Tensor, windows_yxyx: tf.Tensor, visible: float) -> Example:
    """`image` inside the windows, `one` outside. Boxes of `one` with too few visible pixels are dropped and counted."""
    mask = _mask(windows_yxyx, tf.shape(one["image"])[:2])
    under = _mask_each(one["boxes_yxyx"], tf.shape(one["image"])[:2])
    left = tf.reduce_sum(tf.cast(under & tf.logical_not(mask), tf.float32), [1, 2])
    shares = tf.math.divide_no_nan(left, tf.reduce_sum(tf.cast(under, tf.float32), [1, 2]))
    picture = tf.where(tf.expand_dims(mask, -1), image, one["image"])
    return joined(picture, [_counted(one, shares >= visible), pasted])


def _mask_each(boxes_yxyx: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """(n, h, w) bool: the pixels whose centre is in each box."""
    ys, xs = ((tf.range(tf.cast(side, tf.float32)) + 0.5) / tf.cast(side, tf.float32) for side in tf.unstack(size))
    top, left, bottom, right = tf.unstack(tf.expand_dims(boxes_yxyx, -1), axis=1)
    return ((ys >= top) & (ys < bottom))[:, :, None] & ((xs >= left) & (xs < right))[:, None, :]


def _mask(boxes_yxyx: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    return tf.reduce_any(_mask_each(boxes_yxyx, size), 0)


def _fitted(other: Example, one: Example) -> tf.Tensor:
    return tf.image.resize(other["image"], tf.shape(one["image"])[:2])


def _area(boxes_yxyx: tf.Tensor) -> tf.Tensor:
    sides = tf.maximum(boxes_yxyx[:, 2:] - boxes_yxyx[:, :2], 0.0)
    return sides[:, 0] * sides[:, 1]


def _kept(one: Example, keep: tf.Tensor) -> Example:
    return one | {key: tf.boolean_mask(one[key], keep) for key in ("boxes_yxyx", "class_ids")}


def _counted(one: Example, keep: tf.Tensor) -> Example:
    return _kept(one, keep) | {"dropped": one["dropped"] + tf.reduce_sum(tf.cast(tf.logical_not(keep), tf.int32))}
