"""YOLO's label files: finds them, and reads their rows."""

import os
import re
from pathlib import Path

from boxwright.convert.formats.yolo.rows import BOX, Form, Rows, Seen, Size
from boxwright.convert.formats.yolo.separators import plain
from boxwright.convert.objects.turned_boxes import Box, box_around_turned, in_radians
from boxwright.convert.reading import files
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.segmentations import box_around
from boxwright.convert.reading.source import NO_BOX, Fault, Object
from boxwright.core.runtime import limits

# Some tools write the class as 1.0, and numpy writes it as 1.000000000000000000e+00.
_ROW = re.compile(r"^\s*\d+(\.\d*)?([eE][-+]\d+)?(\s+[-+.\deEnaif]+){4,}\s*$")
_NUMBER = re.compile(r"[0-9]{1,9}(\.0*)?$")
_FLOAT = re.compile(r"[0-9]\.[0-9]+[eE][-+][0-9]{2}$")
_IMAGE_FOLDERS = ("images", "jpegimages")
# Bytes that hold the first row, or enough of a long polygon to recognise it.
_FIRST_ROW = 1024
_LONGEST_VALUE = 200
_LONGEST_NUMBER = 10


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
    return bool(_ROW.match(plain((_first_rows(file) or [""])[0])))


def _first_rows(file: Path) -> list[str]:
    found = files.load_start(file, _FIRST_ROW) or b""
    return found.decode("utf-8-sig", "replace").splitlines()


def is_label(file: Path) -> bool:
    """Whether all rows are label rows. An empty file does not count, because it shows no format."""
    first = next((line for line in _first_rows(file) if line.strip()), None)
    if first and not _ROW.match(plain(first)):
        return False  # it may be a log of gigabytes
    try:
        lines = _lines(file)
    except limits.TooLarge:
        return False
    return bool(lines) and all(map(_ROW.match, lines))


def objects(label: Path, rows: Rows, seen: Seen, image: Path, size: Size | None = None) -> tuple[Object, ...]:
    """One object per row. A damaged row becomes an object with a fault; so does a file beyond the limits of one image.

    seen: gets what is unusual. size: of the image, if the rows need it (`Rows.need_sizes`); None if it is not known.
    """
    try:
        lines = _lines(label, seen)
    except limits.TooLarge as error:
        return (Object("", NO_BOX, fault=Fault("unreadable_annotation", str(error))),)
    words, size = [line.split() for line in lines], size or (1, 1)
    found = tuple([row_object(each, rows, size) for each in words])  # a list is faster than a generator
    seen.add_rows(label, image, words)
    if faults := [item.fault for item in found if item.fault]:
        seen.unknown += sum(fault.reason == "unknown_class" for fault in faults)
    return found


def rows_of(label: Path) -> list[str]:
    """The rows, with points and spaces; none for a file beyond the limits of one image."""
    try:
        return _lines(label)
    except limits.TooLarge:
        return []


def _lines(label: Path, seen: Seen | None = None) -> list[str]:
    """The lines of a label that are not blank, with points and spaces. Raises TooLarge beyond the limits of one image."""
    text = files.load_text(label, limits.IMAGE_LABEL_BYTES, errors="replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > limits.IMAGE_OBJECTS:
        raise limits.TooLarge(f"{len(lines):,} rows, and up to {limits.IMAGE_OBJECTS:,} are read")
    if "," not in text and ";" not in text:
        return lines
    tidy = [plain(line) for line in lines]
    if seen and (changed := next((old for old, new in zip(lines, tidy, strict=True) if old != new), None)):
        seen.add_comma(label, changed)
    return tidy


def row_object(words: list[str], rows: Rows, size: Size = (1, 1)) -> Object:
    """The object of a row: `class x y w h` with the center, perhaps followed by keypoints; or `class x1 y1 x2 y2 ...`, a
    polygon, whose bounding box is taken; or as `rows.forms` says. size: (width, height) of the image in pixels."""
    names, number = rows.names, class_number(words[0])
    if number is None or (names and number not in names):
        known = f"{min(names)}..{max(names)}" if names else "the numbers"
        return Object("", NO_BOX, fault=Fault("unknown_class", f"class {words[0]:.40}, not one of {known}"))
    name = names[number] if names else str(number)
    try:
        numbers = list(map(float, words[1:]))
    except ValueError:
        return Object(name, NO_BOX, fault=Fault("not_a_number", " ".join(words)[:_LONGEST_VALUE]))
    if len(numbers) in (BOX, BOX + rows.keypoints):
        x, y, width, height = numbers[:BOX]
        return Object(name, (x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    if form := rows.forms.get(len(numbers)):
        return Object(name, _box(numbers, form, size))
    if not rows.keypoints and len(numbers) >= 6 and len(numbers) % 2 == 0:
        return Object(name, box_around(zip(numbers[::2], numbers[1::2], strict=True)))
    expected = f"{BOX} or {BOX + rows.keypoints}" if rows.keypoints else f"{BOX}"
    value = f"{len(numbers)} numbers, expected {expected}: {' '.join(words)}"
    return Object(name, NO_BOX, fault=Fault("unreadable_annotation", value[:_LONGEST_VALUE]))


def class_number(word: str) -> int | None:
    """The class number in the first word of a row; None if it is none."""
    if len(word) < _LONGEST_NUMBER and word.isdecimal() and word.isascii():  # nearly all rows
        return int(word)
    if _NUMBER.match(word):
        return int(word.partition(".")[0])
    if _FLOAT.match(word) and (number := float(word)).is_integer():
        return int(number)
    return None


def _box(numbers: list[float], form: Form, size: Size) -> Box:
    """The upright box, in fractions of the sides of the image."""
    numbers = numbers[: form.used]
    if form.kind == "box":
        x, y, w, h = numbers[:BOX]
        return x - w / 2, y - h / 2, x + w / 2, y + h / 2
    if form.kind == "polygon":
        box = box_around(zip(numbers[::2], numbers[1::2], strict=True))
        return _in_fractions(box, size) if form.in_pixels else box
    x_unit, y_unit = (1, 1) if form.in_pixels else size
    x, y, w, h, angle = numbers
    turned = box_around_turned(x * x_unit, y * y_unit, w * x_unit, h * y_unit, in_radians(angle, form.unit))
    return _in_fractions(turned, size)


def _in_fractions(box: Box, size: Size) -> Box:
    (left, top, right, bottom), (width, height) = box, size
    return left / width, top / height, right / width, bottom / height
