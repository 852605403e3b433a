"""Reads the csv of the OD API's tutorials, a row an object: `filename,width,height,class,xmin,ymin,xmax,ymax`, in any order, with
commas, semicolons or tabs between them; width and height may be absent.

Coordinates are edges in pixels counted from 0, as the OD API's scripts take them.
"""

import csv
from collections import defaultdict
from pathlib import Path

from boxwright.convert.formats import merge_annotations, source
from boxwright.convert.formats.locate_images import Pictures
from boxwright.convert.formats.source import Fault, Folder, Image, Near, Object, Source
from boxwright.core.runtime.errors import UserError

COLUMNS = ("filename", "class", "xmin", "ymin", "xmax", "ymax")
_SEPARATORS = ",;\t"
Row = dict[str, str]


def find(folder: Folder) -> list[Path]:
    """The csv files with these columns."""
    return [file for file in folder.others if file.suffix.lower() == ".csv" and not _lacking(_header(file))]


def nearly(file: Path) -> Near | None:
    if file.suffix.lower() != ".csv" or not (missing := _lacking(_header(file))):
        return None
    return Near(f"has no column {' and no column '.join(missing)} in its first line")


def _header(file: Path) -> str:
    return ((source.head(file, 2048) or b"").decode("utf-8-sig", "replace").splitlines() or [""])[0]


def _lacking(header: str) -> list[str]:
    names = {name.strip(' "').lower() for name in header.split(_separator(header))}
    return [column for column in COLUMNS if column not in names]


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)


def read(folder: Folder, annotations: list[Path], column: str = "") -> Source:
    """All csv files as one data set; the split is that of the folder or of the file's name (`train_labels.csv`). column: what
    names an image's source."""
    root = folder.root
    data = Source("csv", root)
    tables = {file: _rows(file) for file in annotations}
    pictures = Pictures(folder, ((name, file) for file, table in tables.items() for name in table))
    sets = []
    for file, table in tables.items():
        split = source.split_of_folder(source.relative(file, root)) or source.split_of_stem(file.stem)
        sets.append([_image(name, rows, file, split, pictures, column) for name, rows in table.items()])
    images, data.notices = merge_annotations.merged(sets, "csv")
    names = (item.name for image in images for item in image.objects if item.name)
    data.categories = list(dict.fromkeys(names))
    data.images = merge_annotations.without_duplicates(images)
    data.images += merge_annotations.unlisted(folder, data.images, "unlisted", "in no csv")
    return data


def _rows(file: Path) -> dict[str, list[Row]]:
    """The rows of each filename. Raises UserError for a file that is no csv."""
    lines = source.text(file).splitlines()
    try:
        separator = _separator(_header(file))
        rows = list(csv.DictReader(lines, restval="", skipinitialspace=True, delimiter=separator))
    except csv.Error as error:
        raise UserError(f"{file} is not a valid csv: {error}; export it again or repair that place") from None
    table = defaultdict(list)
    for number, row in enumerate(rows, 2):
        row = {column.strip().lower(): value for column, value in row.items() if column}
        name = (row.get("filename") or "").strip()
        if not source.names_file(name) or "\0" in name:
            raise UserError(f"{file}: line {number} has no usable filename: {name!r}; write one or delete the line")
        table[name].append(row)
    return table


def _image(name: str, rows: list[Row], file: Path, split: str | None, pictures: Pictures, column: str) -> Image:
    """In a folder named as the split, where the csv lies beside it and the picture is not beside the csv."""
    path = pictures.find(name, file, split)
    size = tuple(source.number(rows[0].get(side)) for side in ("width", "height"))
    claimed = (int(size[0]), int(size[1])) if all(0 < side < 1e9 for side in size) else None
    filename, group = source.relative(path, pictures.root), _group(rows, column, file)
    return Image(path, filename, tuple(map(_object, rows)), split, claimed, group=group)


def _group(rows: list[Row], column: str, file: Path) -> str | None:
    """Raises UserError where the rows of an image name several."""
    found = sorted({named for row in rows if (named := source.group_named(row.get(column.strip().lower())))})
    if len(found) > 1:
        raise UserError(
            f"{file}: {rows[0]['filename']} has several values in column {column}: {', '.join(found[:3])}; an image is of one "
            "source: correct them, or name another column"
        )
    return found[0] if found else None


def _object(row: Row) -> Object:
    name = (row.get("class") or "").strip()
    if not name:
        return Object("", source.NO_BOX, fault=Fault("unknown_class", "no class"))
    left, top, right, bottom = (source.number(row.get(side)) for side in ("xmin", "ymin", "xmax", "ymax"))
    return Object(name, (left, top, right, bottom))
