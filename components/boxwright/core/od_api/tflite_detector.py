"""Inference with a `.tflite` file, with the same interface as the trained model's detector."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from boxwright.core import tflite
from boxwright.core.od_api.detector import Detection
from boxwright.core.od_api.image_preprocessing import model_input


class TfliteDetector:
    """Runs a .tflite file on one image at a time, with LiteRT on the CPU, as devices do.

    path: a .tflite file with one image input, float32 in -1..1 or quantised. Raises UserError if it is not such a file.

    It uses one thread. With two threads, the post-processing op of LiteRT 2.3 dropped the last of three classes without an
    error: it divides the classes among the threads and loses the remainder.
    """

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self._outputs = tflite.detection_outputs(tflite.read_model(data))
        self._interpreter = Interpreter(model_content=data, num_threads=1)
        self._interpreter.allocate_tensors()
        (self._input,) = self._interpreter.get_input_details()
        self.input_size = int(self._input["shape"][1])

    def __call__(self, images: Sequence[np.ndarray]) -> list[Detection]:
        """images: (height, width, 3) uint8 of any size.

        Returns for each image boxes_yxyx (n, 4) in 0..1, scores (n,) from high to low, and class_ids (n,) from 1. n is fixed by
        the file. Rows after the last detection have score 0.
        """
        return [self._detect(image) for image in images]

    def _detect(self, image: np.ndarray) -> Detection:
        pixels = quantize(model_input(image, self.input_size)[None], self._input)
        self._interpreter.set_tensor(self._input["index"], pixels)
        self._interpreter.invoke()
        found = {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}
        scores = found["scores"][0].copy()
        scores[int(found["count"][0]) :] = 0
        boxes_yxyx = np.clip(found["boxes"][0], 0, 1)  # the trained model clips; the op does not
        return boxes_yxyx, scores, found["classes"][0].astype(np.int64) + 1


def quantize(values: np.ndarray, details: Mapping[str, Any]) -> np.ndarray:
    """Quantises real values for a tensor: round(value / scale) + zero point, clipped to its type. Float tensors: no change.

    details: an entry of the interpreter's get_input_details().
    """
    kind = details["dtype"]
    if not np.issubdtype(kind, np.integer):
        return values.astype(kind)
    scale, zero_point = details["quantization"]
    limits = np.iinfo(kind)
    return np.clip(np.round(values / scale) + zero_point, limits.min, limits.max).astype(kind)
