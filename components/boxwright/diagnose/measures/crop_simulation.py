"""Simulates what `ssd_random_crop` does to the objects of a data set: Monte Carlo over their boxes, without pixels."""

from dataclasses import dataclass

import numpy as np

from boxwright.core import boxes

# The defaults of object_detection.core.preprocessor.ssd_random_crop. It draws one of seven shares. In 15 % of the draws the image
# stays whole. Otherwise the crop must cover this share of one object or more. Objects that it covers less are dropped.
_COVERED = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
_KEEP_WHOLE = 0.15
_ASPECT, _AREA = (0.5, 2.0), (0.1, 1.0)
_ATTEMPTS = 100
_CUT = 0.75


@dataclass(frozen=True)
class CropEffect:
    """The effect on the objects.
    draws: objects in all simulated crops, before cropping. kept: objects that training still sees.
    dropped: share of `draws` that is lost. cut: share of `kept` with less than 75 % visible.
    enlarged: median factor by which the side of a kept object grows.
    """

    draws: int
    kept: int
    dropped: float
    cut: float
    enlarged: float


def simulate(images: list[tuple[np.ndarray, float]], draws: int, seed: int) -> CropEffect:
    """images: boxes_yxyx (n, 4) in 0..1 and width / height of each image. draws: number of crops; they cycle through images."""
    random = np.random.default_rng(seed)
    visible, factors = [], []
    for i in range(draws):
        boxes_yxyx, aspect = images[i % len(images)]
        window, threshold = random_window(boxes_yxyx, aspect, random)
        shown = boxes.area(boxes.clip(boxes_yxyx, window)) / boxes.area(boxes_yxyx)
        kept = (shown > 0) & (shown >= threshold)
        visible.append(np.where(kept, shown, 0.0))
        factors.append(np.full(int(kept.sum()), boxes.area(window[None])[0] ** -0.5))
    shown, factors = np.concatenate(visible), np.concatenate(factors)
    kept = shown > 0
    if not kept.any():
        return CropEffect(draws=len(shown), kept=0, dropped=1.0, cut=0.0, enlarged=1.0)
    return CropEffect(
        draws=len(shown),
        kept=int(kept.sum()),
        dropped=float(1 - kept.mean()),
        cut=float((shown[kept] < _CUT).mean()),
        enlarged=float(np.median(factors)),
    )


def random_window(boxes_yxyx: np.ndarray, aspect: float, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """One crop window (ymin, xmin, ymax, xmax) in 0..1, and the share of an object that must be inside to keep the object.

    After 100 failed tries the window is the whole image, as in tf.image.sample_distorted_bounding_box.
    """
    whole = np.array([0.0, 0.0, 1.0, 1.0])
    covered = _COVERED[random.integers(len(_COVERED))]
    if random.random() < _KEEP_WHOLE:
        return whole, 0.0
    areas = boxes.area(boxes_yxyx)
    for _ in range(_ATTEMPTS):
        window = _window(aspect, random)
        if (boxes.area(boxes.clip(boxes_yxyx, window)) >= np.maximum(covered * areas, 1e-12)).any():
            return window, covered
    return whole, covered


def _window(aspect: float, random: np.random.Generator) -> np.ndarray:
    """A window of random aspect ratio (0.5 to 2, in pixels), size (10 to 100 % of the area) and position."""
    shape = random.uniform(*_ASPECT) / aspect  # width / height in units of the image's sides
    low, high = np.sqrt(_AREA[0] / shape), min(np.sqrt(_AREA[1] / shape), 1.0, 1.0 / shape)
    height = random.uniform(min(low, high), high)
    width = min(height * shape, 1.0)
    y, x = random.uniform(0, 1 - height), random.uniform(0, 1 - width)
    return np.array([y, x, y + height, x + width])
