"""Measures whether the objects and the scenes of a data set have an up and a side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from boxwright.diagnose.data import Data, rows
from boxwright.diagnose.measures.object_crops import Crops
from boxwright.diagnose.orientation import told
from boxwright.diagnose.orientation.told import Differences, Share, TurnsTold
from boxwright.diagnose.orientation.witnesses import witnesses

# Fewer pictures do not show whether a turn can be told: with 20, the interval of a share is about +-.2.
ENOUGH = 20
OBJECT = "an object"
# Objects of a class in one picture, and objects in all, that are measured, and classes that are measured apart.
_OF_PICTURE, _OBJECTS, _CLASSES = 4, 3000, 12
# Pictures whose boxes are measured.
_PICTURES = 3000


@dataclass(frozen=True, eq=False, kw_only=True)
class Orientation:
    """objects: of all classes. of_class: of the classes with the most pictures, if they have ENOUGH. scenes: whole images.

    larger_below: the share of pictures in which the objects of a class are the larger, the lower they are; .5 is chance.
    """

    objects: TurnsTold
    of_class: dict[str, TurnsTold]
    scenes: TurnsTold
    larger_below: Share

    @property
    def measured(self) -> dict[str, TurnsTold]:
        """By what they are about, the told turns of objects: of each class, and of all."""
        return {**self.of_class, OBJECT: self.objects}


def measure(crops: Crops, data: Data, seed: int) -> Orientation:
    """data: with each picture once."""
    chosen = _sample(crops, seed)
    pixels, ids = crops.pixels[chosen], crops.class_ids[chosen]
    seen = witnesses(pixels, np.unique(crops.filenames[chosen], return_inverse=True)[1])
    changed = told.differences(pixels, seed)
    every = np.arange(len(chosen))
    of_class = dict(_of_classes(changed, ids, seen, data.classes, seed))
    images = np.arange(len(crops.scenes))
    scenes = told.differences(crops.scenes, seed).told(images, witnesses(crops.scenes, images), seed)
    return Orientation(
        objects=changed.told(every, seen, seed),
        of_class=of_class,
        scenes=scenes,
        larger_below=larger_below(_boxes(data, seed)),
    )


def _sample(crops: Crops, seed: int) -> np.ndarray:
    """Rows of the first few objects of each class in each picture. Copies of a picture have the same first objects."""
    frame = pd.DataFrame({"name": crops.filenames, "split": crops.splits, "id": crops.class_ids})
    first = np.flatnonzero(frame.groupby(["split", "name", "id"]).cumcount().to_numpy() < _OF_PICTURE)
    if len(first) <= _OBJECTS:
        return first
    return np.sort(np.random.default_rng(seed).choice(first, _OBJECTS, replace=False))


def _of_classes(
    changed: Differences, ids: np.ndarray, seen: np.ndarray, classes: Sequence[str], seed: int
) -> Iterator[tuple[str, TurnsTold]]:
    seen_of = np.unique(np.stack([ids, seen], axis=1), axis=0)[:, 0]
    numbers, pictures = np.unique(seen_of, return_counts=True)
    most = np.argsort(-pictures, kind="stable")[:_CLASSES]
    for class_id in numbers[most[pictures[most] >= ENOUGH]]:
        yield classes[int(class_id) - 1], changed.told(np.flatnonzero(ids == class_id), seen, seed)


def _boxes(data: Data, seed: int) -> pd.DataFrame:
    """The objects of up to _PICTURES pictures."""
    ids = data.images.image_id.to_numpy()
    if len(ids) <= _PICTURES:
        return data.objects
    chosen = np.random.default_rng(seed).choice(ids, _PICTURES, replace=False)
    return rows(data.objects, data.objects.image_id.isin(chosen))


def larger_below(objects: pd.DataFrame) -> Share:
    """The share of pictures in which the objects of a class are the larger, the lower they are: a camera that looks along the
    ground sees near objects below far ones. objects: image_id, class_id and the sides of the boxes."""
    height, width = (objects[a].to_numpy() - objects[b].to_numpy() for a, b in (("ymax", "ymin"), ("xmax", "xmin")))
    side, middle = np.log(np.clip(height * width, 1e-12, None)), (objects.ymin + objects.ymax).to_numpy() / 2
    keys = [objects.image_id, objects.class_id]
    apart = [
        values - pd.Series(values, objects.index).groupby(keys).transform("mean").to_numpy()
        for values in (side, middle)
    ]
    together = pd.Series(apart[0] * apart[1], objects.index).groupby(objects.image_id).sum().to_numpy()
    return told.mean((together[together != 0] > 0).astype(float))
