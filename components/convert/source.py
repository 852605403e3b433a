"""What a reader of a format hands over: images with their objects, and what is wrong already at this point."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from boxwright.core.errors import UserError

SUFFIXES = frozenset(
    f".{kind}" for kind in ("jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "tif", "tiff", "webp", "ppm", "pgm")
)
_SPLIT_NAMES = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val"}
_SPLIT_NAMES |= {"dev": "val", "test": "test", "testing": "test"}


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
    None where it claims none; fractions: boxes are in fractions of the sides."""

    file: Path
    filename: str
    objects: tuple[Object, ...] = ()
    split: str | None = None
    size: tuple[int, int] | None = None
    fractions: bool = False
    fault: Fault | None = None


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
    """Every file below a folder in a stable order, hidden ones and their folders left out."""
    found, seen = [], set()
    for folder, folders, files in os.walk(root, followlinks=True):
        if (real := os.path.realpath(folder)) in seen:
            folders.clear()  # a link back to where we have been
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        here = Path(folder)
        found += [here / name for name in sorted(files) if not name.startswith(".")]
    return found


def text(file: Path) -> str:
    """Raises UserError for a file that is no text in UTF-8."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(f"{file} cannot be read as text: {why}; save it as UTF-8, or correct the name of it") from None


def number(text: str | None) -> float:
    """NaN for what is no number."""
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def is_image(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES


def relative(file: Path, root: Path) -> str:
    """Name of a file inside the data folder; with `..` where it lies outside."""
    path, inside = str(file), f"{root}/"
    # What is left of relpath for a file inside: ten times as fast.
    return path[len(inside) :] if path.startswith(inside) and ".." not in path else os.path.relpath(path, root)


def split_of_folder(filename: str) -> str | None:
    """The split that a folder on the way to a file stands for; the innermost one counts. `train2017` is train."""
    parts = (part.lower().rstrip("0123456789") for part in reversed(Path(filename).parts[:-1]))
    return next((_SPLIT_NAMES[part] for part in parts if part in _SPLIT_NAMES), None)


def split_of_stem(stem: str) -> str | None:
    """The split that a file's name stands for: `instances_val2017` is val."""
    words = re.split(r"[^a-z]+", stem.lower())
    return next((_SPLIT_NAMES[w] for w in words if w in _SPLIT_NAMES), None)


def without_duplicates(images: Iterable[Image]) -> list[Image]:
    """Marks every further listing of a file as `duplicate_image`; the first one counts."""
    first: dict[str, int] = {}
    marked = []
    for image in images:
        if image.fault is None and first.setdefault(image.filename, len(marked)) != len(marked):
            image = with_fault(
                image, "duplicate_image", f"also listed in {marked[first[image.filename]].split or 'data'}"
            )
        marked.append(image)
    return marked


def with_fault(image: Image, reason: str, value: str = "") -> Image:
    return image._replace(fault=Fault(reason, value))


def unlisted(folder: Folder, images: Iterable[Image], reason: str, value: str) -> list[Image]:
    """The picture files that no annotation mentions, each as an image with a fault."""
    known = {image.filename for image in images}
    names = ((file, relative(file, folder.root)) for file in folder.pictures)
    return [Image(file, name, fault=Fault(reason, value)) for file, name in names if name not in known]
