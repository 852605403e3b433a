"""The Parquet tables of images and objects. Convert computes them once, so that later steps need not read pixels again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow_hotfix  # noqa: F401  (without it, pyarrow 10 unpickles what a Parquet file holds: CVE-2023-47248)
from pyarrow import compute, parquet

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, brief

# Smallest difference in brightness that matters. Images of one fixed camera vary so little that smaller differences are
# statistically certain but have no practical effect.
VISIBLE = 0.05
IMAGES = "images.parquet"
OBJECTS = "objects.parquet"

# brightness, contrast: mean and standard deviation of luma in 0..1; sharpness: variance of luma's Laplacian at 320 px;
# dhash: 64-bit difference hash in hex; exif_orientation: as in the file, 1..8.
IMAGE_SCHEMA = pa.schema(
    [
        ("image_id", pa.int64()),
        ("filename", pa.string()),
        ("split", pa.string()),
        ("height", pa.int32()),
        ("width", pa.int32()),
        ("brightness", pa.float32()),
        ("contrast", pa.float32()),
        ("sharpness", pa.float32()),
        ("dhash", pa.string()),
        ("exif_orientation", pa.int32()),
        ("objects", pa.int32()),
    ]
)
# ymin..xmax: fractions of height and width, 0..1; height_px, width_px: size of the box in the stored image, before any resize.
OBJECT_SCHEMA = pa.schema(
    [
        ("image_id", pa.int64()),
        ("split", pa.string()),
        ("class_id", pa.int32()),
        ("class", pa.string()),
        *((side, pa.float32()) for side in ("ymin", "xmin", "ymax", "xmax", "height_px", "width_px")),
        *((flag, pa.bool_()) for flag in ("difficult", "crowd", "truncated", "clipped")),
    ]
)
# Bytes of a table in memory: that of Open Images' 15 million objects has 1.3 GiB. A small file can claim any size.
_MOST_BYTES = 8 * limits.GIB
# Of a row of objects without its texts; a row of images has less.
_ROW_BYTES = 64
_DHASH = "^[0-9a-f]{16}$"


# The values of a column.
Column = Sequence | np.ndarray


def write(folder: Path, images: Mapping[str, Column], objects: Mapping[str, Column]) -> None:
    """Writes both tables. images, objects: columns by name."""
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(dict(images), IMAGE_SCHEMA), folder / IMAGES)
    parquet.write_table(pa.table(dict(objects), OBJECT_SCHEMA), folder / OBJECTS)


def images(folder: Path, columns: list[str]) -> pa.Table:
    """Columns of the image table, in the order of image_id. They stay in Arrow: in pandas, the names and hashes of a million
    images take a gigabyte. Raises UserError if the table does not exist."""
    return _read(folder, IMAGES, columns)


def read(
    folder: Path, of_images: list[str] | None = None, of_objects: list[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(images, objects), one row each, in the order of image_id. Reads only the named columns; default: all.

    Raises UserError if the tables do not exist, or are not as `write` writes them.
    """
    return _read(folder, IMAGES, of_images).to_pandas(), _read(folder, OBJECTS, of_objects).to_pandas()


def _read(folder: Path, name: str, columns: list[str] | None) -> pa.Table:
    schema = {IMAGES: IMAGE_SCHEMA, OBJECTS: OBJECT_SCHEMA}[name]
    wanted = pa.schema([schema.field(column) for column in schema.names if columns is None or column in columns])
    try:
        table = _read_counted(folder / name, wanted)
        _check_values(table, name)
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError, pa.ArrowException) as error:
        why = "it has no tables" if isinstance(error, FileNotFoundError) else brief(error)
        raise UserError(
            f"{folder}: {why}; expected the folder of tables that `boxwright convert` wrote (--tables)"
        ) from None
    return table


def _read_counted(file: Path, wanted: pa.Schema) -> pa.Table:
    """The wanted columns. Raises UserError if they are too large, and pyarrow's errors if they are damaged or of another type.

    Texts are read as a dictionary, in which a text that every row has takes its size once. Whole row groups are read, because
    the `iter_batches` of pyarrow 10 crashes if columns differ in length.
    """
    texts = [field.name for field in wanted if pa.types.is_string(field.type)]
    with parquet.ParquetFile(file, read_dictionary=texts) as opened:
        limits.check_size(opened.metadata.num_rows * _ROW_BYTES, _MOST_BYTES, file)
        groups = [opened.read_row_group(i, wanted.names) for i in range(opened.num_row_groups)]
        table = pa.concat_tables(groups) if groups else opened.schema_arrow.empty_table()
    table = table.select(wanted.names)
    table.validate(full=True)
    limits.check_size(sum(map(_size, table.columns)), _MOST_BYTES, file)
    return table.cast(wanted)


def _size(column: pa.ChunkedArray) -> int:
    """Bytes of a column. Of texts: after each row has its own."""
    if not pa.types.is_dictionary(column.type):
        return column.nbytes
    lengths = (
        compute.call_function("binary_length", [chunk.dictionary]).take(chunk.indices) for chunk in column.chunks
    )
    return sum(compute.call_function("sum", [compute.cast(one, pa.int64())]).as_py() or 0 for one in lengths)


def _check_values(table: pa.Table, name: str) -> None:
    """Raises ValueError for a value that `write` never gets."""
    for column in table.column_names:
        values = table[column]
        if column in ("image_id", "split", "class_id", "class", "filename") and values.null_count:
            raise ValueError(f"{name}: {column} lacks values")
        if column == "dhash" and not _all("match_substring_regex", values, compute.MatchSubstringOptions(_DHASH)):
            raise ValueError(f"{name}: dhash has a value that is no hash of 64 bits")
        if pa.types.is_floating(values.type) and not _all("is_finite", values):
            raise ValueError(f"{name}: {column} has a value that is not a number")


def _all(test: str, values: pa.ChunkedArray, options: compute.FunctionOptions | None = None) -> bool:
    """Whether all values pass one of pyarrow's tests. A missing value passes."""
    passed = compute.call_function(test, [values], options)
    return compute.call_function("all", [passed], compute.ScalarAggregateOptions(min_count=0)).as_py()
