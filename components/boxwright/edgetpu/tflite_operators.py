"""The operators of a .tflite file, with what decides where they can run."""

from typing import Any

from boxwright.core import tflite
from boxwright.edgetpu.placement import Op


def operators(data: bytes) -> list[Op]:
    """All operators of the file in order of execution; raises UserError when it is no TFLite file."""
    model = tflite.read_model(data)
    graph = model.Subgraphs(0)
    producer: dict[int, int] = {}
    found = []
    for position, op in enumerate(tflite.operators(model)):
        found.append(_operator(model, graph, op, producer))
        producer |= dict.fromkeys(op.OutputsAsNumpy().tolist(), position)
    return found


def input_types(data: bytes) -> list[str]:
    graph = tflite.read_model(data).Subgraphs(0)
    return [_type(graph.Tensors(i)) for i in graph.InputsAsNumpy().tolist()]


def _operator(model: Any, graph: Any, op: Any, producer: dict[int, int]) -> Op:
    entering = [i for i in op.InputsAsNumpy().tolist() if i >= 0 and not _constant(model, graph.Tensors(i))]
    leaving = op.OutputsAsNumpy().tolist()
    carried = [graph.Tensors(i) for i in (*entering, *leaving)]
    return Op(
        name=tflite.op_name(model, op),
        version=model.OperatorCodes(op.OpcodeIndex()).Version(),
        inputs=tuple(_type(graph.Tensors(i)) for i in entering),
        outputs=tuple(_type(graph.Tensors(i)) for i in leaving),
        shapes=tuple(_shape(tensor) for tensor in carried),
        fused_activation=_fused_activation(op),
        inputs_from=tuple(producer[i] for i in entering if i in producer),
    )


def _constant(model: Any, tensor: Any) -> bool:
    return model.Buffers(tensor.Buffer()).DataLength() > 0


def _type(tensor: Any) -> str:
    from ai_edge_litert.schema_py_generated import TensorType

    return next(name for name, value in vars(TensorType).items() if value == tensor.Type() and name.isupper())


def _shape(tensor: Any) -> tuple[int, ...]:
    """Sizes; -1 where the file leaves one open."""
    signature = tensor.ShapeSignatureAsNumpy() if tensor.ShapeSignatureLength() else tensor.ShapeAsNumpy()
    return tuple(signature.tolist()) if tensor.ShapeLength() else ()


def _fused_activation(op: Any) -> bool:
    """Whether a pooling or concatenation operator has a fused activation function; false for others."""
    from ai_edge_litert import schema_py_generated as schema

    kinds = {
        schema.BuiltinOptions.Pool2DOptions: schema.Pool2DOptions,
        schema.BuiltinOptions.ConcatenationOptions: schema.ConcatenationOptions,
    }
    if op.BuiltinOptionsType() not in kinds:
        return False
    options = kinds[op.BuiltinOptionsType()]()
    options.Init(op.BuiltinOptions().Bytes, op.BuiltinOptions().Pos)
    return options.FusedActivationFunction() != schema.ActivationFunctionType.NONE
