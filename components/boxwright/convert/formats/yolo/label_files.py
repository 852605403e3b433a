"""YOLO's label files: finds them, and reads their rows."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from boxwright.convert.reading import files
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.segmentations import box_around
from boxwright.convert.reading.source import NO_BOX, Fault, Object
from boxwright.core.runtime import limits

_ROW = re.compile(r"^\s*\d+(\s+[-+.\deEnaif]+){4,}\s*$")
_NUMBER = re.compile(r"[0-9]{1,9}$")
_IMAGE_FOLDERS = ("images", "jpegimages")
# Bytes that hold the first row, or enough of a long polygon to recognise it.
_FIRST_ROW = 1024


class Rows(NamedTuple):
    """How to read the rows. names: by class number, empty if there are none. keypoints: how many numbers follow a box."""

    names: dict[int, str]
    keypoints: int = 0


class LabelFiles:
    """The txt files of a data set, found by the image that they belong to."""

    def __init__(self, folder: Folder):
        self.files = [file for file in folder.other_files if file.suffix.lower() == ".txt"]
        self._root = str(folder.root) + os.sep
        self._follow_links = folder.follow_links
        self._exact = set(self.files)
        self._alike = {_key_without_case(file): file for file in reversed(self.files)}

    def find(self, image: Path) -> Path | None:
        """The label of an image: at the exact path, else with folders and suffix in upper or lower case.

        The label of an image outside of the data folder also lies outside, and is read only if links are followed.
        """
        places = (_in_labels_folder(image), _beside(image))
        if exact := next((place for place in places if place in self._exact), None):
            return exact
        if not str(image).startswith(self._root):
            beyond = (place for place in places if os.path.isfile(place))
            return next(beyond, None) if self._follow_links else None
        return next(filter(None, (self._alike.get(_key_without_case(place)) for place in places)), None)


def _in_labels_folder(image: Path) -> Path:
    """Ultralytics' and darknet's rule: the last folder named `images` or `JPEGImages` becomes `labels`."""
    parts = list(image.parts)
    place = next((n for n in range(len(parts) - 2, -1, -1) if parts[n].lower() in _IMAGE_FOLDERS), None)
    if place is not None:
        parts[place] = "labels"
    return _beside(Path(*parts))


def _beside(image: Path) -> Path:
    """The txt beside an image. A damaged list may name a folder (`/`), which has no label."""
    return image.with_suffix(".txt") if image.name else image


def _key_without_case(file: Path) -> tuple[str, str]:
    return str(file.parent).lower(), file.stem


def begins_as_label(file: Path) -> bool:
    """Whether the first row is a label row."""
    return bool(_ROW.match((_first_rows(file) or [""])[0]))


def _first_rows(file: Path) -> list[str]:
    found = files.load_start(file, _FIRST_ROW) or b""
    return found.decode("utf-8-sig", "replace").splitlines()


def is_label(file: Path) -> bool:
    """Whether all rows are label rows. An empty file does not count, because it shows no format."""
    first = next((line for line in _first_rows(file) if line.strip()), None)
    if first and not _ROW.match(first):
        return False  # it may be a log of gigabytes
    try:
        lines = _lines(file)
    except limits.TooLarge:
        return False
    return bool(lines) and all(map(_ROW.match, lines))


def objects(label: Path, rows: Rows) -> tuple[Object, ...]:
    """One object per row. A damaged row becomes an object with a fault; so does a file beyond the limits of one image."""
    try:
        return tuple(row_object(line.split(), rows) for line in _lines(label))
    except limits.TooLarge as error:
        return (Object("", NO_BOX, fault=Fault("unreadable_annotation", str(error))),)


def _lines(label: Path) -> list[str]:
    """The lines of a label that are not blank. Raises TooLarge beyond the limits of one image."""
    text = files.load_text(label, limits.IMAGE_LABEL_BYTES, errors="replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > limits.IMAGE_OBJECTS:
        raise limits.TooLarge(f"{len(lines):,} rows, and up to {limits.IMAGE_OBJECTS:,} are read")
    return lines


def row_object(words: list[str], rows: Rows) -> Object:
    """The object of a row: `class x y w h` with the center, perhaps followed by keypoints; or `class x1 y1 x2 y2 ...`, a
    polygon, whose bounding box is taken."""
    names = rows.names
    if not _NUMBER.match(words[0]) or (names and int(words[0]) not in names):
        known = f"{min(names)}..{max(names)}" if names else "the numbers"
        return Object("", NO_BOX, fault=Fault("unknown_class", f"class {words[0]:.40}, not one of {known}"))
    name = names[int(words[0])] if names else words[0]
    try:
        numbers = [float(word) for word in words[1:]]
    except ValueError:
        return Object(name, NO_BOX, fault=Fault("not_a_number", " ".join(words)[:200]))
    if len(numbers) in (4, 4 + rows.keypoints):
        x, y, width, height = numbers[:4]
        return Object(name, (x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    if not rows.keypoints and len(numbers) >= 6 and len(numbers) % 2 == 0:
        return Object(name, box_around(zip(numbers[::2], numbers[1::2], strict=True)))
    expected = f"4 or {4 + rows.keypoints}" if rows.keypoints else "4"
    fault = Fault("unreadable_annotation", f"{len(numbers)} numbers, expected {expected}")
    return Object(name, NO_BOX, fault=fault)
