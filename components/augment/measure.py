"""What the training images say about which augmentation they can bear."""

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boxwright.core import records as recordfiles
from boxwright.core.records import Record

_IMAGES = 200
_THUMBNAIL = 32


@dataclass(frozen=True, kw_only=True)
class Facts:
    """height, width: median of the training images, pixels. aspect: smallest and largest width / height.
    upright: effect size of 'the upper half is brighter than the lower half' over the crops of each class: a class with an up
    and a down has a large one. The whole scene is not asked: a microscope's lamp has a side, its cells have none.
    small: share of objects under 12 px at the input. grey: the images hold no colour."""

    images: int
    height: int
    width: int
    aspect: tuple[float, float]
    upright: dict[str, float]
    small: float
    grey: bool


def facts(records: Path, input_size: int) -> Facts:
    """Measured on at most the first 200 training images."""
    chosen = list(itertools.islice(recordfiles.read(records, "train"), _IMAGES))
    classes = recordfiles.classes(records)
    heights, widths = (np.array([getattr(record, side) for record in chosen]) for side in ("height", "width"))
    halves: dict[str, list[float]] = {}
    saturation = []
    for record in chosen:
        pixels = _pixels(record)
        saturation.append(float(np.ptp(pixels.astype(np.int16), axis=2).mean()))
        grey = pixels.mean(axis=2)
        for name, crop in _crops(grey, record, classes):
            halves.setdefault(name, []).append(_upper_minus_lower(crop))
    sides = np.concatenate([np.sqrt(np.prod(r.boxes_yxyx[:, 2:] - r.boxes_yxyx[:, :2], axis=1)) for r in chosen])
    return Facts(
        images=len(chosen),
        height=int(np.median(heights)),
        width=int(np.median(widths)),
        aspect=(float((widths / heights).min()), float((widths / heights).max())),
        upright={name: effect_size(np.array(values)) for name, values in halves.items()},
        small=float((sides * input_size < 12).mean()) if len(sides) else 0.0,
        grey=bool(np.mean(saturation) < 2),
    )


def effect_size(values: np.ndarray) -> float:
    """Cohen's d of (n,) values against 0: mean over standard deviation; 0 where there are too few to tell."""
    if len(values) < 8 or values.std() == 0:
        return 0.0
    return float(values.mean() / values.std(ddof=1))


def _pixels(record: Record) -> np.ndarray:
    """(h, w, 3) uint8, at most 320 pixels wide: the shape of the light does not need more."""
    from PIL import Image

    image = Image.open(io.BytesIO(record.encoded)).convert("RGB")
    image.thumbnail((10 * _THUMBNAIL, 10 * _THUMBNAIL))
    return np.asarray(image)


def _crops(grey: np.ndarray, record: Record, classes: list[str]) -> Iterator[tuple[str, np.ndarray]]:
    height, width = grey.shape
    boxes = np.rint(record.boxes_yxyx * [height, width, height, width]).astype(int)
    for (top, left, bottom, right), class_id in zip(boxes, record.class_ids, strict=True):
        if bottom - top >= 4 and right - left >= 4:
            yield classes[class_id - 1], grey[top:bottom, left:right]


def _upper_minus_lower(grey: np.ndarray) -> float:
    """Difference of the halves' mean brightness, relative to the spread of the pixels."""
    half = grey.shape[0] // 2
    return float((grey[:half].mean() - grey[-half:].mean()) / (grey.std() + 1.0))
