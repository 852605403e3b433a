"""Reads an .npz within limits. Nothing in it is unpickled."""

import math
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np

from boxwright.core.foreign_files import weight_files
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, brief

Arrays = Iterable[tuple[str, np.ndarray]]

# Most sizes of an array of NumPy.
_DIMENSIONS = 32


def arrays(path: Path, most: int, named: str) -> Arrays:
    """Names and arrays. most: bytes of one array. named: what error messages call the file. Raises UserError."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > weight_files.MEMBERS:
                raise UserError(f"{named}: it has {len(members)} members; at most {weight_files.MEMBERS} are read")
            for member in members:
                if found := weight_files.zip_with(member.filename):
                    raise weight_files.unread(named, found)
            for member in members:
                with archive.open(member) as stream:
                    yield member.filename.removesuffix(".npy"), _array(stream, member.filename, most, named)
    except (ValueError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(
            f"{named}: not a readable .npz ({brief(error)}); save it again with arrays of numbers"
        ) from None


def _array(stream: IO[bytes], name: str, most: int, named: str) -> np.ndarray:
    """One array of numbers. Its size is checked before it is read."""
    short = ascii(name.removesuffix(".npy")[:100])[1:-1]
    if not name.endswith(".npy"):
        raise UserError(f"{named}: {short} is not an array of numbers; expected an .npz with TF-slim variable names")
    version = np.lib.format.read_magic(stream)
    readers: dict[Any, Any] = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, fortran, kind = readers.get(version, _unknown_version)(stream)
    if kind.hasobject:
        raise ValueError(f"{short} holds Python objects, which are never unpickled")
    if kind.kind not in "fiu":
        raise UserError(f"{named}: {short} is not an array of numbers; expected an .npz with TF-slim variable names")
    if len(shape) > _DIMENSIONS or min(shape, default=0) < 0:
        raise ValueError(f"{short} has an impossible shape")
    size = math.prod(shape) * kind.itemsize
    limits.check_size(size, most, f"{named}: the array {short}", weight_files.DO)
    content = limits.read_at_most(stream, size, f"{named}: the array {short}", weight_files.DO)
    if len(content) != size:
        raise ValueError(f"{short} is truncated")
    array = np.frombuffer(content, kind).reshape(shape, order="F" if fortran else "C")
    return array.astype(kind.newbyteorder("="), copy=False)


def _unknown_version(_: IO[bytes]) -> Any:
    raise ValueError("an array of an unknown version of the format")
