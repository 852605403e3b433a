"""Tries a `.tflite` file in a child process, before this process uses it: LiteRT can crash on a damaged file."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from boxwright.core import tflite
from boxwright.core.foreign_files import child_process
from boxwright.core.runtime.errors import UserError, brief

# Pixels of the input's side. Detectors for phones have up to 1,280.
_SIDE = 4096
_TYPES = (np.float32, np.uint8, np.int8, np.int16)


class Tried(NamedTuple):
    """outputs: tensor indices of `boxes`, `classes`, `scores` and `count`. labels: class names; empty if the file has none."""

    outputs: dict[str, int]
    labels: list[str]


def detector(file: Path) -> Tried:
    """Loads the file and runs it once, in a child process.

    Raises UserError if it is not a detector, is damaged, crashes LiteRT, or needs too much memory or time.
    """
    return Tried(*child_process.call(run_once, file, what=file))


def run_once(path: str) -> tuple[dict[str, int], list[str]]:
    """The child's part: outputs and labels of a detector that ran on one image of noise."""
    try:
        data = tflite.read_file(Path(path))
        outputs = tflite.detection_outputs(tflite.read_model(data))
        interpreter = loaded(data)
        (details,) = interpreter.get_input_details()
        noise = np.random.default_rng(0).integers(0, 127, details["shape"]).astype(details["dtype"])
        interpreter.set_tensor(details["index"], noise)
        interpreter.invoke()
        require_detections({name: interpreter.get_tensor(index) for name, index in outputs.items()})
        return outputs, tflite.labels(data)
    except (RuntimeError, ValueError) as error:
        raise UserError(f"{path} is damaged, or LiteRT cannot run it: {brief(error)}") from None
    except UserError as error:
        raise error if path in str(error) else UserError(f"{path}: {error}") from None


def loaded(data: bytes) -> Interpreter:
    """LiteRT's interpreter with one thread and its tensors allocated. Raises UserError if its input is not one image."""
    interpreter = Interpreter(model_content=data, num_threads=1)
    inputs = interpreter.get_input_details()
    shapes = [[int(size) for size in one["shape"]] for one in inputs]
    if len(inputs) != 1 or len(shapes[0]) != 4 or not _is_image(shapes[0]) or inputs[0]["dtype"] not in _TYPES:
        kinds = [np.dtype(one["dtype"]).name for one in inputs]
        raise UserError(
            f"its inputs have the shapes {str(shapes)[:100]} and the types {', '.join(kinds)[:100]}; expected one image of shape "
            f"[1, side, side, 3] with a side up to {_SIDE}, as float32 or quantised"
        )
    if np.issubdtype(inputs[0]["dtype"], np.integer) and not inputs[0]["quantization"][0] > 0:
        raise UserError("its input has integers without a scale; give a quantised file of `boxwright export`")
    interpreter.allocate_tensors()
    return interpreter


def require_detections(found: dict[str, Any]) -> None:
    """Raises UserError unless the outputs have the shapes of the detection op: (1, n, 4), (1, n), (1, n) and (1,)."""
    shapes = {name: np.shape(value) for name, value in found.items()}
    rows = shapes["scores"][-1:]
    if shapes != {"boxes": (1, *rows, 4), "classes": (1, *rows), "scores": (1, *rows), "count": (1,)}:
        raise UserError(f"its outputs have the shapes {str(shapes)[:200]}; expected those of {tflite.POSTPROCESS}")


def _is_image(shape: list[int]) -> bool:
    batch, height, width, channels = shape
    return batch == 1 and 0 < height == width <= _SIDE and channels == 3
