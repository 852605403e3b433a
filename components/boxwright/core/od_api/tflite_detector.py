"""Inference with a `.tflite` file, with the same interface as the trained model's detector."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from boxwright.core.foreign_files import tflite_process
from boxwright.core.od_api.detector import Detection
from boxwright.core.od_api.image_preprocessing import model_input
from boxwright.core.runtime.errors import UserError


class TfliteDetector:
    """Runs a .tflite file on one image at a time, with LiteRT on the CPU, as devices do.

    path: a .tflite file with one image input, float32 in -1..1 or quantised. LiteRT runs in a child process, because it crashes
    on some damaged files. Raises UserError if the file is not a detector, or is damaged.

    labels: the class names in the file; empty if it has none. classes: their number; 0 if unknown. input_size: side in pixels.

    It uses one thread. With two threads, the post-processing op of LiteRT 2.3 dropped the last of three classes without an
    error: it divides the classes among the threads and loses the remainder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = tflite_process.start(path)
        about = tflite_process.Described(*self._process.result)
        self._rows = about.rows
        self._input = {"dtype": np.dtype(about.dtype), "quantization": (about.scale, about.zero_point)}
        self.labels, self.classes, self.input_size = about.labels, about.classes, about.side

    def __call__(self, images: Sequence[np.ndarray]) -> list[Detection]:
        """images: (height, width, 3) uint8 of any size.

        Returns for each image boxes_yxyx (n, 4) in 0..1, scores (n,) from high to low, and class_ids (n,) from 1. n is fixed by
        the file. Rows after the last detection have score 0.
        """
        return [self._detect(image) for image in images]

    def _detect(self, image: np.ndarray) -> Detection:
        pixels = quantize(model_input(image, self.input_size)[None], self._input)
        found = np.frombuffer(self._process.ask(pixels.tobytes()), np.float32)
        if not np.isfinite(found).all():
            raise UserError(
                f"{self._path}: its detections are not numbers (NaN); the file is damaged, or its weights are"
            )
        boxes_yxyx, classes, scores, (count,) = np.split(found, [4 * self._rows, 5 * self._rows, 6 * self._rows])
        kept = np.where(np.arange(self._rows) < count, scores, 0).astype(np.float32)
        # The trained model clips; the op does not.
        return np.clip(boxes_yxyx.reshape(-1, 4), 0, 1), kept, classes.astype(np.int64) + 1


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
