"""The Parquet tables of images and objects. Convert computes them once, so that later steps need not read pixels again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from boxwright.core.runtime.errors import UserError

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

    Raises UserError if the tables do not exist.
    """
    return _read(folder, IMAGES, of_images).to_pandas(), _read(folder, OBJECTS, of_objects).to_pandas()


def _read(folder: Path, name: str, columns: list[str] | None) -> pa.Table:
    try:
        return parquet.read_table(folder / name, columns=columns)
    except (OSError, pa.ArrowInvalid) as error:
        why = "it has no tables" if isinstance(error, FileNotFoundError) else " ".join(str(error).split())
        raise UserError(
            f"{folder}: {why}; expected the folder of tables that `boxwright convert` wrote (--tables)"
        ) from None
