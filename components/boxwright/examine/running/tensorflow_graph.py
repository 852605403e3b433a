"""Runs a SavedModel or a frozen TF1 graph in a child process and returns its detections."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from boxwright.core.foreign_files import array_message
from boxwright.core.foreign_files.child_process import Bounds, Service
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, brief
from boxwright.examine.running.graph_operations import not_allowed

# Bytes of a graph with its weights: the largest of the model zoo has 400 MiB.
_GRAPH_BYTES = limits.GIB
SAVED_MODEL = "saved_model.pb"
# Names of the OD API's exporters.
_OUTPUTS = {
    "boxes": "detection_boxes",
    "scores": "detection_scores",
    "classes": "detection_classes",
    "count": "num_detections",
}
_INPUTS = ("image_tensor", "input_tensor", "image_arrays", "images", "input")
_EXPECTED = "expected the outputs of the OD API's exporter: detection_boxes, detection_scores, detection_classes, num_detections"
Run = Callable[[np.ndarray], dict[str, np.ndarray]]


def start(path: Path) -> Service:
    """A process that has loaded the graph. Its result are `dtype` and `shape` of the input, -1 for a size that is not fixed.

    A request has `image` (1, h, w, 3), see array_message. The answer has `boxes`, `scores`, `classes`, and `count`.

    Raises UserError if the graph is damaged, is no detector, or has an operation that does more than compute.
    """
    return Service(
        serve, path, what=path, bounds=Bounds(memory=16 * limits.GIB, seconds=300, file_bytes=64 * limits.KIB)
    )


def serve(path: str) -> tuple[dict[str, Any], Callable[[bytes], bytes]]:
    """The child's part."""
    run, kind, shape = _saved_model(Path(path)) if Path(path).is_dir() else _frozen(Path(path))

    def answer(request: bytes) -> bytes:
        return array_message.pack(run(array_message.unpack(request)["image"]))

    return {"dtype": kind, "shape": shape}, answer


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise UserError(
            f"{file} does not exist; give a SavedModel folder, a frozen graph (.pb), a .tflite file or a .json"
        )
    with file.open("rb") as opened:
        return limits.read_at_most(opened, _GRAPH_BYTES, file)


def _saved_model(folder: Path) -> tuple[Run, str, list[int]]:
    import tensorflow as tf
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    try:
        content = saved_model_pb2.SavedModel.FromString(_read(folder / SAVED_MODEL))
    except DecodeError as error:
        raise UserError(f"{folder / SAVED_MODEL} is damaged ({brief(error)}); export the model again") from None
    for graph in content.meta_graphs:
        _refuse_others(graph.graph_def, folder)
    try:
        loaded: Any = tf.saved_model.load(str(folder))
        signature = loaded.signatures["serving_default"]
    except KeyError:
        raise UserError(f"{folder} has no signature serving_default; {_EXPECTED}") from None
    except Exception as error:
        raise UserError(f"{folder} cannot be loaded ({brief(error)}); export the model again") from None
    (name, spec), *others = signature.structured_input_signature[1].items()
    _check_outputs(folder, signature.structured_outputs, len(others))
    shape = [-1 if size is None else int(size) for size in (spec.shape.as_list() if spec.shape.rank else [])]

    def run(image: np.ndarray) -> dict[str, np.ndarray]:
        found = signature(**{name: tf.constant(image)})
        return {key: found[output].numpy() for key, output in _OUTPUTS.items()}

    return run, spec.dtype.name, shape


def _frozen(file: Path) -> tuple[Run, str, list[int]]:
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    try:
        graph = tf.compat.v1.GraphDef.FromString(_read(file))
    except DecodeError:
        raise UserError(f"{file} is not a frozen graph, or is damaged; {_EXPECTED}") from None
    _refuse_others(graph, file)
    names = {node.name: node for node in graph.node}
    _check_outputs(file, names, 0)
    given = next((name for name in _INPUTS if name in names and names[name].op == "Placeholder"), None)
    if given is None:
        raise UserError(
            f"{file} has no input named {' or '.join(_INPUTS)}; export it with the OD API's export_inference_graph"
        )
    outputs = [f"{name}:0" for name in _OUTPUTS.values()]

    def load() -> None:
        tf.import_graph_def(graph, name="")

    whole: Any = tf.compat.v1.wrap_function(load, [])
    tensor = whole.graph.as_graph_element(f"{given}:0")
    infer = whole.prune(tensor, [whole.graph.as_graph_element(name) for name in outputs])
    shape = [-1 if size is None else int(size) for size in (tensor.shape.as_list() if tensor.shape.rank else [])]

    def run(image: np.ndarray) -> dict[str, np.ndarray]:
        return {key: value.numpy() for key, value in zip(_OUTPUTS, infer(tf.constant(image)), strict=True)}

    return run, tensor.dtype.name, shape


def _refuse_others(graph: Any, path: Path) -> None:
    """Raises UserError if a graph has an operation that does more than compute."""
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    functions = {function.signature.name for function in graph.library.function}
    if others := not_allowed(node.op for node in nodes if node.op not in functions):
        raise UserError(
            f"{path} has operations that Boxwright does not run, because they may do more than compute: "
            f"{', '.join(others)[:200]}; give its .tflite file, or its detections as COCO json"
        )


def _check_outputs(path: Path, there: Iterable[str], more_inputs: int) -> None:
    if missing := [name for name in _OUTPUTS.values() if name not in set(there)]:
        raise UserError(f"{path} has no output {', '.join(missing)}; {_EXPECTED}")
    if more_inputs:
        raise UserError(f"{path} has {more_inputs + 1} inputs; expected one image")
