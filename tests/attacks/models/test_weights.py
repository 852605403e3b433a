# environment: train
"""Files that are no weights, and could run code: each is named and refused, and nothing in it runs."""

import io
import os
import pickle
import tempfile
import zipfile
from pathlib import Path

import pytest
from weights import npy, refused


@pytest.fixture(autouse=True)
def own_temporary_folder(monkeypatch, tmp_path):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


class Trap:
    def __reduce__(self):
        return os.system, ("touch pwned",)


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, pickle.dumps(Trap()))
    return buffer.getvalue()


FOREIGN = {
    "model.pt": (zipped("archive/data.pkl", "archive/data/0"), "PyTorch"),
    "model.keras": (zipped("config.json", "model.weights.h5"), "Keras"),
    "saved.zip": (zipped("saved_model.pb"), "SavedModel"),
    "old.pth": (pickle.dumps(Trap(), protocol=2), "pickle"),
    "model.joblib": (pickle.dumps(Trap(), protocol=4), "pickle"),
    "model.h5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
    "array.npy": (npy("(1,)", "|O", pickle.dumps(Trap())), r"\.npy"),
    "frozen_inference_graph.pb": (b"\n\x0f\n\x05image", "frozen graph"),
    "model.ckpt.meta": (b"\n\x0f\n\x05image", "graph of a checkpoint"),
    "model.ckpt.index": (b"index", "without .index"),
    "model.ckpt.data-00000-of-00001": (b"data", "without .data"),
    "model.tflite": (b"\x1c\0\0\0TFL3" + bytes(20), r"\.tflite"),
    "model.safetensors": ((40).to_bytes(8, "little") + b'{"a":{"dtype":"F32"}}', "safetensors"),
    "model.onnx": (b"\x08\x08", "ONNX"),
    "model.gguf": (b"GGUF" + bytes(20), "GGUF"),
    "notes.txt": (b"not weights", "not initial weights"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_could_run_code_is_named_and_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content, said = FOREIGN[name]
    path = tmp_path / name
    path.write_bytes(content)
    refused(path, said)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_not_a_file_is_refused(kind, tmp_path):
    """A pipe would block, and /dev/zero never ends."""
    path = tmp_path / "init.npz"
    os.mkfifo(path) if kind == "pipe" else path.symlink_to("/dev/zero")
    refused(path, "not a regular file")


def test_a_file_that_cannot_be_read_is_a_sentence():
    """The memory of this process is a regular file, and has nothing at its beginning."""
    refused(Path("/proc/self/mem"), "cannot be read: Input/output error")
