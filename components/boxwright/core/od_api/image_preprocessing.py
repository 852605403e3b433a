"""Decodes and resizes images in the same way for training, evaluation and calibration."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf
from object_detection.core import preprocessor

from boxwright.core.runtime.errors import UserError

# What TensorFlow says of images and of examples that it cannot read.
_DAMAGE = ("Invalid JPEG", "Invalid PNG", "Unknown image file format", "DecodeImage", "DecodePng", "DecodeJpeg")
_DAMAGE += ("decode_image", "Could not parse example", "Key: image/", "Feature: image/")


@contextmanager
def damaged_images_reported() -> Iterator[None]:
    """Inside the block, an image that TensorFlow cannot decode raises UserError, and so does an example that it cannot parse.

    Records can hold a damaged image because `convert --pixels trust` does not decode images.
    """
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        if not any(said in str(error) for said in _DAMAGE):
            raise
        raise UserError(
            "an image in the records is damaged and cannot be decoded. Run `boxwright convert` again with --pixels decode, "
            "which leaves such images out and lists them"
        ) from None


@damaged_images_reported()
def decode(encoded: bytes) -> np.ndarray:
    """(height, width, 3) uint8 RGB of a JPEG or PNG, decoded as in training. Raises UserError if the image is damaged."""
    return tf.io.decode_image(encoded, channels=3, expand_animations=False).numpy()


def model_input(image: np.ndarray, size: int) -> np.ndarray:
    """Resizes (height, width, 3) in 0..255 to (size, size, 3) float32 in -1..1, see `resized`."""
    return (2.0 / 255.0) * resized(image, size, size) - 1.0


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resizes (h, w, 3) in 0..255 to (height, width, 3) float32 in 0..255.

    It uses the OD API's resize: bilinear, without half-pixel centres. Any other resize shifts boxes by half a pixel and ruins
    the calibration of int8 models.
    """
    pixels, *_ = preprocessor.resize_image(tf.cast(image, tf.float32), new_height=height, new_width=width)
    return pixels.numpy()
