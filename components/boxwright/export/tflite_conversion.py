"""SavedModel to TFLite: float32, and full-integer int8 with a uint8 image as input."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from boxwright.core.od_api import tf
from boxwright.core.od_api.image_preprocessing import decode, model_input


def float32(graph: Path) -> bytes:
    """The .tflite file without quantisation."""
    return _converter(graph).convert()


def int8(graph: Path, images: Sequence[bytes], size: int) -> bytes:
    """The .tflite file with int8 weights and activations; only the post-processing op computes in float.

    images: JPEG or PNG, from which the ranges of the activations are measured. They get the resize and scaling of training. Any
    other would give ranges that the model never sees, and an int8 file that detects nothing.
    """

    def representative() -> Iterator[list[np.ndarray]]:
        for number, image in enumerate(images):
            pixels = model_input(decode(image), size)
            if number == 0:
                # Black and white. Else 0 and 255 of the uint8 input would stand for the darkest and brightest pixel of these
                # images.
                pixels[0, :2] = [[-1], [1]]
            yield [pixels[None]]

    converter = _converter(graph)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    return converter.convert()


def _converter(graph: Path) -> tf.lite.TFLiteConverter:
    converter = tf.lite.TFLiteConverter.from_saved_model(str(graph))
    converter.allow_custom_ops = True
    return converter
