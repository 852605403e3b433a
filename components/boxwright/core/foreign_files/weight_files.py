"""Recognises files that are given as weights by their beginning, without unpacking anything. Standard library only."""

import zipfile
from pathlib import Path
from typing import Literal

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError

# Bytes of all arrays of initial weights, of a checkpoint in an archive, and of a trained model. The largest SSD MobileNet of the
# model zoo has 100 MiB.
WEIGHTS_BYTES = limits.GIB
VARIABLE = "BOXWRIGHT_WEIGHTS_GIB"
# Members of an .npz or an archive. A checkpoint of the model zoo has 10 files, a detector 300 arrays.
MEMBERS = 100_000
# The end of the error for larger weights.
DO = f"give the weights that were meant, or set {VARIABLE} to the GiB that they may have"

Kind = Literal["archive", "npz", "unknown"]

_ARCHIVES = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
# The beginning of other files -> what they are. A pickle begins with its protocol number.
_OTHERS = {
    b"\x89HDF\r\n\x1a\n": "an HDF5 file, such as Keras' .h5",
    b"\x93NUMPY": "a single NumPy array (.npy)",
    b"GGUF": "a GGUF file",
    **{bytes([0x80, protocol]): "a Python pickle, such as those of joblib and PyTorch" for protocol in range(1, 6)},
}
# The ending of a name -> what it is, for files whose beginning says nothing.
_ENDINGS = {
    ".pb": "a frozen graph or SavedModel",
    ".meta": "the graph of a checkpoint, without its weights; give the prefix of its .index file",
    ".index": "one file of a checkpoint; give its path without .index",
    ".onnx": "an ONNX model",
    ".h5": "a Keras file",
}
# A member of a zip -> what the zip is.
_MEMBERS = {
    "data.pkl": "a PyTorch file, i.e. a Python pickle",
    "model.weights.h5": "a Keras file (.keras)",
    "saved_model.pb": "a zipped SavedModel",
}


def most_bytes() -> int:
    """Bytes that weights may have. Raises UserError for a wrong number in the environment variable."""
    return limits.from_environment(VARIABLE, WEIGHTS_BYTES, limits.GIB, "GiB")


def kind(file: Path) -> Kind:
    """What a file may be by its beginning: an archive with a checkpoint, an .npz, or neither.

    Raises UserError for a file of a known kind that Boxwright does not read as weights, and for what is not a file.
    """
    if not file.is_file():
        raise UserError(f"{file} is not a regular file; give a file or a folder with weights")
    try:
        with file.open("rb") as opened:
            start = opened.read(512)
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}; make it readable, or copy it again") from None
    if start.startswith(_ARCHIVES) or start[257:262] == b"ustar" or file.suffix == ".tar":
        return "archive"
    if zipfile.is_zipfile(file):
        return "npz"
    if found := _other(start, file.name):
        raise unread(file, found)
    return "unknown"


def unread(file: object, found: str) -> UserError:
    """The error for a file of a known kind that is not read."""
    return UserError(
        f"{file}: this is {found}. Boxwright does not read it as weights, because such files can hold code or lack the names of "
        "TF-slim; give a TF1 checkpoint (folder, prefix or .tar.gz), an .npz with arrays of numbers, or a folder that "
        "`boxwright train` wrote"
    )


def zip_with(member: str) -> str:
    """What a zip with this member is; empty if that is unknown."""
    return _MEMBERS.get(member.rpartition("/")[2], "")


def _other(start: bytes, name: str) -> str:
    if start[4:8] == b"TFL3":
        return "a .tflite file"
    if start[8:10] == b'{"' and start[4:8] == bytes(4):
        return "a safetensors file"
    for beginning, found in _OTHERS.items():
        if start.startswith(beginning):
            return found
    for ending, found in _ENDINGS.items():
        if name.endswith(ending):
            return found
    return "one file of a checkpoint; give its path without .data-..." if ".data-0" in name else ""
