"""Converts a SavedModel to TFLite: float32, and full-integer int8 with a uint8 image as input."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from boxwright.core.od_api import tf
from boxwright.core.od_api.image_preprocessing import decode, model_input


def float32(graph: Path) -> bytes:
    """The .tflite file without quantisation. graph: folder of a SavedModel that ends in TFLite_Detection_PostProcess."""
    return _converter(graph).convert()


def int8(graph: Path, images: Sequence[bytes], size: int) -> bytes:
    """The .tflite file with int8 weights and activations. Only the post-processing op computes in float.

    graph: as for `float32`. images: encoded JPEGs or PNGs, from which the ranges of the activations are measured. They are
    resized and scaled as in training; otherwise the ranges would be wrong, and the int8 file would detect nothing. size: side
    of the input in pixels. Raises UserError if an image is damaged.
    """

    def representative() -> Iterator[list[np.ndarray]]:
        for number, image in enumerate(images):
            pixels = model_input(decode(image), size)
            if number == 0:
                # One black and one white pixel, so that 0..255 of the uint8 input maps to -1..1. Otherwise it would map to the
                # range from the darkest to the brightest pixel of these images.
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
