"""The csv of the OD API's tutorials: one row per object, with filename, width, height, class, xmin, ymin, xmax, ymax.

The columns may have any order. Commas, semicolons and tabs separate them. width and height may be absent. Coordinates are
edges in pixels, counted from 0, as the OD API's scripts read them.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from boxwright.convert.reading import files, merge_annotations
from boxwright.convert.reading.fields import parse_group, parse_number, parse_size
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.locate_images import ImageLocator
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.source import NO_BOX, Fault, Image, Object, Source
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, few, shown

COLUMNS = ("filename", "class", "xmin", "ymin", "xmax", "ymax")
_SEPARATORS = ",;\t"
# The least memory of a row with its object, in bytes.
_ROW = 400
# Is read as the last row. Only an open quote swallows it.
_END = "\0end"
Row = dict[str, str]


def find(folder: Folder) -> list[Path]:
    """The csv files that have these columns."""
    return [file for file in folder.other_files if _is_csv(file) and not _missing_columns(_header(file))]


def near_miss(file: Path) -> NearMiss | None:
    """A csv without some of the columns."""
    if not _is_csv(file) or not (missing := _missing_columns(_header(file))):
        return None
    return NearMiss(f"has no column {' and no column '.join(missing)} in its first line")


def _is_csv(file: Path) -> bool:
    return file.suffix.lower() == ".csv"


def _header(file: Path) -> str:
    return ((files.load_start(file, 2048) or b"").decode("utf-8-sig", "replace").splitlines() or [""])[0]


def _missing_columns(header: str) -> list[str]:
    names = {name.strip(' "').lower() for name in header.split(_separator(header))}
    return [column for column in COLUMNS if column not in names]


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)


def read(folder: Folder, annotations: list[Path], column: str = "") -> Source:
    """Reads all csv files as one data set. The split is that of the folder or of the file's name (`train_labels.csv`)."""
    root = folder.root
    data = Source("csv", root)
    tables = {file: _rows(file, column) for file in annotations}
    splits = {file: folder.split_of_list(file) for file in tables}
    locator = ImageLocator(folder, ((name, file, splits[file]) for file, table in tables.items() for name in table))
    sets = [
        [_image(name, rows, file, splits[file], locator, column) for name, rows in table.items()]
        for file, table in tables.items()
    ]
    images, data.notices = merge_annotations.merge_listings(sets, "csv")
    data.notices += locator.notices()
    names = (item.name for image in images for item in image.objects if item.name)
    data.categories = list(dict.fromkeys(names))
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlisted", "in no csv")
    return data


def _rows(file: Path, column: str) -> dict[str, list[Row]]:
    """The rows of each filename. Raises UserError for a file that is not a valid csv, and for a row without filename."""
    table = defaultdict(list)
    try:
        for number, row in enumerate(_cells(file, column), 2):
            name = row.get("filename", "").strip()
            if not files.is_file_name(name) or "\0" in name:
                raise UserError(
                    f"{file}: line {number} has no usable filename: {shown(name)}; write one or delete the line"
                )
            table[name].append(row)
    except csv.Error as error:
        raise UserError(f"{file} is not a valid csv: {error}; export it again or repair that place") from None
    return table


def _cells(file: Path, column: str) -> Iterator[Row]:
    """The cells of each row in the columns that are used. Other columns are not kept: there may be a million of them.

    Raises csv.Error for a field of more than 128 KiB, and for a quote that is never closed: it swallows the rows below it.
    """
    used = {*COLUMNS, "width", "height", _tidy(column)} - {""}
    lines = files.load_text(file).splitlines()
    limits.check_memory(len(lines) * _ROW, file)
    form: dict[str, Any] = {"skipinitialspace": True, "delimiter": _separator(_header(file))}
    rows, line = csv.reader([*lines, _END], **form), 1
    places = {name: place for place, title in enumerate(next(rows, [])) if (name := _tidy(title)) in used}
    for cells in rows:
        if rows.line_num > len(lines) and cells != [_END]:
            raise csv.Error(f"a quote in line {line + 1} is never closed")
        line = rows.line_num
        if cells and line <= len(lines):
            yield {name: cells[place] if place < len(cells) else "" for name, place in places.items()}


def _tidy(title: str) -> str:
    return title.strip().lower()


def _image(name: str, rows: list[Row], file: Path, split: str | None, locator: ImageLocator, column: str) -> Image:
    path = locator.find(name, file)
    size = parse_size(rows[0].get("width"), rows[0].get("height"))
    filename, group = files.relative_name(path, locator.root), _group(rows, column, file)
    return Image(path, filename, tuple(map(_object, rows)), split, size, group=group)


def _group(rows: list[Row], column: str, file: Path) -> str | None:
    """Raises UserError if the rows of one image have different values."""
    found = sorted({group for row in rows if (group := parse_group(row.get(_tidy(column))))})
    if len(found) > 1:
        raise UserError(
            f"{file}: {rows[0]['filename']} has several values in column {column}: {few(found, 3)}; an image has "
            "one source; correct the values, or name another column"
        )
    return found[0] if found else None


def _object(row: Row) -> Object:
    name = (row.get("class") or "").strip()
    if not name:
        return Object("", NO_BOX, fault=Fault("unknown_class", "no class"))
    left, top, right, bottom = (parse_number(row.get(side)) for side in ("xmin", "ymin", "xmax", "ymax"))
    return Object(name, (left, top, right, bottom))


READER = Reader(
    expected="the OD API's csv (with filename, class, xmin, ymin, xmax, ymax)",
    find=find,
    read=read,
    near_miss=near_miss,
    set_suffixes=(".csv",),
    derived=True,
    has_columns=True,
)
