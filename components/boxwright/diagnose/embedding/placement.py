"""Boxes, the same boxes moved aside, and the same boxes elsewhere in their pictures, as vectors.

A box that lies on its object looks unlike the other two. One that lies beside it does not.
"""

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL.Image import Image

from boxwright.core import near_duplicates
from boxwright.core.records import tfrecords
from boxwright.core.records.tfrecords import SPLITS, Record
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.data import Data, rows
from boxwright.diagnose.embedding import backbone_crops
from boxwright.diagnose.embedding.backbone import Layer
from boxwright.diagnose.embedding.vectors import vectors

BOX, MOVED, ELSEWHERE = 0, 1, 2
# Places around a box that are searched, in sides of the box to each side of it.
_SEARCH = (-1.2, -0.6, 0.0, 0.6, 1.2)
# Pictures and boxes of each: together with the moved ones, at most 1,440 crops, which take two to four seconds.
_PICTURES = {"train": 120, "val": 60, "test": 60}
_PER_PICTURE = 2
# A moved box still shows a part of its object, or of the next one. In sides of the box.
_MOVED_BY = 0.6
_TRIES = 20
# Records that are searched: about two seconds.
_SEARCHED = 2_000
# Pixels that are decoded of a split: about one second.
_PIXELS = 100_000_000
Window = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Around:
    """The places around one box that lie in its picture. windows_yxyx: (k, 4) in 0..1, the box itself first. vectors: (k, d)."""

    windows_yxyx: np.ndarray
    vectors: np.ndarray


@dataclass(frozen=True, eq=False)
class Placed:
    """pictures: (m,) file names. scenes: (m,) number of the scene of each: pictures of one camera share it.

    vectors: (n, d) of crops, not scaled. role: (n,) BOX, MOVED or ELSEWHERE. picture: (n,) the row of `pictures`. Each moved box
    follows its box. Boxes that cannot be moved inside of the picture are not there. boxes_yxyx: (n, 4) in 0..1, as cut.
    """

    pictures: np.ndarray
    scenes: np.ndarray
    vectors: np.ndarray
    role: np.ndarray
    picture: np.ndarray
    boxes_yxyx: np.ndarray


def read(records: Path, data: Data, network: tuple[Layer, ...], seed: int) -> dict[str, Placed]:
    """Some boxes of each split that has objects. data: without copies. Damaged pictures are left out.

    Raises UserError for damaged records.
    """
    found = {split: _of_split(records, data, split, network, seed) for split in SPLITS}
    return {split: placed for split, placed in found.items() if placed}


def around(
    records: Path, network: tuple[Layer, ...], split: str, boxes_yxyx: Mapping[str, np.ndarray]
) -> dict[str, Around]:
    """The places around one box (4,) of each of these pictures, by file name. Damaged pictures are left out.

    Raises UserError for damaged records.
    """
    found = {}
    for record in itertools.islice(tfrecords.read(records, split), _SEARCHED):
        box = boxes_yxyx.get(record.filename)
        picture = None if box is None else _picture(record)
        if box is not None and picture is not None:
            windows = _near(box)
            crops = np.stack([backbone_crops.cut(picture, _window(window)) for window in windows])
            found[record.filename] = Around(windows, vectors(crops, network))
    return found


def _near(box: np.ndarray) -> np.ndarray:
    """(k, 4) the box, and the same box moved to each place of the search that lies in the picture."""
    steps = np.array([step for step in itertools.product(_SEARCH, _SEARCH) if any(step)])
    moves = steps * (box[2:] - box[:2])
    windows = box + np.concatenate([moves, moves], 1)
    return np.concatenate([box[None], windows[(windows.min(1) >= 0) & (windows.max(1) <= 1)]])


def _picture(record: Record) -> Image | None:
    try:
        return record.picture("RGB")
    except UserError:
        return None


def _of_split(records: Path, data: Data, split: str, network: tuple[Layer, ...], seed: int) -> Placed | None:
    random = np.random.default_rng(seed)
    images = _chosen(records, data, split, random)
    crops: list[tuple[np.ndarray, int, Window, str]] = []
    for record in itertools.islice(tfrecords.read(records, split), _SEARCHED if len(images) else 0):
        if record.filename in images.index:
            crops += _crops(record, random)
    if not crops:
        return None
    names = list(dict.fromkeys(name for *_, name in crops))
    row = {name: number for number, name in enumerate(names)}
    return Placed(
        pictures=np.array(names, object),
        scenes=_scenes(images.loc[names]),
        vectors=vectors(np.stack([crop for crop, *_ in crops]), network),
        role=np.array([role for _, role, *_ in crops]),
        picture=np.array([row[name] for *_, name in crops]),
        boxes_yxyx=np.array([window for _, _, window, _ in crops]),
    )


def _chosen(records: Path, data: Data, split: str, random: np.random.Generator) -> pd.DataFrame:
    """The images to look at, by file name: a sample of those with an object that is large enough to be seen."""
    objects, images = data.objects_in(split), data.images_in(split)
    large = (objects.height_px >= backbone_crops.SMALLEST) & (objects.width_px >= backbone_crops.SMALLEST)
    names = _first_names(records, split) if large.any() else set()
    found = rows(images, images.image_id.isin(objects.image_id[large]) & images.filename.isin(names))
    found = found.sample(frac=1, random_state=random)[: _PICTURES[split]].set_index("filename")
    kept = backbone_crops.within_budget(found, _PIXELS)
    return rows(found, pd.Series(found.index.isin(kept), found.index))


def _first_names(records: Path, split: str) -> Collection[str]:
    return {record.filename for record in itertools.islice(tfrecords.read(records, split), _SEARCHED)}


def _scenes(images: pd.DataFrame) -> np.ndarray:
    hashes = images.dhash.where(images.dhash.notna(), None).tolist()
    return np.unique(near_duplicates.same_pictures(images.index.tolist(), hashes).groups, return_inverse=True)[1]


def _crops(record: Record, random: np.random.Generator) -> Iterator[tuple[np.ndarray, int, Window, str]]:
    """Crops of some boxes, their role, what is cut, and the file name."""
    picture = _picture(record)
    if picture is None:
        return
    boxes = np.asarray(record.boxes_yxyx, float)
    sides = (boxes[:, 2:] - boxes[:, :2]) * (record.height, record.width)
    for number in random.permutation(np.flatnonzero((sides >= backbone_crops.SMALLEST).all(1)))[:_PER_PICTURE]:
        for role, window in _windows(boxes[number], boxes, random):
            yield backbone_crops.cut(picture, window), role, window, record.filename


def _windows(box: np.ndarray, boxes: np.ndarray, random: np.random.Generator) -> Iterator[tuple[int, Window]]:
    aside = moved(box, random)
    if aside is not None:
        yield BOX, _window(box)
        yield MOVED, _window(aside)
    away = elsewhere(box, boxes, random)
    if aside is not None and away is not None:
        yield ELSEWHERE, _window(away)


def _window(box: np.ndarray) -> Window:
    ymin, xmin, ymax, xmax = box.tolist()
    return ymin, xmin, ymax, xmax


def moved(box: np.ndarray, random: np.random.Generator) -> np.ndarray | None:
    """The box (4,), moved by _MOVED_BY of its sides in a random direction; None if it does not stay in the picture."""
    angle = random.uniform(0, 2 * np.pi, _TRIES)
    step = _MOVED_BY * np.stack([np.sin(angle), np.cos(angle)], 1) * (box[2:] - box[:2])
    found = box + np.concatenate([step, step], 1)
    found = found[(found.min(1) >= 0) & (found.max(1) <= 1)]
    return found[0] if len(found) else None


def elsewhere(box: np.ndarray, boxes: np.ndarray, random: np.random.Generator) -> np.ndarray | None:
    """A box (4,) as large, at a random place that meets none of boxes (n, 4); None if none was found.

    If there is no room, one of half its sides is tried.
    """
    for share in (1.0, 0.5):
        sides = share * (box[2:] - box[:2])
        start = random.uniform(0, 1, (_TRIES, 2)) * np.maximum(1 - sides, 0)
        found = np.concatenate([start, start + sides], 1)
        apart = (found[:, None, :2] >= boxes[None, :, 2:]) | (found[:, None, 2:] <= boxes[None, :, :2])
        free = found[apart.any(2).all(1)]
        if len(free):
            return free[0]
    return None
