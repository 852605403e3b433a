# environment: train
"""Running the compiler and reading its log. The compiler is a closed binary that is not installed here. Scripts replace it: they
print its documented log and write its output files."""

import json
import stat
from typing import Any

import flatbuffers
import pytest

from boxwright.core import tflite
from boxwright.core.runtime.atomic_dirs import WRITTEN
from boxwright.core.runtime.errors import UserError
from boxwright.edgetpu import compiler, step

# A sample, not the log of a real run: the format is that of edgetpu_compiler 16.0 -s (coral.ai/docs/edgetpu/compiler and the
# logs in github.com/google-coral/edgetpu/issues), the counts are made up.
SAMPLE = """Edge TPU Compiler version 16.0.384591198
Started a compilation timeout timer of 180 seconds.

Model compiled successfully in 1379 ms.

Input model: int8.tflite
Input size: 2.46MiB
Output model: int8_edgetpu.tflite
Output size: 2.80MiB
On-chip memory used for caching model parameters: 2.31MiB
On-chip memory remaining for caching model parameters: 5.12MiB
Off-chip memory used for streaming uncached model parameters: 0.00B
Number of Edge TPU subgraphs: 1
Total number of operations: 65
Operation log: int8_edgetpu.log

Model successfully compiled but not all operations are supported by the Edge TPU. A percentage of the model will instead run \
on the CPU, which is slower.
Number of operations that will run on Edge TPU: 62
Number of operations that will run on CPU: 3

Operator                       Count      Status

DEQUANTIZE                     2          Operation is working on an unsupported data type
CONV_2D                        30         Mapped to Edge TPU
CUSTOM                         1          Operation is working on an unsupported data type
Compilation child process completed within timeout period.
Compilation succeeded!
"""


def test_log():
    found = compiler.parse(SAMPLE).model_dump()
    ops = found.pop("ops")
    assert found == {
        "version": "16.0.384591198",
        "on_chip_used": "2.31MiB",
        "on_chip_left": "5.12MiB",
        "off_chip": "0.00B",
        "subgraphs": 1,
        "operators": 65,
        "on_tpu": 62,
        "on_cpu": 3,
    }
    assert list(ops) == [
        {"op": "DEQUANTIZE", "count": 2, "status": "Operation is working on an unsupported data type"},
        {"op": "CONV_2D", "count": 30, "status": compiler.MAPPED},
        {"op": "CUSTOM", "count": 1, "status": "Operation is working on an unsupported data type"},
    ]


def test_log_without_a_version():
    assert compiler.parse("Internal compiler error. Aborting!").version is None


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Installs a script as edgetpu_compiler. It prints a log, may write an output file, and exits."""

    def install(log: str, *, output: bytes | None = None, code: int = 0):
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "log").write_text(log)
        lines = ["#!/bin/sh", f"cat {folder}/log"]
        if output is not None:
            (folder / "output").write_bytes(output)
            lines.append(f'cp {folder}/output "$3/int8_edgetpu.tflite"')
        script = folder / compiler.PROGRAM
        script.write_text("\n".join([*lines, f"exit {code}", ""]))
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    return install


def as_compiled(data: bytes) -> bytes:
    """The file with its custom operator renamed to that of a compiled file."""
    from ai_edge_litert import schema_py_generated as schema

    model: Any = schema.ModelT.InitFromObj(tflite.read_model(data))
    for code in model.operatorCodes:
        if code.customCode:
            code.customCode = "edgetpu-custom-op"
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.fixture
def check(tiny_export, tmp_path):
    def run():
        folder = tmp_path / "edgetpu"
        result = step.run(step.Config(tflite=tiny_export / "tflite", edgetpu=folder))
        return result, json.loads((folder / "edgetpu.json").read_text()), folder

    return run


def test_a_missing_compiler_is_a_result(check, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    result, report, folder = check()
    assert report["status"] == "checked, not compiled" and report["compiled"] is False
    assert report["compiler"] is None and report["log"] is None
    assert "not installed" in report["reason"] and "not compiled" in result.headline
    assert report["operators"] == sum(row["count"] for row in report["ops"])
    assert report["predicted_on_tpu"] == (report["operators"] - 3) / report["operators"]
    assert [file.name for file in folder.iterdir() if file.name != WRITTEN] == ["edgetpu.json"]


def test_a_compiler_that_succeeds(check, stand_in, tiny_export):
    stand_in(SAMPLE, output=as_compiled((tiny_export / "tflite/int8.tflite").read_bytes()))
    result, report, folder = check()
    assert report["status"] == "compiled" and report["compiled"] is True
    assert report["compiler"] == "16.0.384591198" and report["log"]["on_tpu"] == 62
    assert (folder / "int8_edgetpu.tflite").exists() and (folder / "edgetpu.log").read_text() == SAMPLE
    assert result.artifacts["edgetpu"]["compiled"] is True


def test_a_compiler_that_fails(check, stand_in):
    stand_in("Edge TPU Compiler version 16.0.384591198\nInternal compiler error. Aborting!\n", code=1)
    _, report, folder = check()
    assert report["compiled"] is False and "Internal compiler error" in report["reason"]
    assert not (folder / "int8_edgetpu.tflite").exists()


def test_a_compiler_that_puts_nothing_on_the_edge_tpu(check, stand_in, tiny_export):
    stand_in(SAMPLE, output=(tiny_export / "tflite/int8.tflite").read_bytes())
    _, report, folder = check()
    assert report["compiled"] is False and "no operator" in report["reason"]
    assert not (folder / "int8_edgetpu.tflite").exists()


def test_a_compiler_that_leaves_no_file(check, stand_in):
    stand_in(SAMPLE)
    _, report, _ = check()
    assert report["compiled"] is False and "wrote no int8_edgetpu.tflite" in report["reason"]


def test_a_missing_int8_file_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"int8\.tflite does not exist"):
        step.run(step.Config(tflite=tmp_path, edgetpu=tmp_path / "out"))


def test_a_users_folder_is_refused(tiny_export, tmp_path):
    (tmp_path / "photo.jpg").write_text("dear")
    with pytest.raises(UserError, match=r"not an earlier output"):
        step.run(step.Config(tflite=tiny_export / "tflite", edgetpu=tmp_path))
    assert (tmp_path / "photo.jpg").exists()
