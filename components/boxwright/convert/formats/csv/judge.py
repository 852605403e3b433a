"""Decides whether a csv can be read, and by which columns; if not, says what is missing."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from boxwright.convert.formats.csv import columns, samples
from boxwright.convert.formats.csv.columns import COLUMNS, Columns
from boxwright.convert.formats.csv.samples import Sample
from boxwright.core.runtime.errors import few

SUFFIXES = (".csv", ".tsv")
# Columns that name no class, although they are texts. Numbers and file names are no classes either.
_NO_CLASS = frozenset((
    *("source", "width", "height", "image_width", "image_height", "split", "set", "subset", "fold", "usage", "date", "time"),
    *("timestamp", "url", "image_url", "uuid", "annotator", "user", "domain", "folder", "id"),
))  # fmt: skip
# A csv with more different texts than this in a column does not name classes there: names of files and notes.
_MOST_CLASSES, _CHARACTERS = 200, 60
# Columns of a list of classes, such as keras-retinanet's `classes.csv`: a name and a number.
_CLASS_LIST = 2
# Columns of a table by other names. Real ones have up to 50, and each of them is compared with all names.
_MOST_TITLES = 200
_Reason = str


def is_csv(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES


def judge(file: Path) -> Columns | _Reason:
    """The columns to read, or why the csv is not read, as the end of a sentence that begins with its name.

    The reason is empty for a list of classes, which is not meant to be read.
    """
    sample = samples.of_file(file)
    if columns.is_exact(sample.titles):
        return columns.EXACT if {"width", "height"} <= set(sample.titles) else columns.WITHOUT_SIZE
    if len(sample.titles) > _MOST_TITLES:
        return f"has {len(sample.titles):,} columns, and lacks some of {', '.join(COLUMNS)}"
    if sample.looks_headless:
        return _no_titles(sample)
    chosen, titles = columns.choose(sample.titles), set(sample.titles)
    if {"imageid", "labelname"} <= titles or "region_shape_attributes" in titles:
        return _missing(sample)  # of Open Images and VIA, which other formats read
    if columns.has_four_corners(titles):
        return "has the four corners of each object; write its smallest box as xmin, ymin, xmax, ymax"
    if chosen and (score := columns.score_in(titles)):
        return (
            f"has a column {score}, as the detections of a model have; remove the column, if a person drew these boxes"
        )
    return _with_order(chosen, sample) if chosen else _missing(sample)


def too_long(file: Path) -> str:
    """Why the rows of a file do not fit its first line; empty if they do."""
    lengths = samples.of_file(file).longer
    if not lengths:
        return ""
    return (
        f"has rows of {lengths[0]} cells below {lengths[1]} titles; if its numbers have decimal commas, separate the cells by "
        "semicolons, or write decimal points"
    )


def _no_titles(sample: Sample) -> _Reason:
    if len(sample.first) <= _CLASS_LIST:
        return ""
    if header := samples.header_for(sample):
        return f"has no line with the names of its columns; add `{header}` as its first line"
    shown = few(sample.first, 12)
    return (
        f"has no line with the names of its columns (it begins with {shown}); add one with {', '.join(COLUMNS)}, in the order "
        "that the columns have"
    )


def _missing(sample: Sample) -> _Reason:
    """The columns that are not there, and those that are."""
    names = columns.missing(sample.titles) or list(COLUMNS)
    titles = few([title for title in sample.titles if title], 12)
    return (
        f"has no column {' and no column '.join(names)} in its first line ({titles}); if another column holds it, "
        "rename that column"
    )


def _with_order(chosen: Columns, sample: Sample) -> Columns | _Reason:
    """The columns with a decided order of the numbers of a box."""
    if chosen.kind == "unclear":
        return _with_corner_or_center(chosen, sample)
    if chosen.kind == "list":
        return _with_order_of_list(chosen, sample)
    return chosen if chosen.label else _without_class(chosen, sample)


def _with_corner_or_center(chosen: Columns, sample: Sample) -> Columns | _Reason:
    x, y, width, height = chosen.box
    order = samples.corner_or_center(zip(*map(sample.column, chosen.box), strict=True), _sizes(chosen, sample))
    if not order:
        return (
            f"has the columns {x}, {y}, {width}, {height}, where {x} and {y} can be the corner or the middle of the box; "
            "rename them to left, top, width, height or to center_x, center_y, width, height"
        )
    decided = chosen._replace(order=order)
    return decided if chosen.label else _without_class(decided, sample)


def _sizes(chosen: Columns, sample: Sample) -> Iterator[tuple[str, ...]]:
    """Width and height of the image of each row; empty texts if the table does not have them."""
    return zip(*map(sample.column, chosen.size), strict=True) if chosen.size else (("", "") for _ in sample.rows)


def _with_order_of_list(chosen: Columns, sample: Sample) -> Columns | _Reason:
    (title,) = chosen.box
    cells = sample.column(title)
    first = next((cell for cell in cells if cell), "")
    if len(samples.numbers_in(first)) != 4:
        return f"has a column {title} without four numbers ({first[:60]!r}); write them as xmin, ymin, xmax, ymax"
    order = samples.order_of(cells, _sizes(chosen, sample))
    if not order:
        return (
            f"has a column {title} with four numbers ({first[:60]!r}), which can be left, top, right, bottom or left, top, "
            "width, height; write them into columns xmin, ymin, xmax, ymax"
        )
    decided = chosen._replace(order=order)
    return decided if chosen.label else _without_class(decided, sample)


def _without_class(chosen: Columns, sample: Sample) -> Columns | _Reason:
    """A table without a class has one class only, unless a column with words could name it."""
    may_name = [title for title in sample.titles if title and title not in chosen.used and _may_name(title, sample)]
    if not may_name:
        return chosen
    return (
        f"has no column class in its first line; rename the column that holds it ({few(may_name, 5)}), or add a column class "
        "with the same word in each row, if all objects are of one class"
    )


def _may_name(title: str, sample: Sample) -> bool:
    texts = {cell for cell in sample.column(title) if cell}
    if title in _NO_CLASS or not texts or len(texts) > _MOST_CLASSES:
        return False
    return not all(map(samples.is_number, texts)) and _are_short(tuple(texts))


def _are_short(texts: Sequence[str]) -> bool:
    return all(len(text) <= _CHARACTERS for text in texts)
