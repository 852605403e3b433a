"""The files of a data folder: lists them, reads them, names them."""

import errno
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from boxwright.core.runtime.errors import UserError

IMAGE_SUFFIXES = frozenset(
    f".{kind}" for kind in ("jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "tif", "tiff", "webp", "ppm", "pgm")
)
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


def load_start(file: Path, most: int = -1) -> bytes | None:
    """The first `most` bytes of a file (-1: all of them), in UTF-8. None for a pipe or a broken link.

    Raises UserError for a file without read permission.
    """
    found = _read(file, most)
    if found is None or (encoding := json.detect_encoding(found)).startswith("utf-8"):
        return found
    return found.decode(encoding, "ignore").encode()


def load_bytes(file: Path) -> bytes:
    """The whole file. Raises UserError for a file without read permission, a pipe or a broken link."""
    found = _read(file, -1)
    if found is None:
        _raise_unreadable(OSError(0, "it is a pipe or a broken link", str(file)))
    return found


def load_text(file: Path, errors: str = "strict") -> str:
    """The whole file as text. It is read as UTF-8, or as UTF-16 or UTF-32 if its first bytes say so (as JSON defines it).

    errors: as in `bytes.decode`. Raises UserError for a file that cannot be read, or that has another encoding.
    """
    found = load_bytes(file)
    try:
        return found.decode(json.detect_encoding(found), errors)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file} cannot be read as text: {error}; save it as UTF-8, or correct its suffix if it is not text"
        ) from None


def _read(file: Path, most: int) -> bytes | None:
    try:
        with open(file, "rb", buffering=0, opener=open_nonblocking) as opened:
            return opened.read(most) if stat.S_ISREG(os.fstat(opened.fileno()).st_mode) else None
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
    """Whether a path in an annotation can name a file; `.`, `images/` and the like name a folder."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # normpath is slow, and only `images/` and `images/..` need it.
    return last not in _FOLDER_NAMES or os.path.basename(os.path.normpath(name.replace("\\", "/"))) not in _FOLDER_NAMES
