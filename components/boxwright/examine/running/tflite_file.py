"""Runs any `.tflite` detector in a child process and returns the numbers of its outputs."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from boxwright.core import tflite
from boxwright.core.foreign_files import array_message
from boxwright.core.foreign_files.child_process import Bounds, Service
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, brief
from boxwright.examine.running import tflite_outputs
from boxwright.examine.running.tflite_outputs import PostProcess

# Pixels of the input's side. Detectors for phones have up to 1,280.
_SIDE = 4096
_TYPES = (np.float32, np.uint8, np.int8, np.int16)
# Names of the arrays of an answer that come from the detection op.
GIVEN = ("boxes", "classes", "scores", "count")


def start(file: Path, threads: int = 1) -> Service:
    """A process that has loaded the file and run it once on noise. Its result has the keys of `described`.

    A request is the input tensor's bytes. The answer is an array_message. With a detection op `boxes`, `classes`, `scores`,
    `count`, and before it `codes`, `class_scores`, `anchors`; else `output_0` and so on, as floats.

    Raises UserError if the file is not an image model, is damaged, crashes LiteRT, or needs too much memory or time.
    """
    return Service(serve, file, threads, what=file, bounds=Bounds(memory=8 * limits.GIB))


def serve(path: str, threads: int) -> tuple[dict[str, Any], Callable[[bytes], bytes]]:
    """The child's part."""
    try:
        data = tflite.read_file(Path(path))
        op = tflite_outputs.post_process(tflite.read_model(data))
        interpreter = _loaded(data, threads, keep=op is not None)
        (details,) = interpreter.get_input_details()
        noise = np.random.default_rng(0).integers(0, 127, details["shape"]).astype(details["dtype"])
        shapes = {name: value.shape for name, value in _run(interpreter, op, noise).items()}
        labels = tflite.labels(data)
    except (RuntimeError, ValueError) as error:
        raise UserError(f"{path} is damaged, or LiteRT cannot run it: {brief(error)}") from None
    except UserError as error:
        raise error if path in str(error) else UserError(f"{path}: {error}") from None

    def answer(request: bytes) -> bytes:
        image = np.frombuffer(request, details["dtype"]).reshape(details["shape"])
        return array_message.pack(_run(interpreter, op, image))

    return described(details, op, shapes, labels), answer


def described(
    details: Mapping[str, Any], op: PostProcess | None, shapes: Mapping[str, tuple[int, ...]], labels: list[str]
) -> dict[str, Any]:
    """height, width, dtype, scale and zero_point of the input; labels; options of the detection op; shapes of the answer."""
    _, height, width, _ = (int(size) for size in details["shape"])
    scale, zero_point = details["quantization"]
    return {
        "height": height,
        "width": width,
        "dtype": np.dtype(details["dtype"]).name,
        "scale": float(scale),
        "zero_point": int(zero_point),
        "labels": labels,
        "options": dict(op.options) if op else None,
        "shapes": {name: list(map(int, shape)) for name, shape in shapes.items()},
    }


def _loaded(data: bytes, threads: int, keep: bool) -> Interpreter:
    """LiteRT's interpreter with its tensors allocated. keep: the tensors before the outputs can be read, too.

    Raises UserError if its input is not one image.
    """
    interpreter = Interpreter(model_content=data, num_threads=threads, experimental_preserve_all_tensors=keep)
    inputs = interpreter.get_input_details()
    shapes = [[int(size) for size in one["shape_signature"]] for one in inputs]
    if len(inputs) != 1 or inputs[0]["dtype"] not in _TYPES or not _is_image(shapes[0]):
        kinds = ", ".join(np.dtype(one["dtype"]).name for one in inputs)
        raise UserError(
            f"its inputs have the shapes {str(shapes)[:100]} and the types {kinds[:100]}; expected one image of shape "
            f"[1, height, width, 3] with sides up to {_SIDE}"
        )
    interpreter.resize_tensor_input(inputs[0]["index"], [1, *shapes[0][1:]])
    interpreter.allocate_tensors()
    return interpreter


def _is_image(shape: list[int]) -> bool:
    return len(shape) == 4 and shape[0] in (1, -1) and all(0 < side <= _SIDE for side in shape[1:3]) and shape[3] == 3


def _run(interpreter: Interpreter, op: PostProcess | None, image: np.ndarray) -> dict[str, np.ndarray]:
    """One image through the file: floats by name."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    if op is None:
        return {f"output_{i}": _real(interpreter, one) for i, one in enumerate(interpreter.get_output_details())}
    details = {one["index"]: one for one in interpreter.get_tensor_details()}
    named = dict(zip(("codes", "class_scores", "anchors"), op.inputs, strict=True)) | op.outputs
    return {name: _real(interpreter, details[index]) for name, index in named.items()}


def _real(interpreter: Interpreter, details: Mapping[str, Any]) -> np.ndarray:
    """A tensor as float32. A quantised one is scaled back."""
    values = np.asarray(interpreter.get_tensor(details["index"]))
    scale, zero_point = details["quantization"]
    if np.issubdtype(values.dtype, np.integer) and scale:
        return ((values.astype(np.float32) - zero_point) * scale).astype(np.float32)
    return values.astype(np.float32)
