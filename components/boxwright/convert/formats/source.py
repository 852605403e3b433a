"""What a reader of a format hands over: images with their objects, and what is wrong already at this point."""

import errno
import json
import os
import re
import stat
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, NoReturn

from boxwright.core.runtime.errors import UserError

SUFFIXES = frozenset(
    f".{kind}" for kind in ("jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "tif", "tiff", "webp", "ppm", "pgm")
)
_SPLIT_NAMES = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val"}
_SPLIT_NAMES |= {"dev": "val", "test": "test", "testing": "test"}
_FOLDERS = ("", ".", "..")
# As in `train2017` and `training_set`.
_SPLIT_ENDING = re.compile(r"([ _-]?set)?\d*$")
# Not the user's: what systems leave in an archive and on a disk.
_NOT_DATA = (".", "__MACOSX", "lost+found")


class Fault(NamedTuple):
    """Why an image or object cannot be used: a reason code and what was found."""

    reason: str
    value: str = ""


class Object(NamedTuple):
    """box_xyxy: left, top, right, bottom; in pixels of the annotated image, or in fractions of its sides (YOLO)."""

    name: str
    box_xyxy: tuple[float, float, float, float]
    difficult: bool = False
    truncated: bool = False
    crowd: bool = False
    fault: Fault | None = None


NO_BOX = (0.0, 0.0, 0.0, 0.0)


class Image(NamedTuple):
    """One image as annotated. filename: relative to the data folder; size: (width, height) that the annotation claims,
    None where it claims none; fractions: boxes are in fractions of the sides; group: what stands in the column that names the
    image's source, None for nothing."""

    file: Path
    filename: str
    objects: tuple[Object, ...] = ()
    split: str | None = None
    size: tuple[int, int] | None = None
    fractions: bool = False
    fault: Fault | None = None
    group: str | None = None


class Reject(NamedTuple):
    """A line of `quarantine.jsonl`. object: its index in the image's annotation, None for the image itself."""

    file: str
    object: int | None
    reason: str
    value: str = ""


class Notice(NamedTuple):
    """Something wrong or odd in the data that removes nothing."""

    code: str
    text: str
    value: int | float | str | list[str]


class Near(NamedTuple):
    """Why a file that looks like annotations is not read, as the end of a sentence. damaged: it must have been meant to be."""

    why: str
    damaged: bool = False


@dataclass(frozen=True)
class Folder:
    """What `--data` names, before its annotations are read. data: a folder, or a single file of annotations with its images
    around it; root: the folder; files: all below it, of which pictures have the suffix of one, others have not."""

    data: Path
    root: Path
    files: list[Path]
    pictures: list[Path]
    others: list[Path]


@dataclass
class Source:
    """A data set as its annotations describe it. categories: names in the order they are declared or first met;
    orphans: objects that belong to no image."""

    format: str
    root: Path
    images: list[Image] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    orphans: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def files_below(root: Path) -> list[Path]:
    """Every file below a folder in a stable order, hidden ones and their folders left out. Raises UserError for a folder that
    cannot be listed: it may hold the labels of a whole split."""
    found, seen = [], set()
    for folder, folders, files in os.walk(root, followlinks=True, onerror=_unreadable):
        if (real := os.path.realpath(folder)) in seen:
            folders.clear()  # a link back to where we have been
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith(_NOT_DATA))
        here = Path(folder)
        found += [here / name for name in sorted(files) if not name.startswith(".")]
    return found


def head(file: Path, most: int = -1) -> bytes | None:
    """The first bytes of a file, or all of them, in UTF-8; None for what is no file: a pipe, a link to nothing. Raises UserError
    for what may not be read."""
    found = _read(file, most)
    if found is None or (encoding := json.detect_encoding(found)).startswith("utf-8"):
        return found
    return found.decode(encoding, "ignore").encode()


def content(file: Path) -> bytes:
    """Raises UserError for what may not be read, and for what is no file."""
    found = _read(file, -1)
    if found is None:
        _unreadable(OSError(0, "it is a pipe or a link to nothing", str(file)))
    return found


def text(file: Path, errors: str = "strict") -> str:
    """In UTF-8, or in UTF-16 where a mark or the zeros at the beginning say so, as JSON has it. Raises UserError for what cannot
    be read, or is in another encoding; errors: as `bytes.decode` has it."""
    found = content(file)
    try:
        return found.decode(json.detect_encoding(found), errors)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file} cannot be read as text: {error}; save it as UTF-8, or correct the name of it"
        ) from None


def _read(file: Path, most: int) -> bytes | None:
    try:
        with open(file, "rb", buffering=0, opener=without_waiting) as opened:
            return opened.read(most) if stat.S_ISREG(os.fstat(opened.fileno()).st_mode) else None
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return None
        _unreadable(error)


def without_waiting(file: str, flags: int) -> int:
    """For a pipe that nobody writes to."""
    return os.open(file, flags | os.O_NONBLOCK)


def _unreadable(error: OSError) -> NoReturn:
    raise UserError(
        f"{error.filename} cannot be read: {error.strerror}; make it readable, or move it out of the data"
    ) from None


def number(text: str | None) -> float:
    """NaN for what is no number."""
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def group_named(value: object) -> str | None:
    """What stands in the column of an image's source, as text; None for nothing and for what is no single value."""
    return None if value is None or isinstance(value, list | dict) else str(value).strip() or None


def is_image(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES


def relative(file: Path, root: Path) -> str:
    """Name of a file inside the data folder; with `..` where it lies outside."""
    path, inside = str(file), f"{root}/"
    # What is left of relpath for a file inside: ten times as fast.
    name = path[len(inside) :] if path.startswith(inside) and ".." not in path else os.path.relpath(path, root)
    return name if name.isascii() else writable(name)


def writable(name: str) -> str:
    """A name of the file system as text: bytes that are no UTF-8, which no record and no table takes, as `\\xe9`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def names_file(name: str) -> bool:
    """False for `.` and the like, which name a folder whatever is in it."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # What the rest makes of a path takes longer, and is needed for `images/` and `images/..` only.
    return last not in _FOLDERS or os.path.basename(os.path.normpath(name.replace("\\", "/"))) not in _FOLDERS


@lru_cache(maxsize=1024)
def split_named(word: str) -> str | None:
    """The split that a word stands for: `train2017` and `training_set` are train."""
    return _SPLIT_NAMES.get(_SPLIT_ENDING.sub("", word.lower()))


def split_of_folder(filename: str) -> str | None:
    """The split that a folder on the way to a file stands for; the innermost one counts."""
    return next(filter(None, map(split_named, reversed(Path(filename).parts[:-1]))), None)


def split_of_stem(stem: str) -> str | None:
    """The split that a file's name stands for: `instances_val2017` is val."""
    return next(filter(None, map(split_named, re.split(r"[^a-z]+", stem.lower()))), None)


def with_fault(image: Image, reason: str, value: str = "") -> Image:
    return image._replace(fault=Fault(reason, value))
