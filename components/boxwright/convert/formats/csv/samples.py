"""What the first rows of a csv show: whether the first line has titles, which order four numbers in one cell have, and so on."""

import csv
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from boxwright.convert.reading import files
from boxwright.convert.reading.fields import parse_number
from boxwright.core.foreign_files import csv_text, walk

# Bytes that hold a few hundred rows.
_START = 64 << 10
_MOST_ROWS = 500
_NUMBERS = re.compile(r"-?\d{1,9}(?:\.\d{0,20})?(?:e[-+]?\d{1,3})?")
# Shares of rows: of two orders, one fits if nearly no row contradicts it, and the other is wrong if some rows do. Rows that
# contradict an order have a right edge left of the left one, or reach beyond the image.
_FITS, _WRONG = 0.01, 0.05

_HINT = re.compile(r'"?sep=[;,\t]"?\r?\n')
_CORNER = ("left", "top", "width", "height")
# The columns of Make Sense's csv as `_kind` names them: class, left, top, width, height, image, its width and height.
_MAKE_SENSE = "tnnnnfnn"


class Sample(NamedTuple):
    """The first line of a file, tidied as titles, and the first rows below it."""

    titles: list[str]
    first: list[str]
    rows: list[list[str]]

    @property
    def looks_headless(self) -> bool:
        """Whether the first line is a row, too: it has numbers where a line of titles has words."""
        return sum(map(is_number, self.first)) >= min(3, len(self.first) - 1) > 0

    @property
    def longer(self) -> tuple[int, int] | None:
        """Cells of a row and of the first line, if most rows are longer: unquoted commas in numbers divide these."""
        lengths = [len(row) - _empty_at_end(row) for row in self.rows]
        long = [length for length in lengths if length > len(self.first)]
        return (max(set(long), key=long.count), len(self.first)) if 2 * len(long) > len(lengths) else None

    def column(self, title: str) -> list[str]:
        """The cell of each row; empty for a row that is too short."""
        place = self.titles.index(title)
        return [row[place].strip() if place < len(row) else "" for row in self.rows]


def of_file(file: Path) -> Sample:
    """Reads the beginning of a file only."""
    start = files.load_start(file, _START) or b""
    text = without_hint(start.decode("utf-8-sig", "replace"))
    titles = csv_text.titles(text[:_START].encode())
    lines = text.splitlines()
    if len(start) == _START:
        lines = lines[:-1] or lines  # the last line is cut off
    separator = max(",;\t", key=(lines or [""])[0].count)
    try:
        rows = [row for row in csv.reader(lines[:_MOST_ROWS], delimiter=separator, skipinitialspace=True) if row]
    except csv.Error:  # a cell of more than 128 KiB; reading the whole file says so
        rows = []
    first, *rest = rows or [[]]
    return Sample(titles, first, rest)


def without_hint(text: str) -> str:
    """The text without Excel's first line `sep=;`, which names the separator."""
    found = _HINT.match(text)
    return text[found.end() :] if found else text


def numbers_in(cell: str) -> list[float]:
    """The numbers of a cell such as `[834.0, 222.0, 56.0, 36.0]`."""
    found = _NUMBERS.findall(cell[:200].lower())
    return [float(number) for number in found] if len(cell) <= 200 else []


def order_of(cells: Iterable[str], sizes: Iterable[Sequence[str]]) -> str:
    """`edges` (left, top, right, bottom) or `corner` (left, top, width, height), if the rows decide it; else empty.

    cells: with four numbers each. sizes: width and height of the images, or empty texts.
    """
    pairs = [(box, size) for cell, size in zip(cells, sizes, strict=True) if len(box := numbers_in(cell)) == 4]
    if not pairs:
        return ""
    wrong_edges = sum(box[2] <= box[0] or box[3] <= box[1] for box, _ in pairs) / len(pairs)
    wrong_corner = sum(_reaches_out(box, size) for box, size in pairs) / len(pairs)
    if wrong_edges > _WRONG and wrong_corner <= _FITS:
        return "corner"
    return "edges" if wrong_corner > _WRONG and wrong_edges <= _FITS else ""


def corner_or_center(boxes: Iterable[Sequence[str]], sizes: Iterable[Sequence[str]]) -> str:
    """`corner` or `center`, if the rows decide what the first two numbers of each box are; else empty.

    boxes: x, y, width, height. sizes: as in `order_of`.
    """
    numbers = (tuple(parse_number(cell.replace(",", ".")) for cell in box) for box in boxes)
    pairs = list(zip(numbers, sizes, strict=True))
    pairs = [(box, size) for box, size in pairs if not math.isnan(sum(box))]
    if not pairs:
        return ""
    wrong_corner = sum(_reaches_out(box, size) for box, size in pairs) / len(pairs)
    wrong_center = sum(min(x - width / 2, y - height / 2) < -1 for (x, y, width, height), _ in pairs) / len(pairs)
    if wrong_center > _WRONG and wrong_corner <= _FITS:
        return "corner"
    return "center" if wrong_corner > _WRONG and wrong_center <= _FITS else ""


def _reaches_out(box: Sequence[float], size: Sequence[str]) -> bool:
    """Whether left, top, width, height lies outside of its image. One pixel is a matter of rounding."""
    limits = (parse_number(side) + 1 for side in size)
    return any(start + length > limit for start, length, limit in zip(box, box[2:], limits, strict=False))


def header_for(sample: Sample) -> str:
    """The line of titles that a file without one lacks, such as `filename,xmin,ymin,xmax,ymax,class`; empty if the columns do not
    show it."""
    rows = [sample.first, *sample.rows]
    width = len(sample.first)
    columns = [[row[place].strip() for row in rows if place < len(row)] for place in range(width)]
    kinds = "".join(map(_kind, columns))
    found = re.search(r"(?<!n)nnnn(?!n{2})", kinds)
    if kinds.count("f") != 1 or not found:
        return ""
    at = found.start()
    rest = kinds[:at] + "bbbb" + kinds[at + 4 :]
    sides = _CORNER if kinds == _MAKE_SENSE else _sides(columns[at : at + 4])
    names = {kinds.index("f"): "filename", **dict(zip(range(at, at + 4), sides, strict=True))}
    label = rest.find("t") if "t" in rest else at + 4 if rest[at + 4 : at + 5] == "n" else -1
    if label >= 0:
        names[label] = "class"
    size = re.search("(?<!n)nn(?!n)", rest)
    if size:
        edges = "xmin" in names.values()
        pair = ("width", "height") if edges else ("image_width", "image_height")
        names |= dict(zip((size.start(), size.start() + 1), pair, strict=True))
    return ",".join(names.get(place, f"column{place + 1}") for place in range(width))


def _kind(cells: Sequence[str]) -> str:
    """f: names of images. n: numbers. t: other texts. Empty cells are of any kind."""
    filled = [cell for cell in cells if cell]
    if filled and all(map(is_number, filled)):
        return "n"
    return "f" if filled and all(walk.is_image(Path(cell)) for cell in filled) else "t"


def _sides(columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The names of four columns: edges, unless a right edge would lie left of the left one."""
    boxes = [tuple(map(parse_number, row)) for row in zip(*columns, strict=False)]
    boxes = [box for box in boxes if not math.isnan(sum(box))]
    wrong = sum(box[2] <= box[0] or box[3] <= box[1] for box in boxes)
    return _CORNER if wrong > _WRONG * len(boxes) else ("xmin", "ymin", "xmax", "ymax")


def is_number(cell: str) -> bool:
    return _NUMBERS.fullmatch(cell.strip().lower()) is not None


def _empty_at_end(row: Sequence[str]) -> int:
    return next((count for count, cell in enumerate(reversed(row)) if cell.strip()), len(row))
