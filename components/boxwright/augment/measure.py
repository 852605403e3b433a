"""Measures the training images, to choose the augmentation."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boxwright.augment import mirrored
from boxwright.augment.effect import effect_size
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.records.tfrecords import Record
from boxwright.core.runtime.errors import UserError

_IMAGES = 200
_THUMBNAIL = 32


@dataclass(frozen=True)
class Effect:
    """d: Cohen's d over n crops. None if n is too small."""

    d: float | None
    n: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Measures of a sample of the training images.

    images: number in the sample. height, width: medians, pixels. spread: 95th over 5th percentile, of the heights or the
    widths, whichever is larger.
    upright: by class, how much brighter or darker the upper half of the objects is than the lower half. A class with an upright
    orientation has a large d. Only objects count, not the scene: a microscope's lamp has a side, its cells have none.
    sided: by class, how different the objects look from their mirror images.
    small: share of objects under 12 px at the input. grey: whether the images have no colour.
    images_of: by class, number of training images that contain it, estimated from the sample.
    """

    images: int
    height: int
    width: int
    spread: float
    upright: dict[str, Effect]
    sided: dict[str, mirrored.Sided]
    small: float
    grey: bool
    images_of: dict[str, int]


def facts(records: Path, input_size: int) -> Facts:
    """Measured on the first 200 training images. Raises UserError if there are none."""
    chosen = list(itertools.islice(recordfiles.read(records, "train"), _IMAGES))
    if not chosen:
        raise UserError(f"{records}: no training images; --records is the folder that `boxwright convert` wrote")
    classes = recordfiles.classes(records)
    heights, widths = (np.array([getattr(record, side) for record in chosen]) for side in ("height", "width"))
    objects = recordfiles.manifest(records).splits["train"].per_class
    halves: dict[str, list[float]] = {name: [] for name in classes if objects.get(name)}
    patches: dict[str, list[np.ndarray]] = {name: [] for name in halves}
    saturation = []
    for record in chosen:
        pixels = _pixels(record)
        saturation.append(float(np.ptp(pixels.astype(np.int16), axis=2).mean()))
        grey = pixels.mean(axis=2)
        for name, (top, left, bottom, right) in _boxes(grey, record, classes):
            halves.setdefault(name, []).append(_upper_minus_lower(grey[top:bottom, left:right]))
            if len(patches.setdefault(name, [])) < mirrored.MOST:
                patches[name].append(mirrored.patches(grey, top, left, bottom, right))
    sides = np.concatenate([np.sqrt(np.prod(r.boxes_yxyx[:, 2:] - r.boxes_yxyx[:, :2], axis=1)) for r in chosen])
    images = recordfiles.manifest(records).splits["train"].images
    return Facts(
        images=len(chosen),
        height=int(np.median(heights)),
        width=int(np.median(widths)),
        spread=max(high / low for low, high in map(_middle, (heights, widths))),
        upright={name: Effect(effect_size(np.array(values)), len(values)) for name, values in halves.items()},
        sided=mirrored.measured(patches),
        small=float((sides * input_size < 12).mean()) if len(sides) else 0.0,
        grey=bool(np.mean(saturation) < 2),
        images_of=_images_of([record.class_ids for record in chosen], classes, images),
    )


def _images_of(class_ids: list[np.ndarray], classes: list[str], images: int) -> dict[str, int]:
    """By class, the number of training images that contain it, scaled up from the sample. class_ids: of each sampled image."""
    held = [class_id for of_image in class_ids for class_id in set(of_image.tolist())]
    return {name: round(held.count(at) * images / len(class_ids)) for at, name in enumerate(classes, 1)}


def _middle(values: np.ndarray) -> tuple[float, float]:
    """5th and 95th percentile, so that a few unusual images have no effect."""
    low, high = np.percentile(values, [5, 95])
    return float(low), float(high)


def _pixels(record: Record) -> np.ndarray:
    """(h, w, 3) uint8, at most 320 pixels on a side. More pixels would not change the measures of light."""
    image = record.picture("RGB")
    image.thumbnail((10 * _THUMBNAIL, 10 * _THUMBNAIL))
    return np.asarray(image)


def _boxes(grey: np.ndarray, record: Record, classes: list[str]) -> Iterator[tuple[str, list[int]]]:
    """Class, and top, left, bottom, right in pixels, of each object that is large enough to be cut into halves."""
    height, width = grey.shape
    boxes = np.rint(record.boxes_yxyx * [height, width, height, width]).astype(int).tolist()
    for (top, left, bottom, right), class_id in zip(boxes, record.class_ids, strict=True):
        if bottom - top >= 4 and right - left >= 4:
            yield classes[class_id - 1], [top, left, bottom, right]


def _upper_minus_lower(grey: np.ndarray) -> float:
    """Mean brightness of the upper half minus that of the lower half, relative to the spread of the pixels."""
    half = grey.shape[0] // 2
    return float((grey[:half].mean() - grey[-half:].mean()) / (grey.std() + 1.0))
