"""Predicts where each operator of a .tflite file runs, by the published rules of the Edge TPU compiler 16.0.

These are predictions; the compiler's result can differ. Sources:
- operators and their limits: coral.ai/docs/edgetpu/models-intro, "Supported operations" (also reprinted with the same limits
  at developer.axis.com, ARTPEC-7, "Supported ops");
- tensors: 8-bit, of constant size, at most the 3 innermost dimensions above 1 (same page, "Model requirements");
- one partition: "the first node that's not supported ... and everything after it runs on the CPU" (same page, "Compiling");
- versions: the compiler contains TensorFlow Lite of mid-2021. It refuses the whole file if an operator has a later version,
  e.g. CONV_2D version 6 (github.com/google-coral/edgetpu/issues/631). The versions of the other operators are from
  tensorflow/lite/kernels/register.cc at commit 00b1ec2a, which is slightly later, so they are upper bounds;
- DEQUANTIZE and custom operators stay on the CPU (logs in google-coral/edgetpu issues 356 and 659).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from boxwright.core.artifacts.edgetpu import Operators

COMPILER = "16.0"
EDGE_TPU: Final = "Edge TPU"
CPU: Final = "CPU"
Placement = Literal["Edge TPU", "CPU"]

# Operators that the Edge TPU supports -> highest version that the compiler can parse.
SUPPORTED = {
    "ADD": 4,
    "AVERAGE_POOL_2D": 3,
    "CONCATENATION": 3,
    "CONV_2D": 5,
    "DEPTHWISE_CONV_2D": 6,
    "EXPAND_DIMS": 1,
    "FULLY_CONNECTED": 9,
    "L2_NORMALIZATION": 2,
    "LOGISTIC": 3,
    "LSTM": 4,
    "MAXIMUM": 4,
    "MAX_POOL_2D": 3,
    "MEAN": 3,
    "MINIMUM": 4,
    "MUL": 5,
    "PACK": 3,
    "PAD": 4,
    "PRELU": 1,
    "QUANTIZE": 3,
    "REDUCE_MAX": 3,
    "REDUCE_MIN": 3,
    "RELU": 3,
    "RELU6": 3,
    "RELU_N1_TO_1": 1,
    "RESHAPE": 1,
    "RESIZE_BILINEAR": 4,
    "RESIZE_NEAREST_NEIGHBOR": 4,
    "RSQRT": 2,
    "SLICE": 5,
    "SOFTMAX": 3,
    "SPACE_TO_DEPTH": 2,
    "SPLIT": 4,
    "SQUARED_DIFFERENCE": 2,
    "SQUEEZE": 2,
    "STRIDED_SLICE": 6,
    "SUB": 5,
    "SUM": 2,
    "TANH": 3,
    "TRANSPOSE": 5,
    "TRANSPOSE_CONV": 3,
}
# Operators that must not have a fused activation function (same table).
NO_FUSED_ACTIVATION = ("AVERAGE_POOL_2D", "CONCATENATION", "MAX_POOL_2D")
EIGHT_BIT = {"INT8", "UINT8"}


@dataclass(frozen=True, kw_only=True)
class Op:
    """An operator of the file.

    inputs, outputs: types of its tensors without constants, e.g. INT8. shapes: of the same tensors; -1 for a size that is not
    constant. inputs_from: positions of the operators that produce its inputs.
    """

    name: str
    version: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    fused_activation: bool
    inputs_from: tuple[int, ...]


def refusal(ops: Sequence[Op]) -> str | None:
    """Why the compiler would refuse the whole file, by the rules; None if it would not."""
    later = sorted({f"{op.name} version {op.version}" for op in ops if op.version > SUPPORTED.get(op.name, op.version)})
    if later:
        return f"the compiler {COMPILER} (mid-2021) does not support {', '.join(later[:10])}"
    if not any(set(op.outputs) & EIGHT_BIT for op in ops):
        return "the file is not quantised, but the Edge TPU computes with 8-bit integers only; give the int8 file"
    return None


def obstacle(op: Op) -> str | None:
    """Why an operator cannot run on the Edge TPU, regardless of the operators before it; None if it can."""
    if op.name not in SUPPORTED:
        return "the Edge TPU does not have this operator"
    if wrong := sorted({*op.inputs, *op.outputs} - EIGHT_BIT):
        return f"it computes with {', '.join(wrong)}, but the Edge TPU supports 8-bit integers only"
    if any(size < 1 for shape in op.shapes for size in shape):
        return "a tensor has no constant size"
    if any(size > 1 for shape in op.shapes for size in shape[:-3]):
        return "a tensor has more than 3 dimensions above 1"
    if op.fused_activation and op.name in NO_FUSED_ACTIVATION:
        return "it has a fused activation function"
    return None


def place(ops: Sequence[Op]) -> list[tuple[Placement, str]]:
    """(`Edge TPU` or `CPU`, reason) for each operator.

    The compiler maps one partition to the Edge TPU. An operator that cannot run there runs on the CPU, and so does every
    operator that depends on it. A QUANTIZE of the file's own input is before the partition, and does not end it.
    """
    if whole := refusal(ops):
        return [(CPU, whole)] * len(ops)
    placed: list[tuple[Placement, str]] = []
    for op in ops:
        before = next((ops[i].name for i in op.inputs_from if placed[i][0] == CPU and not _enters(ops[i])), None)
        if why := obstacle(op):
            placed.append((CPU, why))
        elif before:
            placed.append((CPU, f"it comes after {before}, which runs on the CPU; only one partition is compiled"))
        else:
            placed.append((EDGE_TPU, "supported"))
    return placed


def _enters(op: Op) -> bool:
    """Whether an operator quantises an input of the file."""
    return op.name == "QUANTIZE" and not op.inputs_from


def table(ops: Sequence[Op]) -> tuple[Operators, ...]:
    """The operators counted by name, version, placement and reason, in order of first appearance."""
    rows = Counter((op.name, op.version, *where) for op, where in zip(ops, place(ops), strict=True))
    return tuple(
        Operators(op=op, version=version, placement=placement, why=why, count=count)
        for (op, version, placement, why), count in rows.items()
    )
