"""Reads `.tflite` files: operators, outputs of the detection op, labels.

Exported detectors end in the custom op TFLite_Detection_PostProcess. The op's four outputs have a fixed order, but the order
and the names of the model's outputs depend on the converter. Therefore the outputs are identified through the op.

LiteRT crashes on some damaged files. So the files of strangers are read in a child process (core/foreign_files/tflite_process).
"""

import io
import lzma
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from flatbuffers import flexbuffers

from boxwright.core.runtime import limits, printable
from boxwright.core.runtime.errors import UserError, brief

LABELS = "labels.txt"
# The names that other tools give to the file of class names inside.
_LABEL_FILES = (LABELS, "labelmap.txt", "label_map.txt", "labelmap_without_background.txt")
POSTPROCESS = "TFLite_Detection_PostProcess"
# Bytes of a file: the largest detectors for phones have 300 MiB.
FILE_BYTES = 512 * limits.MIB
# Operators of a file: a detector has 100, a large language model 10,000.
OPERATORS = 100_000
_KINDS = 1_000  # of operators: LiteRT has 210
# Bytes of labels.txt, number of labels, and characters of a label: 20,000 classes have 300 KiB.
LABELS_BYTES = 4 * limits.MIB
MOST_LABELS = 100_000
LABEL_CHARACTERS = 1_000
# Order of the op's outputs: tensorflow/lite/kernels/detection_postprocess.cc.
_OUTPUTS = ("boxes", "classes", "scores", "count")
# The first line of many lists of names. It stands for the background, which the outputs do not count.
BACKGROUND = "???"
_DAMAGED = "this TFLite file is damaged, perhaps truncated: copy it again, or export it again"
_DAMAGE = (ValueError, TypeError, AttributeError, IndexError, struct.error)
_ZIP_ERRORS = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_file(file: Path) -> bytes:
    """The content of a .tflite file. Raises UserError if it is missing, no regular file, or too large."""
    if not file.is_file():
        raise UserError(f"{file} does not exist, or is not a file: give a .tflite file")
    limits.check_size(file.stat().st_size, FILE_BYTES, file)
    with file.open("rb") as opened:
        return limits.read_at_most(opened, FILE_BYTES, file)


def read_model(data: bytes) -> schema.Model:
    """The flatbuffer of a .tflite file. Raises UserError if it is not a TFLite file, or is damaged.

    LiteRT may crash this process on a file that was made to do so.
    """
    if not schema.Model.ModelBufferHasIdentifier(data, 0):
        raise UserError("this is not a TFLite file (expected TFL3 at byte 4): give a .tflite file")
    model = schema.Model.GetRootAs(data, 0)
    try:
        graphs = model.SubgraphsLength()
        Interpreter(model_content=data) if graphs else None  # checks every offset, which the generated reader does not
    except (ValueError, RuntimeError, struct.error, TypeError, AttributeError):
        raise UserError(_DAMAGED) from None
    if not graphs:
        raise UserError("this TFLite file has no graph: export it again")
    return model


def op_name(model: schema.Model, op: Any) -> str:
    """The name of an operator, e.g. CONV_2D; for a custom operator its own name."""
    code: Any = model.OperatorCodes(op.OpcodeIndex())
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if number == schema.BuiltinOperator.CUSTOM:
        return printable.visible_line((code.CustomCode() or b"?")[:100].decode(errors="replace"))
    return constant_name(schema.BuiltinOperator, number)


def constant_name(enumeration: type, value: int) -> str:
    """The name of a value of one of the schema's enumerations, e.g. INT8 for schema.TensorType; else its number."""
    return next((name for name, number in vars(enumeration).items() if number == value and name.isupper()), str(value))


def operators(model: schema.Model) -> list[Any]:
    """The operators of the only graph, in order of execution. Raises UserError for more than OPERATORS."""
    graph: Any = model.Subgraphs(0)
    if graph.OperatorsLength() > OPERATORS or model.OperatorCodesLength() > _KINDS:
        raise UserError(_DAMAGED)
    return [graph.Operators(i) for i in range(graph.OperatorsLength())]


def detection_outputs(model: schema.Model) -> dict[str, int]:
    """Tensor indices of `boxes`, `classes`, `scores` and `count`. Raises UserError if the file is not a detector."""
    for op in operators(model):
        if op_name(model, op) == POSTPROCESS and op.OutputsLength() == len(_OUTPUTS):
            return dict(zip(_OUTPUTS, op.OutputsAsNumpy().tolist(), strict=True))
    raise UserError(
        f"the .tflite file has no {POSTPROCESS} op, so it is not a detector for `boxwright evaluate`; `boxwright examine` reads "
        "other kinds"
    )


def detection_options(model: schema.Model) -> dict[str, float]:
    """The settings of the detection op, by name; empty without the op. Raises UserError if they are damaged."""
    for op in operators(model):
        if op_name(model, op) == POSTPROCESS and op.OutputsLength() == len(_OUTPUTS):
            try:
                given: Any = flexbuffers.Loads(bytes(op.CustomOptionsAsNumpy()))
                return {str(name): float(value) for name, value in given.items()}
            except _DAMAGE as error:
                raise UserError(
                    f"the settings of its detection op are damaged ({brief(error)}); export it again"
                ) from None
    return {}


def labels(data: bytes) -> list[str]:
    """The class names in a .tflite file, in the order of the output's class numbers from 0; empty if the file has no labels.

    Raises UserError if they are damaged, or exceed LABELS_BYTES, MOST_LABELS or LABEL_CHARACTERS.
    """
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if not (inside := [name for name in _LABEL_FILES if name in archive.namelist()]):
                return []
            with archive.open(inside[0]) as member:
                content = limits.read_at_most(member, LABELS_BYTES, f"{LABELS} in the .tflite file")
        # Not splitlines(), which also splits at characters that a name may contain, such as U+2028.
        text = content.decode().removesuffix("\n")
    except _ZIP_ERRORS as error:
        raise UserError(f"{LABELS} in the .tflite file is damaged ({brief(error)}); copy the file again") from None
    if text.count("\n") >= MOST_LABELS or max(map(len, text.split("\n"))) > LABEL_CHARACTERS:
        raise UserError(
            f"{LABELS} in the .tflite file has more than {MOST_LABELS} labels, or one of more than {LABEL_CHARACTERS} "
            "characters; give a file with one class name per line"
        )
    names = text.split("\n")
    return names[1:] if names[0] == BACKGROUND else names
