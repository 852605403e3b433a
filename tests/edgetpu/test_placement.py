# environment: train
"""The published rules by operator, and the table of a real int8 file."""

from dataclasses import replace

import pytest

from boxwright.edgetpu import placement, tflite_operators
from boxwright.edgetpu.placement import CPU, EDGE_TPU, Op


def op(name="CONV_2D", *, after=(), version=1, types=("INT8", "INT8"), shape=(1, 8, 8, 3), fused=False) -> Op:
    return Op(
        name=name,
        version=version,
        inputs=types[:1],
        outputs=types[1:],
        shapes=(shape,),
        fused_activation=fused,
        inputs_from=after,
    )


OBSTACLES = {
    "supported": (op(), None),
    "unknown operator": (op("FLOOR_MOD"), "does not have this operator"),
    "post-processing": (op("TFLite_Detection_PostProcess"), "does not have this operator"),
    "back to float": (op("DEQUANTIZE", types=("INT8", "FLOAT32")), "does not have this operator"),
    "float input": (op("QUANTIZE", types=("FLOAT32", "INT8")), "computes with FLOAT32"),
    "16 bit": (op(types=("INT16", "INT16")), "computes with INT16"),
    "open size": (op(shape=(-1, 8, 8, 3)), "no constant size"),
    "batch of two": (op(shape=(2, 8, 8, 3)), "more than 3 dimensions"),
    "fused pool": (op("MAX_POOL_2D", fused=True), "fused activation"),
    "fused convolution": (op("CONV_2D", fused=True), None),
}


@pytest.mark.parametrize(("operator", "why"), OBSTACLES.values(), ids=OBSTACLES)
def test_obstacle(operator, why):
    found = placement.obstacle(operator)
    assert found is None if why is None else why in found


def test_operators_after_an_obstacle_run_on_the_cpu():
    ops = [op(), op("FLOOR_MOD", after=(0,)), op(after=(1,)), op("LOGISTIC", after=(0,))]
    assert [where for where, _ in placement.place(ops)] == [EDGE_TPU, CPU, CPU, EDGE_TPU]
    assert "after FLOOR_MOD" in placement.place(ops)[2][1]


def test_a_later_version_refuses_the_whole_file():
    ops = [op(), op("CONV_2D", version=6, after=(0,))]
    assert "CONV_2D version 6" in (placement.refusal(ops) or "")
    assert {where for where, _ in placement.place(ops)} == {CPU}


def test_a_float_file_is_refused(tiny_export):
    ops = tflite_operators.operators((tiny_export / "tflite/float32.tflite").read_bytes())
    assert "not quantised" in (placement.refusal(ops) or "")
    assert {row.placement for row in placement.table(ops)} == {CPU}


def test_the_int8_file_runs_on_the_edge_tpu(tiny_export):
    data = (tiny_export / "tflite/int8.tflite").read_bytes()
    rows = {row.op: row for row in placement.table(tflite_operators.operators(data))}
    assert tflite_operators.input_types(data) == ["UINT8"]
    # conv_dw_1 to conv_dw_11 of MobileNet v1; the image is quantised once.
    assert (rows["DEPTHWISE_CONV_2D"].count, rows["QUANTIZE"].count) == (11, 1)
    assert {name for name, row in rows.items() if row.placement == CPU} == {
        "DEQUANTIZE",
        "TFLite_Detection_PostProcess",
    }
    assert all(row.version <= placement.SUPPORTED.get(name, 9) for name, row in rows.items())


FLOAT_IN = op("QUANTIZE", types=("FLOAT32", "INT8"))
EDGES = {
    # The image is quantised on the CPU, and the scores are scaled back there: 2 of 4 run on the Edge TPU.
    "at both ends": (
        [FLOAT_IN, op(after=(0,)), op(after=(1,)), op("DEQUANTIZE", types=("INT8", "FLOAT32"), after=(2,))],
        "0110",
    ),
    "in the middle": (
        [
            op(),
            op("DEQUANTIZE", types=("INT8", "FLOAT32"), after=(0,)),
            replace(FLOAT_IN, inputs_from=(1,)),
            op(after=(2,)),
        ],
        "1000",
    ),
    "another operator at the input": (
        [op("CAST", types=("UINT8", "FLOAT32")), replace(FLOAT_IN, inputs_from=(0,)), op(after=(1,))],
        "000",
    ),
    "two inputs": ([FLOAT_IN, FLOAT_IN, op("ADD", after=(0, 1))], "001"),
}


@pytest.mark.parametrize(("ops", "on_tpu"), EDGES.values(), ids=EDGES)
def test_quantising_the_input_does_not_end_the_partition(ops, on_tpu):
    assert "".join(str(int(where == EDGE_TPU)) for where, _ in placement.place(ops)) == on_tpu
