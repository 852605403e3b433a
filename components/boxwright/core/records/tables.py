"""The Parquet tables of images and objects: computed once while converting, so that no later step reads pixels again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from boxwright.core.runtime.errors import UserError

# Of brightness: pictures of one fixed camera are all alike, and any difference of less is as certain as it is without meaning.
VISIBLE = 0.05
IMAGES = "images.parquet"
OBJECTS = "objects.parquet"

# brightness, contrast: mean and standard deviation of luma in 0..1; sharpness: variance of its Laplacian at 320 px;
# dhash: 64-bit difference hash in hex; exif_orientation: as found in the file, 1..8.
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
# ymin..xmax: in 0..1 of height and width; height_px, width_px: of the box in the stored image, before any resize.
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
    """The columns of both tables, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(dict(images), IMAGE_SCHEMA), folder / IMAGES)
    parquet.write_table(pa.table(dict(objects), OBJECT_SCHEMA), folder / OBJECTS)


def images(folder: Path, columns: list[str]) -> pa.Table:
    """Columns of the images, in the order of image_id, as Arrow holds them: in pandas, names and hashes of a million are a
    gigabyte. Raises UserError where there is no such table."""
    return _read(folder, IMAGES, columns)


def read(
    folder: Path, of_images: list[str] | None = None, of_objects: list[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(images, objects), one row each, in the order of image_id; only the columns named, all by default.

    Raises UserError where there are no such tables.
    """
    return _read(folder, IMAGES, of_images).to_pandas(), _read(folder, OBJECTS, of_objects).to_pandas()


def _read(folder: Path, name: str, columns: list[str] | None) -> pa.Table:
    try:
        return parquet.read_table(folder / name, columns=columns)
    except (OSError, pa.ArrowInvalid) as error:
        why = "no tables there" if isinstance(error, FileNotFoundError) else " ".join(str(error).split())
        raise UserError(f"{folder}: {why}; --tables is the folder that `boxwright convert` wrote") from None
