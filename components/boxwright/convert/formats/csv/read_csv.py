"""Reads the csv of the OD API's tutorials, and tables with other names of columns whose meaning is certain.

The columns may have any order. Commas, semicolons and tabs separate them. width and height may be absent. Coordinates are
edges in pixels, counted from 0, as the OD API's scripts read them.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from boxwright.convert.formats.csv import boxes, judge, samples, table_notices
from boxwright.convert.formats.csv.boxes import Row
from boxwright.convert.formats.csv.columns import EXACT, WITHOUT_SIZE, Columns
from boxwright.convert.reading import files, merge_annotations
from boxwright.convert.reading.fields import parse_group, parse_size
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.locate_images import ImageLocator
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.source import Image, Source
from boxwright.core.foreign_files import csv_text
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, few, shown

# By form of the columns, the order of the numbers of a box that is not the format's.
_ORDERS = {"corner": "xywh", "center": "cxcywh"}


class Table(NamedTuple):
    """The rows of one file by image. commas: a number with a decimal comma, if the file has such numbers."""

    columns: Columns
    rows: dict[str, list[Row]]
    commas: str


def find(folder: Folder) -> list[Path]:
    """The csv files that have the columns. If some have them by their own names, the others are not read."""
    judged = {file: judge.judge(file) for file in folder.other_files if judge.is_csv(file)}
    exact = [file for file, columns in judged.items() if columns in (EXACT, WITHOUT_SIZE)]
    return exact or [file for file, columns in judged.items() if isinstance(columns, Columns)]


def near_miss(file: Path) -> NearMiss | None:
    """A csv without some of the columns, or with rows that do not fit them."""
    if not judge.is_csv(file):
        return None
    found = judge.judge(file)
    return NearMiss(found) if isinstance(found, str) and found else None


def read(folder: Folder, annotations: list[Path], column: str = "") -> Source:
    """Reads all csv files as one data set. The split is that of the folder or of the file's name (`train_labels.csv`).

    Raises UserError for a file that is not a valid csv, and for rows that do not fit the first line.
    """
    root = folder.root
    data = Source("csv", root)
    tables = {file: _table(file, column) for file in annotations}
    splits = {file: folder.split_of_list(file) for file in tables}
    locator = ImageLocator(
        folder, ((name, file, splits[file]) for file, table in tables.items() for name in table.rows)
    )
    sets = [
        [_image(name, rows, file, table, splits[file], locator, column) for name, rows in table.rows.items()]
        for file, table in tables.items()
    ]
    images, data.notices = merge_annotations.merge_listings(sets, "csv")
    data.notices += locator.notices()
    for file, table in tables.items():
        data.notices += table_notices.build(files.relative_name(file, root), table.columns, table.rows, table.commas)
    names = (item.name for image in images for item in image.objects if item.name)
    data.categories = list(dict.fromkeys(names))
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlisted", "in no csv")
    return data


def _table(file: Path, column: str) -> Table:
    """Raises UserError for a file that is not a valid csv, for rows that do not fit it, and for a row without filename."""
    columns = judge.judge(file)
    if isinstance(columns, str):  # the file has changed since it was found
        raise UserError(f"{file} {columns}")
    if why := judge.too_long(file):
        raise UserError(f"{file} {why}")
    rows: dict[str, list[Row]] = defaultdict(list)
    text = samples.without_hint(files.load_text(file))
    for number, row in _cells(file, text, columns.needed, {*columns.size, csv_text.tidy(column)} - {""}):
        name = row.get(columns.file, "").strip()
        if not files.is_file_name(name) or "\0" in name:
            raise UserError(
                f"{file}: line {number} has no usable filename: {shown(name)}; write one or delete the line"
            )
        rows[name].append(row)
    # Commas that separate the cells are in no cell, but for those between quotes.
    first_line = (text[:10_000].splitlines() or [""])[0]
    can_have_commas = "," in text and ('"' in text or "," not in first_line)
    return Table(columns, rows, boxes.has_commas(rows.values(), columns) if can_have_commas else "")


def _cells(file: Path, text: str, needed: tuple[str, ...], more: set[str]) -> Iterator[tuple[int, Row]]:
    """The number of each line and the cells of its row. Raises UserError for a file that is not a valid csv."""
    limits.check_memory((text.count("\n") + 1) * csv_text.ROW, file)
    try:
        yield from csv_text.cells(csv_text.lines(text), more, needed=needed)
    except csv_text.InvalidCsv as error:
        raise UserError(f"{file} is not a valid csv: {error}; export it again or repair that place") from None


def _image(
    name: str, rows: list[Row], file: Path, table: Table, split: str | None, locator: ImageLocator, column: str
) -> Image:
    path, columns = locator.find(name, file), table.columns
    made = (boxes.item(row, columns, bool(table.commas)) for row in rows)
    size = parse_size(*map(rows[0].get, columns.size)) if columns.size else None
    filename, group = locator.shown(path, name), _group(name, rows, column, file)
    objects, written = tuple(item for item in made if item), _ORDERS.get(columns.form, "")
    return Image(path, filename, objects, split, size, group=group, written=written)


def _group(name: str, rows: list[Row], column: str, file: Path) -> str | None:
    """Raises UserError if the rows of one image have different values."""
    if not column:
        return None
    found = sorted({group for row in rows if (group := parse_group(row.get(csv_text.tidy(column))))})
    if len(found) > 1:
        raise UserError(
            f"{file}: {name} has several values in column {column}: {few(found, 3)}; an image has "
            "one source; correct the values, or name another column"
        )
    return found[0] if found else None


READER = Reader(
    expected="the OD API's csv (with filename, class, xmin, ymin, xmax, ymax)",
    find=find,
    read=read,
    near_miss=near_miss,
    set_suffixes=judge.SUFFIXES,
    derived=True,
    has_columns=True,
)
