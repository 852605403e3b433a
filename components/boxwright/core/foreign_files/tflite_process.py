"""Runs a `.tflite` detector in a child process: LiteRT can crash on a damaged file, or on a certain image."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from boxwright.core import tflite
from boxwright.core.foreign_files.child_process import Service
from boxwright.core.runtime.errors import UserError, brief

# Pixels of the input's side. Detectors for phones have up to 1,280.
_SIDE = 4096
# Detections of an image: the OD API's exporters write 10 to 100.
_ROWS = 10_000
_TYPES = (np.float32, np.uint8, np.int8, np.int16)


class Described(NamedTuple):
    """A detector. labels: class names; empty if the file has none. side: of the square input, pixels. dtype: of the input.

    scale, zero_point: of a quantised input. rows: number of detections of an image. classes: number of classes; 0: unknown.
    """

    labels: list[str]
    side: int
    dtype: str
    scale: float
    zero_point: int
    rows: int
    classes: int


def start(file: Path) -> Service:
    """A process that has loaded the file and run it once on noise. Its result are the values of `Described`.

    A request is the input tensor's bytes. The answer are float32: boxes (n, 4), classes (n,), scores (n,) and count.

    Raises UserError if the file is not a detector, is damaged, crashes LiteRT, or needs too much memory or time.
    """
    return Service(serve, file, what=file)


def serve(path: str) -> tuple[Described, Callable[[bytes], bytes]]:
    """The child's part."""
    try:
        data = tflite.read_file(Path(path))
        model = tflite.read_model(data)
        outputs, options = tflite.detection_outputs(model), tflite.detection_options(model)
        labels = tflite.labels(data)
        interpreter = loaded(data)
        (details,) = interpreter.get_input_details()
        noise = np.random.default_rng(0).integers(0, 127, details["shape"]).astype(details["dtype"])
        rows = require_detections(detect(interpreter, outputs, noise))
    except (RuntimeError, ValueError) as error:
        raise UserError(f"{path} is damaged, or LiteRT cannot run it: {brief(error)}") from None
    except UserError as error:
        raise error if path in str(error) else UserError(f"{path}: {error}") from None
    classes = int(options.get("num_classes", 0))
    kind, (scale, zero_point) = np.dtype(details["dtype"]), details["quantization"]
    described = Described(labels, int(details["shape"][1]), kind.name, float(scale), int(zero_point), rows, classes)

    def answer(request: bytes) -> bytes:
        found = detect(interpreter, outputs, np.frombuffer(request, kind).reshape(details["shape"]))
        return b"".join(found[name].astype(np.float32).tobytes() for name in ("boxes", "classes", "scores", "count"))

    return described, answer


def detect(interpreter: Interpreter, outputs: dict[str, int], image: np.ndarray) -> dict[str, np.ndarray]:
    """Runs LiteRT on one image. Returns `boxes`, `classes`, `scores` and `count`."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    return {name: interpreter.get_tensor(index) for name, index in outputs.items()}


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
        raise UserError("its input has integers without a scale; export it with a quantised input, or with a float one")
    interpreter.allocate_tensors()
    return interpreter


def require_detections(found: dict[str, np.ndarray]) -> int:
    """The number of detections n of an image.

    Raises UserError unless the outputs have the shapes of the detection op: (1, n, 4), (1, n), (1, n) and (1,).
    """
    shapes = {name: np.shape(value) for name, value in found.items()}
    rows = shapes["scores"][-1:]
    if rows and rows[0] > _ROWS:
        raise UserError(f"it gives {rows[0]} detections of an image; expected at most {_ROWS}")
    if shapes != {"boxes": (1, *rows, 4), "classes": (1, *rows), "scores": (1, *rows), "count": (1,)}:
        raise UserError(f"its outputs have the shapes {str(shapes)[:200]}; expected those of {tflite.POSTPROCESS}")
    return int(rows[0]) if rows else 0


def _is_image(shape: list[int]) -> bool:
    batch, height, width, channels = shape
    return batch == 1 and 0 < height == width <= _SIDE and channels == 3
