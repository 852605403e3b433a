"""The OD API's `random_absolute_pad_image` with less arithmetic: it makes and multiplies a mask of the whole canvas."""

from boxwright.core.od_api import compat  # noqa: F401, I001

import tensorflow as tf
from object_detection.core import box_list, box_list_ops


def random_absolute_pad_image(image, boxes, max_height_padding: int, max_width_padding: int, pad_color=None):
    """Its arguments, draws and results: the image, (h, w, 3) float32, somewhere on a canvas of its mean colour or of pad_color
    that is less than so many pixels higher and wider; and the boxes, (n, 4), on it. The mean is of rows first: it rounds less."""
    color = tf.reduce_mean(tf.reduce_mean(image, 0), 0) if pad_color is None else pad_color
    size = tf.shape(image)[:2]
    more_height, more_width = _below(max_height_padding), _below(max_width_padding)
    top, left = _below(tf.maximum(1, more_height)), _below(tf.maximum(1, more_width))
    below, right = more_height - top, more_width - left

    def band(height, width):
        return tf.broadcast_to(color, tf.stack([height, width, 3]))

    middle = tf.concat([band(size[0], left), image, band(size[0], right)], 1)
    width = size[1] + more_width
    canvas = tf.concat([band(top, width), middle, band(below, width)], 0)
    window = tf.cast(tf.stack([-top, -left, size[0] + below, size[1] + right]), tf.float32)
    window /= tf.cast(tf.tile(size, [2]), tf.float32)
    return canvas, box_list_ops.change_coordinate_frame(box_list.BoxList(boxes), window).get()


def _below(most) -> tf.Tensor:
    """Uniform in 0 to most - 1; drawn where the OD API draws, so that `draws.stateless` seeds it too."""
    return tf.compat.v1.random_uniform([], 0, most, tf.int32)
