"""Images with boxes as TensorFlow tensors, and the functions that our own augmentations share.

An `Example` is a dict:
- image: (h, w, 3) float32 in 0..255.
- boxes_yxyx: (n, 4) float32 in 0..1.
- class_ids: (n,) int32.
- dropped: scalar int32, the number of boxes removed so far because less than `visible` of their area was left.

TensorFlow is imported inside the functions, so that the augmentations can be listed without it.
"""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

Tensor: TypeAlias = "tf.Tensor"
TensorLike: TypeAlias = "tf.Tensor | np.ndarray | list"
Seed: TypeAlias = "tf.Tensor | tuple[int, int]"
Example: TypeAlias = "dict[str, tf.Tensor]"
VISIBLE = 0.4  # equal to overlap_thresh of random_crop_image in our recipes


def example(image: TensorLike, boxes_yxyx: TensorLike, class_ids: TensorLike) -> Example:
    """A new example without dropped boxes. image: (h, w, 3) in 0..255. boxes_yxyx: (n, 4) in 0..1. class_ids: (n,)."""
    import tensorflow as tf

    return {
        "image": tf.cast(image, tf.float32),
        "boxes_yxyx": tf.cast(boxes_yxyx, tf.float32),
        "class_ids": tf.cast(class_ids, tf.int32),
        "dropped": tf.constant(0, tf.int32),
    }


def affine(one: Example, matrix_xy: Tensor, visible: float = VISIBLE) -> Example:
    """Transforms the image about its centre: a point p (x, y in pixels) moves to matrix (p - centre) + centre.

    matrix_xy: (2, 2). Uncovered pixels get the image's mean colour. Each box becomes the hull of its moved corners, and is then
    cut to the image as in `clipped`.
    """
    import tensorflow as tf

    image = one["image"]
    size_xy = tf.cast(tf.shape(image)[1::-1], tf.float32)
    centre = size_xy / 2
    inverse = tf.linalg.inv(matrix_xy)
    # The op's coordinates are pixel indices; the centre of a pixel is half a pixel further.
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


def clipped(one: Example, window_yxyx: Tensor, visible: float) -> Example:
    """Cuts the boxes to the window, (4,) in 0..1. A box with less than `visible` of its area inside is dropped and counted."""
    import tensorflow as tf

    boxes = one["boxes_yxyx"]
    inside = tf.clip_by_value(boxes, tf.tile(window_yxyx[:2], [2]), tf.tile(window_yxyx[2:], [2]))
    shares = tf.math.divide_no_nan(_area(inside), _area(boxes))
    return counted(one | {"boxes_yxyx": inside}, shares >= visible)


def joined(image: Tensor, parts: list[Example]) -> Example:
    """One image with the boxes, classes and drop counts of all parts."""
    import tensorflow as tf

    together = {key: tf.concat([part[key] for part in parts], 0) for key in ("boxes_yxyx", "class_ids")}
    return {"image": image, **together, "dropped": tf.add_n([part["dropped"] for part in parts])}


def overlaid(one: Example, pasted: Example, image: Tensor, windows_yxyx: Tensor, visible: float) -> Example:
    """Shows `image` inside the windows, (n, 4) in 0..1, and the image of `one` outside, with the boxes of `one` and `pasted`.

    image: (h, w, 3), of the size of `one`. A box of `one` is dropped and counted if less than `visible` of it stays visible.
    """
    import tensorflow as tf

    mask = _mask(windows_yxyx, tf.shape(one["image"])[:2])
    under = _mask_each(one["boxes_yxyx"], tf.shape(one["image"])[:2])
    left = tf.reduce_sum(tf.cast(under & tf.logical_not(mask), tf.float32), [1, 2])
    shares = tf.math.divide_no_nan(left, tf.reduce_sum(tf.cast(under, tf.float32), [1, 2]))
    picture = tf.where(tf.expand_dims(mask, -1), image, one["image"])
    return joined(picture, [counted(one, shares >= visible), pasted])


def _mask_each(boxes_yxyx: Tensor, size: Tensor) -> Tensor:
    """(n, h, w) bool: whether a pixel's centre is in each box. size: (2,) height and width."""
    import tensorflow as tf

    ys, xs = ((tf.range(tf.cast(side, tf.float32)) + 0.5) / tf.cast(side, tf.float32) for side in tf.unstack(size))
    top, left, bottom, right = tf.unstack(tf.expand_dims(boxes_yxyx, -1), axis=1)
    return ((ys >= top) & (ys < bottom))[:, :, None] & ((xs >= left) & (xs < right))[:, None, :]


def _mask(boxes_yxyx: Tensor, size: Tensor) -> Tensor:
    import tensorflow as tf

    return tf.reduce_any(_mask_each(boxes_yxyx, size), 0)


def fitted(other: Example, one: Example) -> Tensor:
    """(h, w, 3): the image of `other`, resized to the size of `one`."""
    import tensorflow as tf

    return tf.image.resize(other["image"], tf.shape(one["image"])[:2])


def _area(boxes_yxyx: Tensor) -> Tensor:
    import tensorflow as tf

    sides = tf.maximum(boxes_yxyx[:, 2:] - boxes_yxyx[:, :2], 0.0)
    return sides[:, 0] * sides[:, 1]


def kept(one: Example, keep: Tensor) -> Example:
    """The example with only the boxes and classes for which `keep`, (n,) bool, is true."""
    import tensorflow as tf

    return one | {key: tf.boolean_mask(one[key], keep) for key in ("boxes_yxyx", "class_ids")}


def counted(one: Example, keep: Tensor) -> Example:
    """As `kept`; the other boxes are counted as dropped."""
    import tensorflow as tf

    return kept(one, keep) | {"dropped": one["dropped"] + tf.reduce_sum(tf.cast(tf.logical_not(keep), tf.int32))}
