"""The objects of the rows of a csv: their boxes, numbers with decimal commas, and rows that say that an image has no object."""

import math
import re
from collections.abc import Iterable, Sequence

from boxwright.convert.formats.csv import samples
from boxwright.convert.formats.csv.columns import Columns
from boxwright.convert.reading.fields import parse_number
from boxwright.convert.reading.source import NO_BOX, Fault, Object

Row = dict[str, str]
# The name of the only class of a table without classes.
ONLY_CLASS = "object"
# What tools write into the cells of an image without objects.
_EMPTY = frozenset(("", "nan", "none", "null", "n/a", "na", "<na>", "-", "[]"))
_NOTHING = _EMPTY | {"background", "no_object", "no object", "negative", "empty"}
_COMMA = re.compile(r"-?\d{1,7},\d+")
# In `1,234`, the comma may stand between thousands.
_THOUSANDS = re.compile(r"-?\d{1,3},\d{3}")
_WHOLE = re.compile(r"-?\d{1,9}")


def has_object(row: Row, columns: Columns) -> bool:
    """False for a row that only names an image: its class and its box are empty."""
    name = row.get(columns.label, "").strip() if columns.label else ""
    if name and name.lower() not in _NOTHING:
        return True
    cells = [row.get(title, "").strip().lower() for title in columns.box]
    # A zero in each cell is also what an empty box becomes; with a class it is a damaged object.
    return not (_EMPTY.issuperset(cells) or (not name and {"0", "0.0"}.issuperset(cells)))


def item(row: Row, columns: Columns, commas: bool = False) -> Object | None:
    """The object of a row; None for a row without one. commas: the numbers have decimal commas."""
    name = row.get(columns.label, "").strip() if columns.label else ONLY_CLASS
    if columns.form == "edges" and name and len(columns.box) == 4:  # the fast path for most rows
        try:
            left, top, right, bottom = [float(row[title]) for title in columns.box]
            if math.isfinite(left + top + right + bottom):
                return Object(name, (left, top, right, bottom))
        except (ValueError, KeyError):
            pass
    return _item(row, columns, name, commas) if has_object(row, columns) else None


def _item(row: Row, columns: Columns, name: str, commas: bool) -> Object:
    if not name:
        return Object("", NO_BOX, fault=Fault("unknown_class", "no class"))
    cells = [row.get(title, "") for title in columns.box]
    if commas:
        cells = [cell.replace(",", ".") for cell in cells]
    numbers = samples.numbers_in(cells[0]) if columns.kind == "list" else list(map(parse_number, cells))
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        return Object(name, NO_BOX, fault=_not_numbers(row, columns))
    return Object(name, _edges(numbers, columns.form))


def has_commas(tables: Iterable[Sequence[Row]], columns: Columns) -> str:
    """A number with a decimal comma, if the numbers of a table are written so; else empty.

    No cell may have a point, and one comma at least must have no thousands behind it.
    """
    found = ""
    for row in (row for rows in tables for row in rows):
        for cell in (row.get(title, "").strip() for title in columns.box):
            if _COMMA.fullmatch(cell):
                found = found or ("" if _THOUSANDS.fullmatch(cell) else cell)
            elif cell.lower() not in _EMPTY and not _WHOLE.fullmatch(cell):
                return ""
    return found


def _edges(numbers: Sequence[float], form: str) -> tuple[float, float, float, float]:
    first, second, third, fourth = numbers
    if form == "edges":
        return first, second, third, fourth
    if form == "corner":
        return first, second, first + third, second + fourth
    return first - third / 2, second - fourth / 2, first + third / 2, second + fourth / 2


def _not_numbers(row: Row, columns: Columns) -> Fault:
    """The fault shows the cells as they are written."""
    cells = {title: row.get(title, "").strip() for title in columns.box}
    if _EMPTY.issuperset(cell.lower() for cell in cells.values()):
        return Fault("no_box", "the cells of the box are empty")
    wrong = (f"{title} {cell[:40]!r}" for title, cell in cells.items() if columns.kind == "list" or _is_wrong(cell))
    return Fault("not_a_number", ", ".join(wrong)[:200])


def _is_wrong(cell: str) -> bool:
    return not math.isfinite(parse_number(cell))
