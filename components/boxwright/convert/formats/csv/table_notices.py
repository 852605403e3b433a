"""What is said about a csv that has other names of columns, decimal commas, or rows without an object."""

from collections.abc import Mapping, Sequence

from boxwright.convert import notices
from boxwright.convert.formats.csv import boxes
from boxwright.convert.formats.csv.boxes import Row
from boxwright.convert.formats.csv.columns import Columns
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import few


def build(file: str, columns: Columns, rows: Mapping[str, Sequence[Row]], commas: str) -> list[Finding]:
    """file: its name. rows: by image. commas: a number with a decimal comma, or empty."""
    found = [_renamed(file, columns)] if columns.renamed() else []
    found += [] if columns.label else [_one_class(file)]
    found += [_commas(file, commas, sum(map(len, rows.values())))] if commas else []
    empty = [name for name, own in rows.items() if not any(boxes.has_object(row, columns) for row in own)]
    return found + ([_backgrounds(file, empty, len(rows))] if empty else [])


def _renamed(file: str, columns: Columns) -> Finding:
    pairs = columns.renamed()
    return notices.build(
        "columns_by_other_names", "The columns of a csv have other names",
        f"{file}: convert read {few(pairs)}", count=len(pairs), of=len(columns.used), what="columns", severity="low",
        remedy="If a column means something else, rename the columns to filename, class, xmin, ymin, xmax, ymax.",
    )  # fmt: skip


def _one_class(file: str) -> Finding:
    return notices.build(
        "no_class_column", "A csv has no column of classes",
        f"{file}: no column names a class, so all objects have the class `{boxes.ONLY_CLASS}`", count=1, of=1, what="files",
        severity="low", remedy="If the objects are of several classes, add a column class.",
    )  # fmt: skip


def _commas(file: str, example: str, total: int) -> Finding:
    return notices.build(
        "decimal_commas", "The numbers of a csv have decimal commas",
        f"{file}: the numbers have decimal commas: {example} was read as {example.replace(',', '.')}",
        count=total, of=total, what="rows",
    )  # fmt: skip


def _backgrounds(file: str, names: Sequence[str], total: int) -> Finding:
    return notices.build(
        "rows_without_object", "Rows without class and box name images without objects",
        f"{file}: {plurals.count(len(names), 'image', 'has')} a row without class and box, which stands for background: "
        f"{few(names, 3)}", count=len(names), of=total, items=tuple(names[:1000]),
        remedy="If these images show objects, label them. If they do not, nothing is wrong: they are used as background.",
    )  # fmt: skip
