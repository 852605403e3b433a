"""Small grey crops of the objects, from a sample of the records, for the findings that need pixels."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from PIL.Image import Resampling

from boxwright.core import boxes as geometry
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.records.tfrecords import Record
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.class_axes import BACKGROUND_AXES

# A crop is the box and a third of it on each side. The box itself is scaled to SIDE x SIDE pixels, whatever its shape is.
SIDE, MARGIN = 24, 8
WHOLE = SIDE + 2 * MARGIN
IMAGES, SMALLEST = 200, 12
# Crops of one split: 320 MB. Dense data sets have 100 objects an image.
MOST = 50_000
# Pairs of boxes that are compared at once.
_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class Crops:
    """Objects with their surroundings, in grey.

    pixels: (n, WHOLE, WHOLE) in 0..1. class_ids: (n,) from 1. alone: (n,) whether no other box overlaps the object's. splits,
    filenames: (n,) names. scenes: (m, WHOLE, WHOLE) in 0..1, the images that they are from. sides: (n,) the shorter side of
    each box in pixels of the stored image. inside: (n,) whether a box touches no edge of its image.
    """

    pixels: np.ndarray
    class_ids: np.ndarray
    alone: np.ndarray
    splits: np.ndarray
    filenames: np.ndarray
    scenes: np.ndarray = field(default_factory=lambda: np.empty((0, WHOLE, WHOLE), np.float32))
    sides: np.ndarray = field(default_factory=lambda: np.empty(0))
    inside: np.ndarray = field(default_factory=lambda: np.empty(0, bool))


NO_CROPS = Crops(
    np.empty((0, WHOLE, WHOLE), np.float32), np.empty(0, int), np.empty(0, bool), np.empty(0, str), np.empty(0, str)
)


def read(records: Path, data: Data) -> Crops:
    """The first MOST objects of the first IMAGES images of each split, without crowds and objects under 12 px a side.

    Only images that `data` has are read: give it without copies.
    """
    names, found, scenes = set(data.images.filename), [], []
    for split in recordfiles.SPLITS:
        left = MOST
        chosen = (record for record in recordfiles.read(records, split) if record.filename in names)
        for record in itertools.islice(chosen, IMAGES):
            image = record.picture("L")
            scenes.append(np.asarray(image.resize((WHOLE, WHOLE), Resampling.BOX)) / np.float32(255))
            boxes = record.boxes_yxyx[~record.is_crowd]
            sides = short_sides(boxes, image.height, image.width)
            large, within = sides >= SMALLEST, _inside(boxes, image.height, image.width)
            parts = zip(crops(record, np.asarray(image)), sides[large], within[large], strict=True)
            some = list(itertools.islice(parts, left))
            found += [(*crop, split, record.filename, side, whole) for crop, side, whole in some]
            left -= len(some)
    return _stacked(found, scenes)


def _stacked(
    found: Sequence[tuple[np.ndarray, int, bool, str, str, float, bool]], scenes: Sequence[np.ndarray]
) -> Crops:
    pixels, ids, alone, splits, filenames, sides, inside = zip(*found, strict=True) if found else ((),) * 7
    stack, images = (np.array(some, np.float32).reshape(-1, WHOLE, WHOLE) for some in (pixels, scenes))
    names = np.array(splits, str), np.array(filenames, str)
    return Crops(
        stack, np.array(ids, int), np.array(alone, bool), *names, images, np.array(sides, float), np.array(inside, bool)
    )


def crops(record: Record, image: np.ndarray) -> Iterator[tuple[np.ndarray, int, bool]]:
    """(pixels, class id, whether alone) of each object that is no crowd. image: (h, w) uint8, the record's picture."""
    return cut(image, record.boxes_yxyx[~record.is_crowd], record.class_ids[~record.is_crowd])


def cut(image: np.ndarray, boxes_yxyx: np.ndarray, class_ids: np.ndarray) -> Iterator[tuple[np.ndarray, int, bool]]:
    """Like `crops`, from an image (h, w) uint8. Beyond its edge the last row or column is repeated."""
    height, width = image.shape
    at = (np.arange(-MARGIN, SIDE + MARGIN) + 0.5) / SIDE
    large = short_sides(boxes_yxyx, height, width) >= SMALLEST
    chosen = zip(boxes_yxyx[large], class_ids[large], _alone(boxes_yxyx)[large], strict=True)
    for (ymin, xmin, ymax, xmax), class_id, apart in chosen:
        rows = np.clip((ymin + (ymax - ymin) * at) * height, 0, height - 1).astype(int)
        columns = np.clip((xmin + (xmax - xmin) * at) * width, 0, width - 1).astype(int)
        yield image[np.ix_(rows, columns)] / np.float32(255), int(class_id), bool(apart)


def short_sides(boxes_yxyx: np.ndarray, height: int, width: int) -> np.ndarray:
    """(n,) shorter sides in pixels of boxes (n, 4) in 0..1."""
    sides = (boxes_yxyx[:, 2:] - boxes_yxyx[:, :2]) * (height, width)
    return sides.min(1)


def _inside(boxes_yxyx: np.ndarray, height: int, width: int) -> np.ndarray:
    """(n,) whether each box is more than a pixel away from all edges of its image."""
    pixel = np.array([1 / height, 1 / width])
    return (boxes_yxyx[:, :2] > pixel).all(1) & (boxes_yxyx[:, 2:] < 1 - pixel).all(1)


def _alone(boxes_yxyx: np.ndarray) -> np.ndarray:
    """(n,) whether no other box overlaps each box. Blocks of boxes bound the memory."""
    step = max(1, _AT_ONCE // max(1, len(boxes_yxyx)))
    blocks = (boxes_yxyx[start : start + step] for start in range(0, len(boxes_yxyx), step))
    overlaps = [(geometry.intersection(block, boxes_yxyx) > 0).sum(1) for block in blocks]
    return np.concatenate(overlaps) <= 1 if overlaps else np.empty(0, bool)


def backgrounds(found: Crops, classes: Sequence[str]) -> pd.DataFrame:
    """The surroundings of the objects, a third of a box wide: mean and standard deviation of the grey.

    Columns: filename, class, and BACKGROUND_AXES. One row for each class of each image, with the medians over its objects.
    """
    around = np.ones(found.pixels.shape[1:], bool)
    around[MARGIN:-MARGIN, MARGIN:-MARGIN] = False
    grey = found.pixels[:, around]
    values = (grey.mean(1, dtype=float), grey.std(1, dtype=float))
    rows = pd.DataFrame({"filename": found.filenames, "class": np.array(classes, object)[found.class_ids - 1]})
    rows = rows.assign(**dict(zip(BACKGROUND_AXES, values, strict=True)))
    return rows.groupby(["filename", "class"], sort=True).median().reset_index()
