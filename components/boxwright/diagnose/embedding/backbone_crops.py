"""A sample of the training pictures for the backbone: crops of objects and windows of background."""

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from PIL.Image import Image, Resampling

from boxwright.core.records import tfrecords
from boxwright.core.records.tfrecords import Record
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.data import SIDES, Data, rows

# Pixels a side of a crop. The last map of the backbone has 3 x 3 places then.
SIDE = 96
# Pixels a side of the smallest object that is taken: below, it has no features.
SMALLEST = 12
# A crop is the box and this share of its sides on each side: the outline of an object is part of its looks.
_MARGIN = 0.1
# Objects: of one class, of all classes, and of one class in one picture, which would vouch for each other's light and camera.
PER_CLASS, OBJECTS, _PER_PICTURE = 300, 1_200, 4
# Records that are searched, and pixels that are decoded: about two seconds each.
_SEARCHED, _PIXELS = 2_000, 250_000_000
# Pictures for windows of background, with objects and without, each.
WINDOWS = 120
# Side of a window in sides of the shorter side of its picture; places that are tried.
_WINDOW, _TRIES = (0.2, 0.4), 20


@dataclass(frozen=True, eq=False)
class Sampled:
    """pictures: (m,) file names. Images are (n, side, side, 3) uint8, and picture_of (n,) their rows of `pictures`.

    objects: SIDE pixels a side, with class_ids (n,) from 1 and boxes_yxyx (n, 4) in 0..1. windows: background, SIDE pixels a
    side. empty: (m,) whether a picture has no objects.
    """

    pictures: np.ndarray
    empty: np.ndarray
    objects: np.ndarray
    class_ids: np.ndarray
    boxes_yxyx: np.ndarray
    object_picture: np.ndarray
    windows: np.ndarray
    window_picture: np.ndarray


@dataclass
class _Collected:
    pictures: list[str] = field(default_factory=list)
    empty: list[bool] = field(default_factory=list)
    objects: list[tuple[np.ndarray, int, np.ndarray, int]] = field(default_factory=list)
    windows: list[tuple[np.ndarray, int]] = field(default_factory=list)


def read(records: Path, data: Data, seed: int) -> Sampled:
    """A sample of the training pictures that `data` has: give it without copies. Damaged pictures are left out.

    Raises UserError for damaged records.
    """
    random = np.random.default_rng(seed)
    names = {record.filename for record in itertools.islice(tfrecords.read(records, "train"), _SEARCHED)}
    images = data.images_in("train")
    images = rows(images, images.filename.isin(names)).sample(frac=1, random_state=random)
    chosen = choose(data.objects_in("train"), images, random)
    wanted = dict.fromkeys(images.filename[images.image_id.isin(chosen.image_id)])
    wanted |= dict.fromkeys(images.filename[~images.image_id.isin(data.objects.image_id)][:WINDOWS])
    wanted = within_budget(images.set_index("filename").loc[list(wanted)])
    of = chosen.image_id.map(images.set_index("image_id").filename)
    boxes = {name: part[SIDES].to_numpy(np.float32) for name, part in chosen.groupby(of)}
    collected = _Collected()
    for record in itertools.islice(tfrecords.read(records, "train"), _SEARCHED):
        if record.filename in wanted:
            _collect(collected, record, boxes.get(record.filename), random)
    return _stacked(collected)


def choose(objects: pd.DataFrame, images: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Objects of these images to look at: the same number of each class as far as there are, few of one picture."""
    large = (objects.height_px >= SMALLEST) & (objects.width_px >= SMALLEST)
    found = rows(objects, large & objects.image_id.isin(images.image_id)).sample(frac=1, random_state=random)
    found = rows(found, found.groupby(["image_id", "class_id"]).cumcount() < _PER_PICTURE)
    most = min(PER_CLASS, OBJECTS // max(1, found.class_id.nunique()))
    return rows(found, found.groupby("class_id").cumcount() < most)


def within_budget(images: pd.DataFrame, most: int = _PIXELS) -> Collection[str]:
    """The first images, by file name, that have at most this many pixels together."""
    pixels = (images.height.astype("int64") * images.width).cumsum()
    return set(images.index[pixels <= most])


def _collect(into: _Collected, record: Record, boxes: np.ndarray | None, random: np.random.Generator) -> None:
    try:
        picture = record.picture("RGB")
    except UserError:
        return
    number = len(into.pictures)
    into.pictures.append(record.filename)
    into.empty.append(not len(record.boxes_yxyx))
    into.objects += ((*crop, number) for crop in _crops(picture, record, boxes))
    alike = sum(into.empty[picture] == into.empty[number] for _, picture in into.windows)
    if alike < WINDOWS and (window := background(record.boxes_yxyx, record.height, record.width, random)) is not None:
        into.windows.append((cut(picture, window), number))


def _crops(picture: Image, record: Record, boxes: np.ndarray | None) -> Iterator[tuple[np.ndarray, int, np.ndarray]]:
    """Crops of the chosen boxes, their class ids and sides. The chosen ones are found by their sides, as in the table."""
    if boxes is None:
        return
    wanted = {tuple(sides) for sides in boxes.tolist()}
    for sides, class_id in zip(record.boxes_yxyx, record.class_ids, strict=True):
        if tuple(sides.tolist()) in wanted:
            ymin, xmin, ymax, xmax = (float(side) for side in sides)
            height, width = _MARGIN * (ymax - ymin), _MARGIN * (xmax - xmin)
            yield cut(picture, (ymin - height, xmin - width, ymax + height, xmax + width)), int(class_id), sides


def cut(picture: Image, window: tuple[float, float, float, float]) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8: the window (ymin, xmin, ymax, xmax in 0..1), as far as it is in the picture."""
    width, height = picture.size
    ymin, xmin, ymax, xmax = (min(max(side, 0.0), 1.0) for side in window)
    box = (xmin * width, ymin * height, xmax * width, ymax * height)
    return np.asarray(picture.resize((SIDE, SIDE), Resampling.BILINEAR, box=box))


def background(
    boxes_yxyx: np.ndarray, height: int, width: int, random: np.random.Generator
) -> tuple[float, float, float, float] | None:
    """A random square window that meets no box, as (ymin, xmin, ymax, xmax) in 0..1; None if none was found."""
    for _ in range(_TRIES):
        side = random.uniform(*_WINDOW) * min(height, width)
        tall, wide = side / height, side / width
        ymin, xmin = random.uniform(0, 1 - tall), random.uniform(0, 1 - wide)
        apart = (boxes_yxyx[:, 0] >= ymin + tall) | (boxes_yxyx[:, 2] <= ymin)
        apart |= (boxes_yxyx[:, 1] >= xmin + wide) | (boxes_yxyx[:, 3] <= xmin)
        if apart.all():
            return ymin, xmin, ymin + tall, xmin + wide
    return None


def _stacked(found: _Collected) -> Sampled:
    def stack(images: list[np.ndarray]) -> np.ndarray:
        return np.array(images, np.uint8).reshape(len(images), SIDE, SIDE, 3)

    return Sampled(
        pictures=np.array(found.pictures, object),
        empty=np.array(found.empty, bool),
        objects=stack([crop for crop, *_ in found.objects]),
        class_ids=np.array([class_id for _, class_id, _, _ in found.objects], int),
        boxes_yxyx=np.array([sides for *_, sides, _ in found.objects], float).reshape(-1, 4),
        object_picture=np.array([number for *_, number in found.objects], int),
        windows=stack([window for window, _ in found.windows]),
        window_picture=np.array([number for _, number in found.windows], int),
    )
