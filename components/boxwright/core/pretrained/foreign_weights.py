"""Reads initial weights of strangers in a child process, without TensorFlow and within limits.

The child writes all arrays into one file, one after the other, and returns their names, types and shapes. Everything that is
unpacked is counted while it is written.
"""

import math
import tempfile
from pathlib import Path
from typing import IO

import numpy as np

from boxwright.core import models
from boxwright.core.foreign_files import checkpoint_files, child_process, weight_files
from boxwright.core.foreign_files.child_process import Bounds
from boxwright.core.pretrained import checkpoint_archive, npz_file
from boxwright.core.pretrained.npz_file import Arrays
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, brief

# Seconds for all of it: an archive of 8 GiB, the most that is unpacked, takes 50.
_SECONDS = 300
# Bytes of memory beside the arrays: Python, NumPy, and one array in two forms.
_MEMORY = limits.GIB
_ARRAYS = "arrays"
# Training holds every number as a float32, so a smaller type counts as one.
_FLOAT_BYTES = 4


def read(path: Path, named: object) -> dict[str, np.ndarray]:
    """The arrays of a file, a folder, or a prefix of checkpoint files. named: what error messages call it.

    Raises UserError if it cannot be read or exceeds a limit.
    """
    most = weight_files.most_bytes()
    bounds = Bounds(memory=2 * most + _MEMORY, seconds=_SECONDS, file_bytes=most)
    with tempfile.TemporaryDirectory(prefix="boxwright-weights-") as folder:
        listed = child_process.call(collect, path, folder, most, str(named), what=named, bounds=bounds)
        with (Path(folder) / _ARRAYS).open("rb") as file:
            return {name: _next(file, kind, shape) for name, kind, shape in listed}


def _next(file: IO[bytes], kind: str, shape: list[int]) -> np.ndarray:
    return np.fromfile(file, kind, math.prod(shape)).reshape(shape)


def collect(path: str, folder: str, most: int, named: str) -> list[tuple[str, str, tuple[int, ...]]]:
    """The child's part: writes the arrays to a file in the folder, and returns the name, type and shape of each."""
    listed, left = [], most
    try:
        with (Path(folder) / _ARRAYS).open("wb") as file:
            for name, array in _arrays(Path(path), Path(folder), most, named):
                left -= max(array.nbytes, _FLOAT_BYTES * array.size)
                if left < 0:
                    raise limits.too_large(named, most, weight_files.DO)
                file.write(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
                listed.append((name, array.dtype.str, array.shape))
    except OSError as error:
        raise UserError(f"{named} cannot be unpacked ({brief(error)}); free space, or copy the file again") from None
    return listed


def _arrays(path: Path, folder: Path, most: int, named: str) -> Arrays:
    if Path(f"{path}.index").is_file():
        return _checkpoint(path, most, named)
    if path.is_dir():
        return _checkpoint(checkpoint_archive.last({file: file for file in path.rglob("*.index")}, named), most, named)
    if weight_files.kind(path) == "npz":
        return npz_file.arrays(path, most, named)
    return _checkpoint(checkpoint_archive.unpack(path, folder, most, named), most, named)


def _checkpoint(prefix: Path, most: int, named: str) -> Arrays:
    """The arrays of a TF1 checkpoint. Texts are left out: no variable of a network is a text."""
    try:
        checkpoint = checkpoint_files.check(prefix, most)
        if any(name.startswith(checkpoint_files.OBJECT_GRAPH) for name in checkpoint.arrays):
            wanted = models.MODELS["ssd_mobilenet_v1_ppn"].zoo.checkpoint
            raise UserError(
                f"{named}: this is a TF2 object checkpoint; Boxwright reads TF1 (slim) checkpoints, e.g. {wanted}"
            )
        for name, entry in checkpoint.arrays.items():
            if not entry.is_text:
                yield name, checkpoint.read(name)
    except ValueError as error:
        raise UserError(f"{named}: not a readable checkpoint ({brief(error)}); copy it again") from None
