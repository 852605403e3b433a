# environment: train
"""Files that crash LiteRT, exhaust the memory or hold a bomb of labels are refused in a sentence, wherever a .tflite is read."""

import io
import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tflite_files
from tflite_files import changed

from boxwright.core import tflite
from boxwright.core.foreign_files import child_process, tflite_process
from boxwright.core.od_api.tflite_detector import TfliteDetector
from boxwright.core.runtime.errors import UserError
from boxwright.edgetpu import compiler, step, tflite_operators
from boxwright.evaluate import detectors


@pytest.fixture(scope="module")
def good(tiny_export) -> bytes:
    return (tiny_export / "tflite/int8.tflite").read_bytes()


def _graph(model):
    return model.subgraphs[0]


def _set_shape(shape):
    return lambda model: setattr(_graph(model).tensors[_graph(model).inputs[0]], "shape", shape)


def _set_op(name, value, at=-1):
    return lambda model: setattr(_graph(model).operators[at], name, value)


# Changes of a good file, and what the error says. The file is loaded, and most of them fail only when it runs.
CHANGES = {
    "no operators": (lambda m: setattr(_graph(m), "operators", []), "is not a detector|damaged"),
    "no tensors": (lambda m: setattr(_graph(m), "tensors", []), "damaged|have the shapes"),
    "an input of 100 GB": (_set_shape([1, 160_000, 160_000, 3]), "have the shapes"),
    "a negative input": (_set_shape([1, -5, -5, 3]), "damaged|have the shapes"),
    "an input of 2^31 sides": (_set_shape([2**31 - 1] * 4), "damaged|have the shapes"),
    "an input that is no square": (_set_shape([1, 128, 64, 3]), "have the shapes"),
    "two inputs": (lambda m: setattr(_graph(m), "inputs", [_graph(m).inputs[0]] * 2), "have the shapes|damaged"),
    "no input": (lambda m: setattr(_graph(m), "inputs", []), "have the shapes|damaged"),
    "an input far beyond the tensors": (lambda m: setattr(_graph(m), "inputs", [2**30]), "damaged|have the shapes"),
    "an operator's input far beyond": (_set_op("inputs", [2**30, 1, 2]), "damaged|cannot run"),
    "an operator's output below 0": (_set_op("outputs", [-7, 1, 2, 3]), "damaged|cannot run"),
    "an unknown operator": (_set_op("opcodeIndex", 9999), "damaged|not a detector"),
    "no buffers": (lambda m: setattr(m, "buffers", []), "damaged|cannot run"),
    "a text as input": (
        lambda m: setattr(_graph(m).tensors[_graph(m).inputs[0]], "type", 5),
        "have the shapes|damaged",
    ),
    "outputs of one tensor": (_set_op("outputs", [1]), "not a detector|damaged"),
    "a custom operator": (
        lambda m: setattr(m.operatorCodes[-1], "customCode", "Evil\x1b[2J"),
        "not a detector|damaged",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_file_is_refused(name, good, tmp_path):
    change, said = CHANGES[name]
    file = tmp_path / "int8.tflite"
    file.write_bytes(changed(good, change))
    with pytest.raises(UserError, match=said) as error:
        tflite_process.start(file)
    assert str(file) in str(error.value) and "\x1b" not in str(error.value)


def test_a_file_without_graphs_does_not_crash_the_step(tmp_path):
    """LiteRT segfaults when it loads this file."""
    folder = tflite_files.folder(tmp_path / "tflite", tflite_files.without_graphs())
    with pytest.raises(UserError, match=r"int8\.tflite: this TFLite file has no graph"):
        step.run(step.Config(tflite=folder, edgetpu=tmp_path / "out"))
    with pytest.raises(UserError, match=r"int8\.tflite: this TFLite file has no graph"):
        detectors.load(folder, "int8")
    assert not (tmp_path / "out").exists()


def test_a_segfault_in_litert_is_a_sentence(good, tmp_path, monkeypatch):
    """A function that crashes when LiteRT loads the file. The graphs are checked first, so this leaves that check out."""
    (tmp_path / "crashing.py").write_text(
        "from ai_edge_litert.interpreter import Interpreter\n"
        "def load(path):\n    Interpreter(model_content=open(path, 'rb').read())\n"
    )
    monkeypatch.setitem(child_process._OWN, "PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    import crashing  # pyright: ignore[reportMissingImports]  (written above)

    (tmp_path / "x.tflite").write_bytes(tflite_files.without_graphs())
    with pytest.raises(UserError, match=r"x\.tflite is damaged: reading it crashed \(signal 11, SIGSEGV\)"):
        child_process.call(crashing.load, tmp_path / "x.tflite", what=tmp_path / "x.tflite")


@pytest.mark.parametrize("seed", range(6))
def test_random_changes_end_in_a_result_or_a_sentence(seed, good, tmp_path):
    """20 bytes of the file's tables are changed at random."""
    random = np.random.default_rng(seed)
    data = bytearray(good)
    for at in random.integers(8, 4000, 20):
        data[at] = random.integers(256)
    folder = tflite_files.folder(tmp_path / "tflite", bytes(data))
    for use in (tflite_operators.read, tflite_process.start):
        try:
            use(folder / "int8.tflite")
        except UserError as error:
            assert "int8.tflite" in str(error)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_not_a_file_is_refused(kind, tmp_path):
    path = tmp_path / "int8.tflite"
    {"pipe": os.mkfifo, "folder": os.mkdir, "device": lambda path: os.symlink("/dev/zero", path)}[kind](path)
    with pytest.raises(UserError, match="is not a file"):
        tflite_operators.read(path)
    with pytest.raises(UserError, match=r"is not a file|does not exist"):
        detectors.load(tmp_path, "int8")


def test_a_file_of_many_gigabytes_is_not_read(tmp_path):
    with (tmp_path / "int8.tflite").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UserError, match=r"int8\.tflite holds more than 512 MiB"):
        tflite_operators.read(tmp_path / "int8.tflite")


def test_weights_that_are_no_numbers_are_a_sentence(tiny_export, tmp_path):
    data = (tiny_export / "tflite/float32.tflite").read_bytes()

    def spoil(model):
        for buffer in model.buffers:
            if buffer.data is not None and len(buffer.data) > 1000:
                buffer.data = np.frombuffer(struct.pack("<f", float("nan")) * (len(buffer.data) // 4), np.uint8)

    file = tmp_path / "float32.tflite"
    file.write_bytes(changed(data, spoil))
    try:
        found = TfliteDetector(file)([np.zeros((64, 64, 3), np.uint8)])
    except UserError as error:
        assert "not numbers" in str(error)
    else:
        assert np.isfinite(found[0][1]).all()


# --- labels ---------------------------------------------------------------------------------------------------------------


def archive(content: bytes | None, compression=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as opened:
        if content is not None:
            opened.writestr(tflite.LABELS, content)
    return buffer.getvalue()


LABELS = {
    "a bomb of line ends": (archive(b"\n" * (8 << 20)), "holds more than 4 MiB"),
    "too many": (archive(b"a\n" * 150_000), "more than 100000 labels"),
    "one of 10,000 characters": (archive(b"a" * 10_000), "more than 1000 characters"),
    "no UTF-8": (archive(b"\xff\xfe"), "damaged"),
    "a wrong checksum": (archive(b"a\nb", zipfile.ZIP_STORED).replace(b"a\nb", b"a\nc"), "damaged"),
    "an unknown compression": (
        archive(b"a\nb", zipfile.ZIP_STORED).replace(b"PK\3\4\x14\0\0\0\0\0", b"PK\3\4\x14\0\0\0\x62\0"),
        "",
    ),
    "encrypted": (archive(b"a").replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0"), "damaged"),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_are_bounded(name):
    data, said = LABELS[name]
    try:
        assert tflite.labels(data) in ([], ["a", "b"])
        assert not said
    except UserError as error:
        assert said and said in str(error)


def test_a_bomb_of_labels_stops_evaluate(good, tmp_path):
    """8 MiB of line ends in 8 KiB."""
    bomb = archive(b"\n" * (8 << 20))
    folder = tflite_files.folder(tmp_path / "tflite", good[: zipfile_start(good)] + bomb)
    assert len(bomb) < 10_000
    with pytest.raises(UserError, match=r"int8\.tflite: labels\.txt in the \.tflite file holds more than 4 MiB"):
        detectors.load(folder, "int8")


def zipfile_start(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return opened.infolist()[0].header_offset


# --- the compiler ---------------------------------------------------------------------------------------------------------


def stand_in(folder: Path, script: str) -> None:
    folder.mkdir()
    program = folder / compiler.PROGRAM
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_a_folder_whose_name_is_an_option_is_a_path(good, tmp_path, monkeypatch):
    """`--tflite ./-o` once gave the compiler the argument `-o/int8.tflite`."""
    stand_in(tmp_path / "bin", 'for word in "$@"; do echo "word: $word"; done; env')
    tflite_files.folder(tmp_path / "-o", good)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("KFP_TOKEN", "hunter2")
    step.run(step.Config(tflite=Path("-o"), edgetpu=Path("--out")))
    log = (tmp_path / "--out" / "edgetpu.log").read_text()
    words = [line.removeprefix("word: ") for line in log.splitlines() if line.startswith("word: ")]
    assert [word for word in words if word.startswith("-")] == ["-s", "-o"]
    assert words[-1] == str(tmp_path / "-o" / "int8.tflite") and "hunter2" not in log


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("yes", "exit code -9"),
        ("sleep 100 & sleep 100", "exit code -9"),
        ("printf 'Number of Edge TPU subgraphs: %05000d\\n' 1; exit 1", "exit code 1"),
        ("printf '\\033[2Jevil'; exit 1", r"\x1b[2Jevil"),
        ('ln -s /etc/passwd "$3/int8_edgetpu.tflite"', "wrote no int8_edgetpu.tflite"),
        ('echo noise > "$3/int8_edgetpu.tflite"', "cannot be read"),
    ],
)
def test_a_compiler_that_misbehaves_is_a_result(script, said, good, tmp_path, monkeypatch):
    stand_in(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(compiler, "_TIMEOUT_SECONDS", 5)
    folder = tflite_files.folder(tmp_path / "tflite", good)
    step.run(step.Config(tflite=folder, edgetpu=tmp_path / "out"))
    report = json.loads((tmp_path / "out" / "edgetpu.json").read_text())
    assert not report["compiled"] and said in report["reason"]
    assert (tmp_path / "out" / "edgetpu.log").stat().st_size <= compiler.LOG_BYTES
    assert not (tmp_path / "out" / "int8_edgetpu.tflite").exists()
