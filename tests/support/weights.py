# environment: train
"""Makes .npz files and archives of weights that lie, and checks that they are refused."""

import io
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import checkpoints
import pytest

from boxwright.core.pretrained import slim_arrays
from boxwright.core.runtime.errors import UserError


def tar(path: Path, *members: tuple[str, bytes] | tarfile.TarInfo, mode: Any = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member, io.BytesIO(bytes(member.size)))
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return path


def good_members(folder: Path) -> list[tuple[str, bytes]]:
    prefix = checkpoints.write(folder / "made")
    return [(f"zoo/{file.name}", file.read_bytes()) for file in sorted(prefix.parent.iterdir())]


def npy(shape: str, kind: str = "<f4", data: bytes = b"", fortran: bool = False, version: bytes = b"\1\0") -> bytes:
    """An array whose header says anything."""
    header = f"{{'descr': {kind if kind[0] in '[(' else repr(kind)}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + version + len(header).to_bytes(2 if version == b"\1\0" else 4, "little") + header + data


def npz(path: Path, members: dict[str, bytes], compression=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path: Path, said: str) -> str:
    with pytest.raises(UserError, match=said) as error:
        slim_arrays.read(path)
    assert not list(Path(tempfile.gettempdir()).glob("boxwright-weights-*")), "a temporary folder is left"
    return str(error.value)
