# environment: train
"""A decoded window equals the same part of the decoded whole image, pixel for pixel."""

import numpy as np
import pytest

from boxwright.core.od_api import tf
from boxwright.core.od_api.augmentation import crop_views

HEIGHT, WIDTH = 90, 130
# (top, left, height, width). A JPEG's blocks are 8 or 16 pixels wide; a decoder may differ at their edges.
WINDOWS = [
    (0, 0, HEIGHT, WIDTH),
    (0, 0, 1, 1),
    (89, 129, 1, 1),
    (16, 32, 48, 64),
    (16, 16, 47, 63),
    (17, 33, 31, 97),
    (5, 7, 85, 122),
    (8, 48, 82, 82),
]


def picture():
    """Colours change from pixel to pixel, so that any difference in smoothing is visible."""
    return np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


ENCODED = {
    "jpeg with coarse colours": lambda: tf.io.encode_jpeg(picture(), quality=80, chroma_downsampling=True),
    "jpeg with fine colours": lambda: tf.io.encode_jpeg(picture(), quality=95, chroma_downsampling=False),
    "grey jpeg": lambda: tf.io.encode_jpeg(picture()[..., :1]),
    "progressive jpeg": lambda: tf.io.encode_jpeg(picture(), progressive=True),
    "png": lambda: tf.io.encode_png(picture()),
}


@pytest.mark.parametrize("kind", ENCODED)
def test_a_window_equals_its_part_of_the_whole_image(kind):
    encoded, size = ENCODED[kind](), tf.constant([HEIGHT, WIDTH])
    image = tf.io.decode_image(encoded, 3, expand_animations=False)
    for window in WINDOWS:
        for mirrored in ([False, False], [True, False], [False, True], [True, True]):
            view = crop_views.View(tf.constant(window), tf.constant(mirrored))
            seen = crop_views.pixels(encoded, size, view).numpy()
            np.testing.assert_array_equal(seen, crop_views.pixels_of(image, view), err_msg=f"{window} {mirrored}")
            top, left, height, width = window
            turned = np.flip(image.numpy(), tuple(axis for axis in (0, 1) if mirrored[axis]))
            top = HEIGHT - top - height if mirrored[0] else top
            left = WIDTH - left - width if mirrored[1] else left
            np.testing.assert_array_equal(seen, turned[top : top + height, left : left + width])


def test_the_first_view_is_the_whole_image():
    image = tf.constant(picture())
    np.testing.assert_array_equal(crop_views.pixels_of(image, crop_views.whole(tf.shape(image)[:2])), image)
