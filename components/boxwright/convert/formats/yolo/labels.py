"""YOLO's label files: where they lie, and what their rows say."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from boxwright.convert.formats import source
from boxwright.convert.formats.source import Fault, Folder, Object

_ROW = re.compile(r"^\s*\d+(\s+[-+.\deEnaif]+){4,}\s*$")
_NUMBER = re.compile(r"[0-9]{1,9}$")
# Enough for the first row, unless it is a long polygon, of which it is enough, too.
_FIRST_ROW = 1024


class Rows(NamedTuple):
    """How to read them. names: by class number, empty where there are none; keypoints: how many numbers follow a box."""

    names: dict[int, str]
    keypoints: int = 0


class Labels:
    """The txt files of a data set, found by the image that they belong to."""

    def __init__(self, folder: Folder):
        self.files = [file for file in folder.others if file.suffix.lower() == ".txt"]
        self._root = str(folder.root) + os.sep
        self._exact = set(self.files)
        self._alike = {_alike(file): file for file in reversed(self.files)}

    def of(self, image: Path) -> Path | None:
        """By the exact name, else with folders and suffix in capitals or not; of an image elsewhere on the disk, elsewhere."""
        places = (_among_labels(image), _beside(image))
        if exact := next((place for place in places if place in self._exact), None):
            return exact
        if not str(image).startswith(self._root):
            return next((place for place in places if os.path.isfile(place)), None)
        return next(filter(None, (self._alike.get(_alike(place)) for place in places)), None)


def _among_labels(image: Path) -> Path:
    """By Ultralytics' rule: the last folder `images` becomes `labels`."""
    parts = list(image.parts)
    folders = [part.lower() for part in parts[-2::-1]]
    if "images" in folders:
        parts[len(parts) - 2 - folders.index("images")] = "labels"
    return _beside(Path(*parts))


def _beside(image: Path) -> Path:
    """A damaged list may name a folder (`/`), which has no label."""
    return image.with_suffix(".txt") if image.name else image


def _alike(file: Path) -> tuple[str, str]:
    return str(file.parent).lower(), file.stem


def begins_as_label(file: Path) -> bool:
    found = source.head(file, _FIRST_ROW) or b""
    return bool(_ROW.match((found.decode("utf-8-sig", "replace").splitlines() or [""])[0]))


def is_label(file: Path) -> bool:
    """Whether all its rows are such; of an empty file nobody knows."""
    found = (source.head(file) or b"").decode("utf-8-sig", "replace")
    lines = [line for line in found.splitlines() if line.strip()]
    return bool(lines) and all(map(_ROW.match, lines))


def objects(label: Path, rows: Rows) -> tuple[Object, ...]:
    """What is damaged in a label is a fault of its row."""
    lines = source.text(label, errors="replace").splitlines()
    return tuple(row_object(line.split(), rows) for line in lines if line.strip())


def row_object(words: list[str], rows: Rows) -> Object:
    """`class x y w h` (center), with keypoints behind it where there are such; or `class x1 y1 x2 y2 ...`: a polygon, of which
    the bounding box is taken."""
    names = rows.names
    if not _NUMBER.match(words[0]) or (names and int(words[0]) not in names):
        known = f"{min(names)}..{max(names)}" if names else "the numbers"
        return Object("", source.NO_BOX, fault=Fault("unknown_class", f"class {words[0]}, not one of {known}"))
    name = names[int(words[0])] if names else words[0]
    try:
        numbers = [float(word) for word in words[1:]]
    except ValueError:
        return Object(name, source.NO_BOX, fault=Fault("not_a_number", " ".join(words)))
    if len(numbers) in (4, 4 + rows.keypoints):
        x, y, width, height = numbers[:4]
        return Object(name, (x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    if not rows.keypoints and len(numbers) >= 6 and len(numbers) % 2 == 0:
        xs, ys = numbers[::2], numbers[1::2]
        return Object(name, (min(xs), min(ys), max(xs), max(ys)))
    expected = f"4 or {4 + rows.keypoints}" if rows.keypoints else "4"
    fault = Fault("unreadable_annotation", f"{len(numbers)} numbers, expected {expected}")
    return Object(name, source.NO_BOX, fault=fault)
