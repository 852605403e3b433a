"""Reads `.tflite` files: operators, outputs of the detection op, labels.

Exported detectors end in the custom op TFLite_Detection_PostProcess. The op's four outputs have a fixed order, but the order
and the names of the model's outputs depend on the converter. Therefore the outputs are identified through the op.
"""

import io
import zipfile
from typing import Any

from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from boxwright.core.runtime.errors import UserError

LABELS = "labels.txt"
POSTPROCESS = "TFLite_Detection_PostProcess"
# Order of the op's outputs: tensorflow/lite/kernels/detection_postprocess.cc.
_OUTPUTS = ("boxes", "classes", "scores", "count")


def read_model(data: bytes) -> schema.Model:
    """The flatbuffer of a .tflite file. Raises UserError if it is not a TFLite file, or is damaged."""
    if not schema.Model.ModelBufferHasIdentifier(data, 0):
        raise UserError(
            "this is not a TFLite file (expected TFL3 at byte 4): give a .tflite file that `boxwright export` wrote"
        )
    try:
        Interpreter(model_content=data)  # checks every offset, which the generated reader does not
    except ValueError:
        raise UserError(
            "this TFLite file is damaged, perhaps truncated: copy it again, or run `boxwright export` again"
        ) from None
    return schema.Model.GetRootAs(data, 0)


def op_name(model: schema.Model, op: Any) -> str:
    """The name of an operator, e.g. CONV_2D; for a custom operator its own name."""
    code: Any = model.OperatorCodes(op.OpcodeIndex())
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if number == schema.BuiltinOperator.CUSTOM:
        return code.CustomCode().decode()
    return constant_name(schema.BuiltinOperator, number)


def constant_name(enumeration: type, value: int) -> str:
    """The name of a value of one of the schema's enumerations, e.g. INT8 for schema.TensorType."""
    return next(name for name, number in vars(enumeration).items() if number == value and name.isupper())


def operators(model: schema.Model) -> list[Any]:
    """The operators of the only graph, in order of execution."""
    graph: Any = model.Subgraphs(0)
    return [graph.Operators(i) for i in range(graph.OperatorsLength())]


def detection_outputs(model: schema.Model) -> dict[str, int]:
    """Tensor indices of `boxes`, `classes`, `scores` and `count`. Raises UserError if the file is not a detector."""
    for op in operators(model):
        if op_name(model, op) == POSTPROCESS:
            return dict(zip(_OUTPUTS, op.OutputsAsNumpy().tolist(), strict=True))
    raise UserError(f"the .tflite file has no {POSTPROCESS} op: it is not a detector that `boxwright export` wrote")


def labels(data: bytes) -> list[str]:
    """The class names in a .tflite file, in the order of the output's class numbers from 0; empty if the file has no labels."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # Not splitlines(), which also splits at characters that a name may contain, such as U+2028.
            return archive.read(LABELS).decode().removesuffix("\n").split("\n")
    except (zipfile.BadZipFile, KeyError):
        return []
