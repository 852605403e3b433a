# environment: authoring
"""`boxwright run` looks at the beginning of weights only: nothing is unpacked before the first step."""

import gzip
import os

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.local import inputs

FOREIGN = {
    "old.pth": (b"\x80\x02}q\x00.", "pickle"),
    "model.h5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
    "frozen_inference_graph.pb": (b"\n\x0f\n\x05image", "frozen graph"),
    "model.ckpt.meta": (b"\n\x0f\n\x05image", "graph of a checkpoint"),
    "model.tflite": (b"\x1c\0\0\0TFL3" + bytes(20), r"\.tflite"),
    "notes.txt": (b"not weights", "not initial weights"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_could_run_code_is_named(name, tmp_path):
    content, said = FOREIGN[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=said):
        inputs.check_init(str(tmp_path / name))


def test_a_header_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    """`tarfile.is_tarfile` reads a long name into the memory. Here the archive ends within its packed header."""
    path = tmp_path / "x.tar.gz"
    path.write_bytes(gzip.compress(b"././@LongLink")[:-12])
    inputs.check_init(str(path))


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_not_a_file_is_refused(kind, tmp_path):
    """A pipe would block, and /dev/zero never ends."""
    path = tmp_path / "init.npz"
    os.mkfifo(path) if kind == "pipe" else path.symlink_to("/dev/zero")
    with pytest.raises(UserError, match="not initial weights"):
        inputs.check_init(str(path))
