"""KITTI txt labels: one file for each image, `label_2/000001.txt` for `image_2/000001.png`, or beside it.

A row is `type truncated occluded alpha left top right bottom h w l x y z ry`, and a score in a detector's output. The box is in
pixels from 0 (the devkit's readme). `DontCare` marks a region where objects were not labelled.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from boxwright.convert import notices
from boxwright.convert.reading import files, merge_annotations
from boxwright.convert.reading.fields import parse_number
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.names import image_of_label, respelled
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.source import NO_BOX, Fault, Image, Object, Source
from boxwright.convert.splits import voc_lists
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime import limits
from boxwright.core.runtime.printable import visible_line

_COLUMNS = (15, 16)
_DONT_CARE = "DontCare"
_REGION = "ignored_region"
# A number can be matched in one way only. With several ways, a row of numbers would be tried in all combinations of them.
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
# A word and numbers. In KITTI's calib/000001.txt the word ends with a colon (`P0: 7.2 0.0 ...`).
_ROW = rf"^[ \t]*(?!{_NUMBER}\s)\S*[^\s:](?:[ \t]+{_NUMBER}){{%d,}}(?!\S)"
_UP_TO_BOX = re.compile(_ROW % 7, re.MULTILINE)
_CUT_OFF = re.compile(_ROW % 1, re.MULTILINE)
# Bytes that hold the first rows.
_FIRST_ROWS = 4096
# Words of a YOLO row that has the name of a class instead of its number, and how much of it a sentence shows.
_NAMED_YOLO, _SHOWN = 5, 100


def find(folder: Folder) -> list[Path]:
    """The txt files with a row that is complete up to its box. `read` also finds damaged files beside them."""
    return [file for file in folder.other_files if _has_row(file, _UP_TO_BOX)]


def _has_row(file: Path, row: re.Pattern[str]) -> bool:
    if file.suffix.lower() != ".txt":
        return False
    return bool(row.search((files.load_start(file, _FIRST_ROWS) or b"").decode("utf-8-sig", "replace")))


def near_miss(file: Path) -> NearMiss | None:
    """A txt whose first row is a word with a number, but is damaged or of another format."""
    if _has_row(file, _UP_TO_BOX) or not _has_row(file, _CUT_OFF):
        return None
    objects = _objects(file)
    why = objects[0].fault if objects else None
    if why and _is_named_yolo(words := _first_words(file)):
        row = visible_line(" ".join(words)[:_SHOWN])
        do = "rows of YOLO begin with the number of the class: write the numbers of the names in classes.txt in their place"
        return NearMiss(f"has rows of a name and four numbers (first: `{row}`); {do}")
    return NearMiss(f"looks like a KITTI label, but its first row has a fault: {why.value}") if why else None


def _is_named_yolo(words: list[str]) -> bool:
    """Whether a row is one of YOLO with the name of a class instead of its number: four fractions follow."""
    return len(words) == _NAMED_YOLO and all(0 <= parse_number(word) <= 1 for word in words[1:])


def _first_words(file: Path) -> list[str]:
    lines = (files.load_start(file, _FIRST_ROWS) or b"").decode("utf-8-sig", "replace").split("\n", 1)
    return lines[0].split()


def read(folder: Folder, annotations: list[Path], _: str = "") -> Source:
    """Reads all labels as one data set. The splits are those of lists such as `ImageSets/train.txt`, else those of the folders.

    An image without a label is quarantined, because KITTI's test images have none; one with an empty label is background.
    """
    data = Source("kitti", folder.root)
    pairs = dict(_pairs(folder, annotations))
    named = (lambda label: os.path.relpath(_in_image_folder(label), folder.root),)
    found = image_of_label.respell(pairs, named, folder)
    data.notices += respelled.notice(image_of_label.by_label(found, folder).items(), folder.root, len(pairs))
    images = [_image(label, file, folder) for label, file in (pairs | found).items()]
    objects = [item for image in images for item in image.objects]
    data.categories = list(dict.fromkeys(item.name for item in objects if item.name and not _is_region(item)))
    data.notices += _region_notices(sum(map(_is_region, objects)), len(objects))
    labels = [(image.filename, label) for image, label in zip(images, pairs | found, strict=True)]
    images, merged = merge_annotations.merge_listings([images], "KITTI label")
    images, listed = voc_lists.apply(images, labels, folder, "KITTI label")
    data.notices += merged + listed
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlabelled", "no KITTI label for this image")
    return data


def _pairs(folder: Folder, annotations: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Each label file with its image, or with the path where a missing image should be.

    In a folder with labels, every txt that has an image counts as a label, even if it is empty or damaged. A txt without an
    image counts if it holds a row or the beginning of a row.
    """
    places = {annotation.parent for annotation in annotations}
    by_path = {file.with_suffix(""): file for file in reversed(folder.image_files)}
    pairs = []
    for text in (file for file in folder.other_files if file.parent in places and file.suffix.lower() == ".txt"):
        beside, in_image_folder = text.with_suffix(""), _in_image_folder(text)
        image = by_path.get(beside) or by_path.get(in_image_folder)
        if image or _has_row(text, _CUT_OFF):
            pairs.append((text, image or in_image_folder.with_name(f"{text.stem}.png")))
    return pairs


def _in_image_folder(label: Path) -> Path:
    """`label_2/000001.txt` belongs to `image_2/000001`, and `labels/a.txt` to `images/a`."""
    return label.parent.with_name(label.parent.name.replace("label", "image")) / label.stem


def _image(label: Path, file: Path, folder: Folder) -> Image:
    return Image(
        file, files.relative_name(file, folder.root), _objects(label), folder.split_of(file) or folder.split_of(label)
    )


def _objects(label: Path) -> tuple[Object, ...]:
    """One object per row. A file beyond the limits of one image is one object with a fault."""
    try:
        text = files.load_text(label, limits.IMAGE_LABEL_BYTES, errors="replace")
    except limits.TooLarge as error:
        return (Object("", NO_BOX, fault=Fault("unreadable_annotation", str(error))),)
    rows = [words for line in text.splitlines() if (words := line.split())]
    if len(rows) > limits.IMAGE_OBJECTS:
        why = f"{len(rows):,} rows, and up to {limits.IMAGE_OBJECTS:,} are read"
        return (Object("", NO_BOX, fault=Fault("unreadable_annotation", why)),)
    return tuple(map(_object, rows))


def _object(words: list[str]) -> Object:
    """The object of a row. A damaged row and a region to ignore become objects with a fault."""
    name = words[0]
    if name.lower() == _DONT_CARE.lower():
        return Object(_DONT_CARE, NO_BOX, fault=Fault(_REGION, " ".join(words)[:200]))
    if len(words) not in _COLUMNS:
        fault = Fault("unreadable_annotation", f"{len(words)} columns, expected 15 or 16")
        return Object(name, NO_BOX, fault=fault)
    try:
        truncated, _occluded, _alpha, left, top, right, bottom, *_ = map(float, words[1:])
    except ValueError as error:
        return Object(name, NO_BOX, fault=Fault("not_a_number", str(error)[:200]))
    return Object(name, (left, top, right, bottom), truncated=truncated > 0)


def _is_region(item: Object) -> bool:
    return item.fault is not None and item.fault.reason == _REGION


def _region_notices(count: int, total: int) -> list[Finding]:
    if not count:
        return []
    return [
        notices.build(
            "ignored_regions", "Regions that are marked to be ignored count as background",
            f"{plurals.count(count, 'DontCare row', 'is')} not used: training and evaluation treat these regions as background",
            count=count, of=total, what="rows", severity="low",
            remedy="If these regions show many objects, label the objects, or crop the images.",
        )
    ]  # fmt: skip


READER = Reader(
    expected="KITTI txt labels (one for each image, with 15 or 16 columns)",
    find=find,
    read=read,
    near_miss=near_miss,
)
