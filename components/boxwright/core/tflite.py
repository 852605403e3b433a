"""A `.tflite` detector: what its file says, and inference with the same interface as the trained model's.

The files end in the custom op TFLite_Detection_PostProcess. Its four outputs have a fixed order inside the op, while order and
names of the model's outputs vary with the converter; so they are found through the op.
"""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from boxwright.core.runtime.errors import UserError

LABELS = "labels.txt"
POSTPROCESS = "TFLite_Detection_PostProcess"
# Order of the op's outputs: tensorflow/lite/kernels/detection_postprocess.cc.
_OUTPUTS = ("boxes", "classes", "scores", "count")

Detection = tuple[np.ndarray, np.ndarray, np.ndarray]


def read_model(data: bytes) -> Any:
    """The flatbuffer of a .tflite file (schema_py_generated.Model); raises UserError when it is none, or not a whole one."""
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.interpreter import Interpreter

    if not schema.Model.ModelBufferHasIdentifier(data, 0):
        raise UserError(
            "this is not a TFLite file (no TFL3 at byte 4): give a .tflite file that `boxwright export` wrote"
        )
    try:
        Interpreter(model_content=data)  # looks at every offset, which the generated reader follows blindly
    except ValueError:
        raise UserError(
            "this TFLite file is damaged, cut off perhaps: copy it anew, or run `boxwright export` again"
        ) from None
    return schema.Model.GetRootAs(data, 0)


def op_name(model: Any, op: Any) -> str:
    """Name of an operator as the converters print it: CONV_2D, or a custom op's own name."""
    from ai_edge_litert.schema_py_generated import BuiltinOperator

    code = model.OperatorCodes(op.OpcodeIndex())
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if number == BuiltinOperator.CUSTOM:
        return code.CustomCode().decode()
    return next(name for name, value in vars(BuiltinOperator).items() if value == number and name.isupper())


def operators(model: Any) -> list[Any]:
    """The operators of the (only) graph in order of execution."""
    graph = model.Subgraphs(0)
    return [graph.Operators(i) for i in range(graph.OperatorsLength())]


def detection_outputs(model: Any) -> dict[str, int]:
    """Tensor index of boxes, classes, scores and count."""
    for op in operators(model):
        if op_name(model, op) == POSTPROCESS:
            return dict(zip(_OUTPUTS, op.OutputsAsNumpy().tolist(), strict=True))
    raise UserError(f"the .tflite file has no {POSTPROCESS} op: it is not a detector that `boxwright export` wrote")


def labels(data: bytes) -> list[str]:
    """The classes inside a .tflite file, in the order in which its outputs count them from 0; empty where it has none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # A name may hold what splitlines() takes for the end of a line, U+2028 for one.
            return archive.read(LABELS).decode().removesuffix("\n").split("\n")
    except (zipfile.BadZipFile, KeyError):
        return []


class Detector:
    """Detects image by image, in the interpreter that runs on devices (LiteRT, on the CPU).

    path: a .tflite file with one image input, float32 in -1..1 or quantised.

    One thread: with two, LiteRT 2.3's post-processing op silently drops the last of three classes (measured: its per-class
    suppression shares the classes among the threads, and a remainder is lost).
    """

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        data = path.read_bytes()
        self._outputs = detection_outputs(read_model(data))
        self._interpreter = Interpreter(model_content=data, num_threads=1)
        self._interpreter.allocate_tensors()
        (self._input,) = self._interpreter.get_input_details()
        self.input_size = int(self._input["shape"][1])

    def __call__(self, images: Sequence[np.ndarray]) -> list[Detection]:
        """images: (height, width, 3) uint8 of any size. For each: boxes_yxyx (n, 4) in 0..1, scores (n,) from high to low,
        class_ids (n,) from 1; n is the file's number of detections. Rows beyond the detections have score 0."""
        return [self._detect(image) for image in images]

    def _detect(self, image: np.ndarray) -> Detection:
        from boxwright.core.od_api.image_preprocessing import model_input

        self._interpreter.set_tensor(
            self._input["index"], quantized(model_input(image, self.input_size)[None], self._input)
        )
        self._interpreter.invoke()
        found = {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}
        scores = found["scores"][0].copy()
        scores[int(found["count"][0]) :] = 0
        boxes_yxyx = np.clip(found["boxes"][0], 0, 1)  # the trained model clips; the op does not
        return boxes_yxyx, scores, found["classes"][0].astype(np.int64) + 1


def quantized(values: np.ndarray, details: dict) -> np.ndarray:
    """Real values as a tensor holds them: round(value / scale) + zero point, clipped to its type; floats unchanged."""
    kind = details["dtype"]
    if not np.issubdtype(kind, np.integer):
        return values.astype(kind)
    scale, zero_point = details["quantization"]
    limits = np.iinfo(kind)
    return np.clip(np.round(values / scale) + zero_point, limits.min, limits.max).astype(kind)
