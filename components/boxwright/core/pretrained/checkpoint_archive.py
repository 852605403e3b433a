"""Unpacks the checkpoints of a .tar, .tar.gz, .tar.bz2 or .tar.xz within limits."""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from boxwright.core.foreign_files import weight_files
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, brief

# Bytes of an unpacked archive. A folder of a training has 2 GiB; only the checkpoints in it are kept.
ARCHIVE_BYTES = 8 * limits.GIB
_PARTS = (".index", ".data-")
_ERRORS = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError)
_OPENERS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}


class _Counted:
    """A stream that raises UserError when more than `ARCHIVE_BYTES` were read."""

    def __init__(self, stream: IO[bytes], named: str) -> None:
        self.stream, self.named, self.left = stream, named, ARCHIVE_BYTES

    def read(self, size: int) -> bytes:
        content = self.stream.read(size)
        self.left -= len(content)
        if self.left < 0:
            raise limits.too_large(f"{self.named}, unpacked,", ARCHIVE_BYTES, "give the checkpoint alone")
        return content

    def read_to_end(self) -> None:
        """tarfile stops at a bad header. A wrong checksum at the end raises an error only if it is read."""
        while self.read(limits.MIB):
            pass


def last(indices: Mapping[Path, Path], named: str) -> Path:
    """The prefix of the checkpoint whose .index comes last by name. indices: name -> file. Raises UserError if there is none."""
    if not indices:
        raise UserError(f"{named}: it holds no checkpoint (no *.index file); expected the model zoo's model.ckpt.*")
    return indices[max(indices)].with_suffix("")


def unpack(path: Path, folder: Path, most: int, named: str) -> Path:
    """Unpacks the checkpoints of an archive into folders of their own; returns the prefix of the last one by name.

    A name in an archive may lead anywhere, so only the last part of it is used.
    """
    indices: dict[Path, Path] = {}
    places: dict[PurePosixPath, Path] = {}
    left = most
    try:
        with (
            _opened(path) as stream,
            tarfile.open(fileobj=cast(Any, counted := _Counted(stream, named)), mode="r|") as archive,
        ):
            for member, name in _parts(archive, named):
                place = places.setdefault(name.parent, folder / str(len(places)))
                place.mkdir(exist_ok=True)
                left -= _extract(archive, member, place / name.name, left, named)
                if name.suffix == ".index":
                    indices[Path(name)] = place / name.name
            counted.read_to_end()
    except _ERRORS as error:
        raise UserError(
            f"{named}: the archive is damaged or there is no space to unpack it ({brief(error)}); download it again, or free "
            "space"
        ) from None
    return last(indices, named)


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        start = file.read(2)
    return _OPENERS.get(start, open)(path, "rb")


def _parts(archive: tarfile.TarFile, named: str) -> Iterator[tuple[tarfile.TarInfo, PurePosixPath]]:
    """The members that are files of a checkpoint. Links, devices and everything else are ignored."""
    for number, member in enumerate(archive, 1):
        if number > weight_files.MEMBERS:
            raise UserError(
                f"{named}: the archive has more than {weight_files.MEMBERS} members; give the checkpoint alone"
            )
        name = PurePosixPath(member.name)
        if not (member.isfile() and any(part in name.name for part in _PARTS)):
            continue
        if member.issparse():
            raise UserError(f"{named}: {name.name[:100]!a} is a sparse file, as no checkpoint is; pack it again")
        yield member, name


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path, left: int, named: str) -> int:
    """Writes a member, and returns its size in bytes. left: bytes that may be written."""
    limits.check_size(member.size, left, f"{named}: a file in it", weight_files.DO)
    packed = archive.extractfile(member)
    if packed is not None:  # it is a regular file
        with packed, target.open("wb") as unpacked:
            unpacked.writelines(limits.chunks_at_most(packed, left, named, weight_files.DO))
    return member.size
