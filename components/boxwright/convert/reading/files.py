"""The files of a data folder: lists them, reads them, names them."""

import errno
import io
import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError

IMAGE_SUFFIXES = frozenset(
    f".{kind}" for kind in ("jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "tif", "tiff", "webp", "ppm", "pgm")
)
_TOO_LARGE = "move it out of the data if it is no annotation, else split it"
_OVERLAP = 100
# Characters of a path: Linux takes up to 4096 bytes.
_LONGEST_NAME = 4096
_FOLDER_NAMES = ("", ".", "..")
# Names of files and folders that operating systems create.
_NOT_DATA = (".", "__MACOSX", "lost+found")


@dataclass(frozen=True)
class Folder:
    """What `--data` names, before its annotations are read.

    data: a folder, or a single annotation file with its images around it. root: the folder. files: every file below it.
    image_files: those with the suffix of an image. other_files: the rest.
    """

    data: Path
    root: Path
    files: list[Path]
    image_files: list[Path]
    other_files: list[Path]


def list_folder(data: Path) -> Folder:
    """data: an existing folder or file. Raises UserError for a folder that cannot be listed."""
    root = (data if data.is_dir() else data.parent).resolve()
    files = files_below(root)
    image_files: list[Path] = []
    other_files: list[Path] = []
    for file in files:
        (image_files if is_image(file) else other_files).append(file)
    return Folder(data, root, files, image_files, other_files)


def files_below(root: Path) -> list[Path]:
    """Every file below a folder in a stable order, without hidden files and folders.

    Raises UserError for a folder that cannot be listed: it may hold the labels of a whole split.
    """
    found, seen = [], set()
    for folder, folders, files in os.walk(root, followlinks=True, onerror=_raise_unreadable):
        if (real := os.path.realpath(folder)) in seen:
            folders.clear()  # a link back to a folder that was visited already
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith(_NOT_DATA))
        here = Path(folder)
        found += [here / name for name in sorted(files) if not name.startswith(".")]
    return found


def load_start(file: Path, most: int) -> bytes | None:
    """The first `most` bytes of a file, in UTF-8. None for a pipe or a broken link.

    Raises UserError for a file without read permission.
    """
    found = _read(file, lambda opened, _: opened.read(most))
    if found is None or (encoding := json.detect_encoding(found)).startswith("utf-8"):
        return found
    return found.decode(encoding, "ignore").encode()


def pieces(file: Path, begin: int, end: int) -> Iterator[bytes]:
    """A regular file from one byte to another, in UTF-8, in pieces of 1 MiB. Each piece repeats the end of the one before, so
    that a short word is whole in one of them."""
    with open(file, "rb", buffering=0, opener=open_nonblocking) as opened:
        mark = opened.read(4)
        encoding = json.detect_encoding(mark)
        if encoding in ("utf-16", "utf-32"):  # the byte order mark is only at the beginning
            encoding += "-le" if mark.startswith(b"\xff") else "-be"
        opened.seek(begin - begin % 4)
        last = b""
        while opened.tell() < end and (piece := opened.read(limits.MIB)):
            piece = (
                piece if encoding.startswith("utf-8") else piece.decode(encoding, "ignore").encode("utf-8", "ignore")
            )
            yield last + piece
            last = piece[-_OVERLAP:]


def load_bytes(file: Path, most: int | None = None) -> bytes:
    """The whole file. most: its largest size in bytes; None for a file of many images, which has to fit into the memory.

    Raises UserError for a file without read permission, a pipe or a broken link, and TooLarge for one beyond the limit.
    """

    def whole(opened: io.FileIO, size: int) -> bytes:
        limits.check_memory(size, file) if most is None else limits.check_size(size, most, file, _TOO_LARGE)
        # One call of `read` returns up to 2 GiB. A file that grows meanwhile is not read further.
        return opened.read(size + 1) if size < limits.GIB else opened.readall()

    if (found := _read(file, whole)) is None:
        _raise_unreadable(OSError(0, "it is a pipe or a broken link", str(file)))
    return found


def load_text(file: Path, most: int | None = None, errors: str = "strict") -> str:
    """The whole file as text. It is read as UTF-8, or as UTF-16 or UTF-32 if its first bytes say so (as JSON defines it).

    most: as in `load_bytes`. errors: as in `bytes.decode`. Raises UserError for a file that cannot be read, that has another
    encoding, or that is too large.
    """
    return decoded(load_bytes(file, most), file, errors)


def load_lines(file: Path) -> list[str]:
    """The lines of a list of images that are not blank, without spaces around them. Raises UserError as `load_text` does, and for
    a list with too many lines."""
    lines = [text for line in load_text(file, limits.LIST_BYTES).splitlines() if (text := line.strip())]
    if len(lines) > limits.LIST_LINES:
        raise limits.TooLarge(
            f"{file} lists {len(lines):,} images, and up to {limits.LIST_LINES:,} are read; {_TOO_LARGE}"
        )
    return lines


def decoded(content: bytes, file: Path, errors: str = "strict") -> str:
    """The content of a file as text. Raises UserError as `load_text` does."""
    try:
        return content.decode(json.detect_encoding(content), errors)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file} cannot be read as text: {error}; save it as UTF-8, or correct its suffix if it is not text"
        ) from None


def _read(file: Path, read: Callable[[io.FileIO, int], bytes]) -> bytes | None:
    """What `read` returns for the open file and its size in bytes. None for a pipe or a broken link."""
    try:
        with open(file, "rb", buffering=0, opener=open_nonblocking) as opened:
            status = os.fstat(opened.fileno())
            return read(opened, status.st_size) if stat.S_ISREG(status.st_mode) else None
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return None
        _raise_unreadable(error)


def open_nonblocking(file: str, flags: int) -> int:
    """An opener for `open` that does not block on a pipe without a writer."""
    return os.open(file, flags | os.O_NONBLOCK)


def _raise_unreadable(error: OSError) -> NoReturn:
    raise UserError(
        f"{error.filename} cannot be read: {error.strerror}; make it readable, or move it out of the data"
    ) from None


def is_image(file: Path) -> bool:
    """Whether a file has the suffix of an image."""
    return file.suffix.lower() in IMAGE_SUFFIXES


def relative_name(file: Path, root: Path) -> str:
    """The name of a file relative to the data folder; it begins with `..` for a file outside."""
    path, inside = str(file), f"{root}/"
    # A slice takes a tenth of relpath's time.
    name = path[len(inside) :] if path.startswith(inside) and ".." not in path else os.path.relpath(path, root)
    return name if name.isascii() else printable_name(name)


def printable_name(name: str) -> str:
    """A file name as valid text: bytes that are not UTF-8 become `\\xe9`, because records and tables take only valid text."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def is_file_name(name: str) -> bool:
    """Whether a path in an annotation can name a file; `.`, `images/` and the like name a folder. A path can be too long."""
    if len(name) > _LONGEST_NAME:
        return False
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # normpath is slow, and only `images/` and `images/..` need it.
    return last not in _FOLDER_NAMES or os.path.basename(os.path.normpath(name.replace("\\", "/"))) not in _FOLDER_NAMES
