"""Tables as text, with titles in the first line. Commas, semicolons or tabs separate the cells."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any

_SEPARATORS = ",;\t"
# The least memory of a row with its object, in bytes.
ROW = 400
# Is read as the last row. Only an open quote swallows it.
_END = "\0end"
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
Row = dict[str, str]


class InvalidCsv(ValueError):
    """A text that is not read as a table. Its message is the end of a sentence."""


def titles(start: bytes) -> list[str]:
    """The titles of the columns, tidied. start: the first bytes of the file, in UTF-8, that hold the first line."""
    line = next(lines(start.decode("utf-8-sig", "replace")))
    return [tidy(title.strip(' "')) for title in line.split(_separator(line))]


def lines(text: str) -> Iterator[str]:
    """The lines of a text, one by one: a list of them would take several times the memory of a large text."""
    return (found[1] for found in _LINE.finditer(text))


def cells(lines: Iterable[str], used: Collection[str], *, needed: Iterable[str] = ()) -> Iterator[tuple[int, Row]]:
    """The number of the line in which a row ends, from 1, and its cells in the columns that are used or needed, by their titles.

    Other columns are not kept: there may be a million of them. Rows without any cell are left out. Raises InvalidCsv for a field
    of more than 128 KiB, for a needed column that is not there, and for a quote that is never closed: it swallows the rows below.
    """
    rest = iter(lines)
    first = next(rest, "")
    form: dict[str, Any] = {"skipinitialspace": True, "delimiter": _separator(first)}
    rows, line = csv.reader(chain([first], rest, [_END]), **form), 0
    try:
        used = {*used, *needed}
        places = {name: place for place, title in enumerate(next(rows, [])) if (name := tidy(title)) in used}
        if missing := [name for name in needed if name not in places]:
            raise InvalidCsv(f"its first row has no column {missing[0]}")
        line, is_closed = rows.line_num, False
        for row in rows:
            if row and _END in row[-1]:
                is_closed = row == [_END]
                break
            line = rows.line_num
            if row:
                yield line, {name: row[place] if place < len(row) else "" for name, place in places.items()}
        if not is_closed:
            raise InvalidCsv(f"a quote in line {line + 1} is never closed")
    except csv.Error as error:
        raise InvalidCsv(f"line {line + 1}: {error}") from None


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)


def tidy(title: str) -> str:
    """In lower case, and without the `#` with which VIA 1 begins."""
    return title.strip().lstrip("#").strip().lower()
