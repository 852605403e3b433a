"""Measures the training images, to choose the augmentation."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.records.tfrecords import Record
from boxwright.core.runtime.errors import UserError

_IMAGES = 200
_THUMBNAIL = 320


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Measures of a sample of the training images.

    images: number in the sample. height, width: medians, pixels. spread: 95th over 5th percentile, of the heights or the
    widths, whichever is larger.
    small: share of objects under 12 px at the input. grey: whether the images have no colour.
    images_of: by class, number of training images that contain it, estimated from the sample.
    """

    images: int
    height: int
    width: int
    spread: float
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
    saturation = [float(np.ptp(_pixels(record).astype(np.int16), axis=2).mean()) for record in chosen]
    sides = np.concatenate([np.sqrt(np.prod(r.boxes_yxyx[:, 2:] - r.boxes_yxyx[:, :2], axis=1)) for r in chosen])
    images = recordfiles.manifest(records).splits["train"].images
    return Facts(
        images=len(chosen),
        height=int(np.median(heights)),
        width=int(np.median(widths)),
        spread=max(high / low for low, high in map(_middle, (heights, widths))),
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
    """(h, w, 3) uint8, at most 320 pixels on a side. More pixels would not change the measure of colour."""
    image = record.picture("RGB")
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    return np.asarray(image)
