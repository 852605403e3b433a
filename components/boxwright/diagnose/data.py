"""The data set that is diagnosed: the two tables and the classes of the manifest. It has no pixels."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from boxwright.core.records import tables as tables_
from boxwright.core.records import tfrecords as records_
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import distinct_pictures

SIDES = ["ymin", "xmin", "ymax", "xmax"]


def rows(frame: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    """The chosen rows. pandas' own types do not know that they are a frame."""
    return cast(pd.DataFrame, frame[chosen])


@dataclass(frozen=True, eq=False)
class Data:
    """images, objects: the tables that convert wrote, without crowd regions. classes: in the order of their ids 1..n."""

    classes: tuple[str, ...]
    images: pd.DataFrame
    objects: pd.DataFrame

    @cached_property
    def distinct(self) -> "Data":
        """The same data with each picture once in each split. It is what statistics are made of: copies prove nothing."""
        kept = distinct_pictures.distinct(self.images, self.objects)
        if kept.all():
            return self
        images = rows(self.images, pd.Series(kept, self.images.index))
        return Data(self.classes, images, rows(self.objects, self.objects.image_id.isin(images.image_id)))

    def images_in(self, split: str) -> pd.DataFrame:
        return rows(self.images, self.images.split == split)

    def objects_in(self, split: str) -> pd.DataFrame:
        return rows(self.objects, self.objects.split == split)

    def boxes_in(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """boxes_yxyx (n, 4) in 0..1 and class ids (n,) from 1 of one split."""
        objects = self.objects_in(split)
        return objects[SIDES].to_numpy(float), objects.class_id.to_numpy(int)

    def with_files(self, objects: pd.DataFrame) -> pd.DataFrame:
        """Objects of these data, in their order, each with the `filename` of its image."""
        return objects.merge(self.images[["image_id", "filename"]], on="image_id", how="left", sort=False)

    def counts(self, split: str) -> dict[str, int]:
        """Objects of each class in a split; 0 for a class that it does not have."""
        found = Counter(self.objects_in(split)["class"])
        return {name: found[name] for name in self.classes}


def read(records: Path, tables: Path) -> Data:
    """Raises UserError if the tables are not there, or if they belong to other records."""
    files = [tables / tables_.IMAGES, tables / tables_.OBJECTS]
    if missing := [str(f) for f in files if not f.exists()]:
        raise UserError(f"{', '.join(missing)}: no such file; --tables is the folder that `boxwright convert` wrote")
    classes = tuple(records_.classes(records))
    images, objects = tables_.read(tables)
    if why := _misfit(images, objects, classes):
        raise UserError(
            f"{tables}: {why}; give the tables that convert wrote together with --records {records}, or run `boxwright convert` "
            "again"
        )
    return Data(classes, images, rows(objects, ~objects.crowd.astype(bool)))


def _misfit(images: pd.DataFrame, objects: pd.DataFrame, classes: Sequence[str]) -> str:
    """Why the tables cannot be those of one conversion; empty if they can."""
    if images.image_id.duplicated().any():
        return "two images have one id"
    if (images[["width", "height"]] < 1).any(axis=None):
        return "an image has no size"
    if not (objects.image_id.map(images.set_index("image_id").split) == objects.split).all():
        return "an object belongs to no image of its split"
    if not (objects.class_id.map(dict(enumerate(classes, 1))) == objects["class"]).all():
        return "an object has a class that the records lack"
    return ""
