"""Reads the csv of the OD API's tutorials, a row an object: `filename,width,height,class,xmin,ymin,xmax,ymax`, in any order.

Coordinates are edges in pixels counted from 0, as the OD API's scripts take them.
"""

import csv
from collections import defaultdict
from pathlib import Path

from boxwright.convert import source
from boxwright.convert.pictures import Pictures
from boxwright.convert.source import Fault, Folder, Image, Object, Source
from boxwright.core.errors import UserError

COLUMNS = frozenset(("filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax"))
Row = dict[str, str]


def find(folder: Folder) -> list[Path]:
    """The csv files with these columns."""
    return [file for file in folder.others if file.suffix.lower() == ".csv" and _sniff(file)]


def _sniff(file: Path) -> bool:
    with file.open("rb") as opened:
        header = opened.readline(2048).decode("utf-8-sig", errors="replace")
    return {name.strip(' "\r\n') for name in header.split(",")} >= COLUMNS


def read(folder: Folder, annotations: list[Path]) -> Source:
    """All csv files as one data set; the split is that of the folder or of the file's name (`train_labels.csv`)."""
    root = folder.root
    data = Source("csv", root)
    tables = {file: _rows(file) for file in annotations}
    pictures = Pictures(folder, ((name, file) for file, table in tables.items() for name in table))
    images = []
    for file, table in tables.items():
        split = source.split_of_folder(source.relative(file, root)) or source.split_of_stem(file.stem)
        images += [_image(name, rows, file, split, pictures) for name, rows in table.items()]
    names = (item.name for image in images for item in image.objects if item.name)
    data.categories = list(dict.fromkeys(names))
    data.images = source.without_duplicates(images)
    data.images += source.unlisted(folder, data.images, "unlisted", "in no csv")
    return data


def _rows(file: Path) -> dict[str, list[Row]]:
    """The rows of each filename. Raises UserError for a file that is no csv."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
        rows = list(csv.DictReader(lines, restval="", skipinitialspace=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{file} is not a valid csv in UTF-8: {error}; export it again or repair that place") from None
    table = defaultdict(list)
    for number, row in enumerate(rows, 2):
        name = (row.get("filename") or "").strip()
        if not name or "\0" in name:
            raise UserError(f"{file}: line {number} has no usable filename: {name!r}; write one or delete the line")
        table[name].append({column.strip(): row[column] for column in row if column})
    return table


def _image(name: str, rows: list[Row], file: Path, split: str | None, pictures: Pictures) -> Image:
    """In a folder named as the split, where the csv lies beside it and the picture is not beside the csv."""
    path = pictures.find(name, file, split)
    size = tuple(source.number(rows[0].get(side)) for side in ("width", "height"))
    claimed = (int(size[0]), int(size[1])) if all(0 < side < 1e9 for side in size) else None
    return Image(path, source.relative(path, pictures.root), tuple(map(_object, rows)), split, claimed)


def _object(row: Row) -> Object:
    name = (row.get("class") or "").strip()
    if not name:
        return Object("", source.NO_BOX, fault=Fault("unknown_class", "no class"))
    left, top, right, bottom = (source.number(row.get(side)) for side in ("xmin", "ymin", "xmax", "ymax"))
    return Object(name, (left, top, right, bottom))
