"""The operators of a .tflite file, with the properties that decide where they can run."""

from pathlib import Path
from typing import Any, NamedTuple

from ai_edge_litert import schema_py_generated as schema

from boxwright.core import tflite
from boxwright.core.foreign_files import child_process
from boxwright.core.runtime.errors import UserError
from boxwright.edgetpu.placement import Op

# Type of the options of operators that may have a fused activation function -> class that reads them.
_OPTIONS = {
    schema.BuiltinOptions.Pool2DOptions: schema.Pool2DOptions,
    schema.BuiltinOptions.ConcatenationOptions: schema.ConcatenationOptions,
}


class Read(NamedTuple):
    """operators: in order of execution. input_types: of the file's inputs, e.g. UINT8."""

    operators: list[Op]
    input_types: list[str]


def read(file: Path) -> Read:
    """Reads the file in a child process. Raises UserError if it is not a TFLite file, is damaged, or crashes LiteRT."""
    ops, types = child_process.call(read_here, file, what=file)
    return Read([Op(**{name: _as_tuple(value) for name, value in op.items()}) for op in ops], types)


def read_here(path: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The child's part."""
    data = tflite.read_file(Path(path))
    try:
        return [vars(op) for op in operators(data)], input_types(data)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def _as_tuple(value: Any) -> Any:
    """JSON has lists for tuples."""
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def operators(data: bytes) -> list[Op]:
    """All operators of the file in order of execution. Raises UserError if it is not a TFLite file, or is damaged."""
    model = tflite.read_model(data)
    graph = model.Subgraphs(0)
    producer: dict[int, int] = {}
    found = []
    for position, op in enumerate(tflite.operators(model)):
        found.append(_operator(model, graph, op, producer))
        producer |= dict.fromkeys(op.OutputsAsNumpy().tolist(), position)
    if not found:
        raise UserError("this TFLite file has no operators: export it again")
    return found


def input_types(data: bytes) -> list[str]:
    """Types of the file's inputs, e.g. UINT8. Raises UserError if it is not a TFLite file, or is damaged."""
    graph: Any = tflite.read_model(data).Subgraphs(0)
    return [_type(graph.Tensors(i)) for i in graph.InputsAsNumpy().tolist()]


def _operator(model: schema.Model, graph: Any, op: Any, producer: dict[int, int]) -> Op:
    """producer: tensor index -> position of the operator that produces it."""
    entering = [i for i in op.InputsAsNumpy().tolist() if i >= 0 and not _constant(model, graph.Tensors(i))]
    leaving = op.OutputsAsNumpy().tolist()
    carried = [graph.Tensors(i) for i in (*entering, *leaving)]
    code: Any = model.OperatorCodes(op.OpcodeIndex())
    return Op(
        name=tflite.op_name(model, op),
        version=code.Version(),
        inputs=tuple(_type(graph.Tensors(i)) for i in entering),
        outputs=tuple(_type(graph.Tensors(i)) for i in leaving),
        shapes=tuple(_shape(tensor) for tensor in carried),
        fused_activation=_fused_activation(op),
        inputs_from=tuple(producer[i] for i in entering if i in producer),
    )


def _constant(model: schema.Model, tensor: Any) -> bool:
    buffer: Any = model.Buffers(tensor.Buffer())
    return buffer.DataLength() > 0


def _type(tensor: Any) -> str:
    return tflite.constant_name(schema.TensorType, tensor.Type())


def _shape(tensor: Any) -> tuple[int, ...]:
    """The sizes of a tensor; -1 for a size that is not constant."""
    signature = tensor.ShapeSignatureAsNumpy() if tensor.ShapeSignatureLength() else tensor.ShapeAsNumpy()
    return tuple(signature.tolist()) if tensor.ShapeLength() else ()


def _fused_activation(op: Any) -> bool:
    """Whether a pooling or concatenation operator has a fused activation function; false for other operators."""
    if op.BuiltinOptionsType() not in _OPTIONS:
        return False
    options = _OPTIONS[op.BuiltinOptionsType()]()
    options.Init(op.BuiltinOptions().Bytes, op.BuiltinOptions().Pos)
    return options.FusedActivationFunction() != schema.ActivationFunctionType.NONE
