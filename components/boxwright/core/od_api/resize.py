"""Pixels as the model sees them: the one resize that training, evaluation and calibration share."""

from boxwright.core.od_api import compat  # noqa: F401, I001

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf
from object_detection.core import preprocessor

from boxwright.core.runtime.errors import UserError


@contextmanager
def undamaged() -> Iterator[None]:
    """Raises UserError for a picture that TensorFlow cannot decode: with `--pixels trust` nobody has looked at it."""
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        if "Invalid JPEG data" not in str(error):
            raise
        raise UserError(
            "a picture in the records is damaged and cannot be decoded: run `boxwright convert` again, with --pixels decode, "
            "which leaves such pictures out and names them"
        ) from None


@undamaged()
def decode(encoded: bytes) -> np.ndarray:
    """(height, width, 3) uint8 RGB of a JPEG or PNG, by the decoder that training uses."""
    return tf.io.decode_image(encoded, channels=3, expand_animations=False).numpy()


def model_input(image: np.ndarray, size: int) -> np.ndarray:
    """(height, width, 3) in 0..255 to (size, size, 3) float32 in -1..1.

    The resize is the OD API's (bilinear without half-pixel centres); another one moves boxes by half a pixel and ruins the
    calibration of int8 models.
    """
    resized, _ = preprocessor.resize_image(tf.cast(image, tf.float32), new_height=size, new_width=size)
    return ((2.0 / 255.0) * resized - 1.0).numpy()
