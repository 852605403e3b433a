"""Open Images csv: `train-annotations-bbox.csv`, with ImageID, LabelName and boxes in fractions, with the images beside or below.

LabelName is an id such as `/m/01g317`. `class-descriptions-boxable.csv` names the ids, if it is in the folder.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from boxwright.convert import notices
from boxwright.convert.reading import files, merge_annotations
from boxwright.convert.reading.fields import parse_group, parse_number
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.locate_images import ImageLocator
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.source import NO_BOX, Fault, Image, Object, Source
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.foreign_files import csv_text, walk
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, few, shown

_ID, _LABEL = "imageid", "labelname"
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_COLUMNS = (_ID, _LABEL, *_SIDES)
_FLAGS = ("istruncated", "isgroupof")
# An id of a class, as in the knowledge graph that Open Images uses.
_CLASS_ID = re.compile(r"/[a-z]/\w+")
_YES = ("1", "1.0", "true")
# The csv lists the images of a whole split. If less than this share of them is here, somebody downloaded a part on purpose.
_SUBSET = 0.5
# Bytes that hold the titles.
_START = 4096


def find(folder: Folder) -> list[Path]:
    """The csv files that have these columns."""
    return [file for file in folder.other_files if not set(_COLUMNS) - _titles(file)]


def _titles(file: Path) -> set[str]:
    return set(csv_text.titles(files.load_start(file, _START) or b"")) if file.suffix.lower() == ".csv" else set()


def near_miss(file: Path) -> NearMiss | None:
    """A file of Open Images without boxes, or without some of the columns."""
    titles = _titles(file)
    missing = [column for column in _COLUMNS if column not in titles]
    if _ID not in titles or not missing:
        return None
    if kind := _kind_without_boxes(titles):
        return NearMiss(f"has {kind} of Open Images; the boxes are in its *-annotations-bbox.csv")
    return NearMiss(f"has ImageID, as Open Images' csv has it, and no column {' and no column '.join(missing)}")


def _kind_without_boxes(titles: Collection[str]) -> str:
    """What a file of Open Images holds that has no boxes; empty for any other file."""
    if _ID not in titles or not {_SIDES[0], _SIDES[2]}.isdisjoint(titles):
        return ""
    if "maskpath" in titles:
        return "masks"
    if "predictionstring" in titles:
        return "predictions"
    return "labels of whole images" if _LABEL in titles else "relations" if "labelname1" in titles else ""


class _Table(NamedTuple):
    """The boxes of one csv by image, and the values of the group's column. absent: images that are listed and not here."""

    objects: dict[str, list[Object]]
    groups: dict[str, str]
    absent: int


def read(folder: Folder, annotations: list[Path], column: str = "") -> Source:
    """Reads all csv files as one data set. The split of an image is that of the csv's folder or name, else of its own folder.

    Raises UserError for a file that is not a valid csv, and for a row without an image.
    """
    data = Source("openimages", folder.root)
    by_stem = _by_stem(folder)
    tables = {file: _read(file, by_stem, column.strip().lower()) for file in annotations}
    named = _class_names(
        {item.name for table in tables.values() for found in table.objects.values() for item in found}, folder
    )
    splits = {file: folder.split_of_list(file) for file in tables}
    names = ((_file_name(number, by_stem), file, splits[file]) for file, t in tables.items() for number in t.objects)
    locator = ImageLocator(folder, names)
    sets = [
        [_image(number, file, splits[file], table, named, by_stem, locator) for number in table.objects]
        for file, table in tables.items()
    ]
    images, merged = merge_annotations.merge_listings(sets, "Open Images csv")
    data.categories = list(dict.fromkeys(item.name for image in images for item in image.objects if item.name))
    absent = {file: table for file, table in tables.items() if table.absent}
    data.notices += (
        merged + locator.notices() + _subset_notices(absent) + _id_notices(data.categories) + _ignored(folder)
    )
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlisted", "in no Open Images csv")
    return data


def _by_stem(folder: Folder) -> dict[str, str]:
    """The name of an image file by its stem, without folders. A jpg is preferred, because Open Images has no others."""
    names = sorted({file.name for file in folder.image_files}, key=lambda name: not name.lower().endswith(".jpg"))
    return {Path(name).stem: name for name in reversed(names)}


def _file_name(number: str, by_stem: dict[str, str]) -> str:
    if found := by_stem.get(number):
        return found
    return number if walk.is_image(Path(number)) else f"{number}.jpg"


def _read(file: Path, by_stem: dict[str, str], column: str) -> _Table:
    """The rows of the images that are here, or of all images, if only a few of them are not here."""
    text = files.load_text(file)
    try:
        listed = {row[_ID].strip() for _, row in csv_text.cells(csv_text.lines(text), (), needed=(_ID,))}
        here = {number for number in listed if _is_here(number, by_stem)}
        is_part = 0 < len(here) < _SUBSET * len(listed)
        limits.check_memory(
            text.count("\n") * csv_text.ROW * (len(here) if is_part else len(listed)) // (len(listed) or 1), file
        )
        objects, groups = defaultdict[str, list[Object]](list), dict[str, str]()
        for number, row in _rows(file, text, column):
            if not is_part or number in here:
                objects[number].append(_object(row))
                if group := parse_group(row.get(column)):
                    groups[number] = group
    except csv_text.InvalidCsv as error:
        raise UserError(f"{file} is not a valid csv: {error}; export it again or repair that place") from None
    return _Table(objects, groups, len(listed) - len(here) if is_part else 0)


def _is_here(number: str, by_stem: dict[str, str]) -> bool:
    return number in by_stem or by_stem.get(Path(number).stem) == number


def _rows(file: Path, text: str, column: str) -> Iterator[tuple[str, csv_text.Row]]:
    for line, row in csv_text.cells(csv_text.lines(text), (*_FLAGS, column), needed=_COLUMNS):
        number = row[_ID].strip()
        if not files.is_text_name(number):
            raise UserError(f"{file}: line {line} has no usable ImageID: {shown(number)}; write one or delete the line")
        yield number, row


def _object(row: csv_text.Row) -> Object:
    """The name is the id of the class."""
    name = row[_LABEL].strip()
    if not name:
        return Object("", NO_BOX, fault=Fault("unknown_class", "no LabelName"))
    left, top, right, bottom = (parse_number(row[side]) for side in _SIDES)
    truncated, crowd = (row.get(flag, "").strip().lower() in _YES for flag in _FLAGS)
    return Object(name, (left, top, right, bottom), False, truncated, crowd)


def _image(
    number: str, file: Path, split: str | None, table: _Table, named: dict[str, str], by_stem: dict[str, str],
    locator: ImageLocator,
) -> Image:  # fmt: skip
    path = locator.find(_file_name(number, by_stem), file)
    filename = files.relative_name(path, locator.root)
    objects = tuple(item._replace(name=named.get(item.name, item.name)) for item in table.objects[number])
    split = split or locator.folder.split_of(path)
    return Image(path, filename, objects, split, None, True, None, table.groups.get(number))


def _class_names(used: Collection[str], folder: Folder) -> dict[str, str]:
    """The names of the classes by id, from the files that describe classes. Where two ids have one name, it includes the id."""
    ids = {name for name in used if _CLASS_ID.fullmatch(name)}
    described = {
        number: name for file in folder.other_files if ids and _describes(file) for number, name in _descriptions(file)
    }
    count = Counter(described.get(number) for number in ids)
    named = ((number, described[number]) for number in ids if number in described)
    return {number: name if count[name] == 1 else f"{name} ({number})" for number, name in named}


def _describes(file: Path) -> bool:
    """Whether a csv has an id and a name in each line, with or without titles (LabelName, DisplayName)."""
    if file.suffix.lower() != ".csv":
        return False
    first = csv_text.titles(files.load_start(file, _START) or b"")[:2]
    return len(first) == 2 and (first == [_LABEL, "displayname"] or bool(_CLASS_ID.fullmatch(first[0])))


def _descriptions(file: Path) -> Iterator[tuple[str, str]]:
    lines = csv_text.lines(f"{_LABEL},displayname\n{files.load_text(file, limits.PROTO_TEXT_BYTES)}")
    try:
        for _, row in csv_text.cells(lines, (), needed=(_LABEL, "displayname")):
            if _CLASS_ID.fullmatch(row[_LABEL].strip()) and (name := row["displayname"].strip()):
                yield row[_LABEL].strip(), name
    except csv_text.InvalidCsv as error:
        raise UserError(f"{file} is not a valid csv: {error}; download it again or repair that place") from None


def _subset_notices(absent: dict[Path, _Table]) -> list[Finding]:
    if not absent:
        return []
    count = sum(table.absent for table in absent.values())
    here = sum(len(table.objects) for table in absent.values())
    return [
        notices.build(
            "subset", "The csv lists more images than the folder holds",
            f"{few([file.name for file in absent], 3)}: {plurals.count(count, 'image', 'is')} not in the folder and left out, as "
            f"Open Images' csv lists a whole split; {plurals.count(here, 'image', 'is')} here",
            count=count, of=count + here, severity="low", remedy="If these images should be here, download them.",
        )
    ]  # fmt: skip


def _id_notices(names: list[str]) -> list[Finding]:
    ids = [name for name in names if _CLASS_ID.fullmatch(name)]
    if not ids:
        return []
    return [
        notices.build(
            "class_ids", "Classes have Open Images' ids instead of names",
            f"No csv in the folder names {plurals.count(len(ids), 'class')}: {few(ids, 5)}", count=len(ids), of=len(names),
            what="classes", severity="low", items=tuple(ids),
            remedy="Copy Open Images' class-descriptions-boxable.csv into the folder, beside the csv with the boxes.",
        )
    ]  # fmt: skip


def _ignored(folder: Folder) -> list[Finding]:
    """Files of Open Images beside the boxes."""
    found = {file: kind for file in folder.other_files if (kind := _kind_without_boxes(_titles(file)))}
    if not found:
        return []
    listed = few([f"{files.relative_name(file, folder.root)} ({kind})" for file, kind in found.items()], 5)
    return [
        notices.build(
            "files_without_boxes", "Files of Open Images without boxes were ignored", f"Only boxes are read. Ignored: {listed}",
            count=len(found), of=len(folder.other_files), what="files",
        )
    ]  # fmt: skip


READER = Reader(
    expected="Open Images csv (with ImageID, LabelName, XMin, XMax, YMin, YMax)",
    find=find,
    read=read,
    near_miss=near_miss,
    set_suffixes=(".csv",),
    has_columns=True,
)
