"""Simulates what random crops of the OD API do to the objects of a data set: Monte Carlo over their boxes, without pixels.

The rules are those of object_detection.core.preprocessor.ssd_random_crop and of TensorFlow's kernel under it,
sample_distorted_bounding_box_op.cc. The kernel counts in whole pixels and computes in float32, so this does, too: with other
rounding, an object that ends at the edge of a window would be lost or kept wrongly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_ATTEMPTS = 100
# A kept object with less in sight is cut.
CUT = 0.75
# Objects of one image, and in all crops together. Larger images count with a random part of their objects, and if the crops hold
# more, there are fewer crops, but 1,000 at least. This bounds time (about 1 s) and memory (about 0.3 GiB).
_MOST_OF_ONE, _MOST = 1_000, 1_000_000

# The boxes of one image, (n, 4) in 0..1, and its height and width in pixels.
Boxed = tuple[np.ndarray, tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class CropCases:
    """The cases of a random crop, one of which is drawn for an image. The defaults are those of ssd_random_crop.

    covered: the share of one object or more that the crop must cover. overlap: objects that it covers less are dropped. whole:
    the share of the draws in which the image stays whole. aspect, area: least and most of width / height of the window in pixels,
    whatever the shape of the image, and of its share of the image's area.
    """

    covered: tuple[float, ...] = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
    overlap: tuple[float, ...] = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
    whole: tuple[float, ...] = (0.15,) * 7
    aspect: tuple[tuple[float, float], ...] = ((0.5, 2.0),) * 7
    area: tuple[tuple[float, float], ...] = ((0.1, 1.0),) * 7

    def __len__(self) -> int:
        return len(self.covered)


SSD_RANDOM_CROP = CropCases()


@dataclass(frozen=True)
class CropEffect:
    """The effect on the objects.
    crops: number of simulated crops. draws: objects in all of them, before cropping. kept: objects that training still sees.
    dropped: share of `draws` that is lost. cut: share of `kept` with less than 75 % visible.
    enlarged: median factor by which the side of a kept object grows.
    """

    crops: int
    draws: int
    kept: int
    dropped: float
    cut: float
    enlarged: float


def simulate(images: Sequence[Boxed], draws: int, seed: int, cases: CropCases = SSD_RANDOM_CROP) -> CropEffect:
    """draws: number of crops, spread evenly over the images that have objects. There are fewer if they hold a million objects."""
    random = np.random.default_rng(seed)
    images = [(_some(boxes_yxyx, random), size) for boxes_yxyx, size in images if len(boxes_yxyx)]
    if not images:
        return CropEffect(crops=0, draws=0, kept=0, dropped=0.0, cut=0.0, enlarged=1.0)
    counts = np.array([len(boxes_yxyx) for boxes_yxyx, _ in images])
    chosen = random.permutation(np.arange(draws) % len(images))
    chosen = chosen[: np.searchsorted(np.cumsum(counts[chosen]), _MOST, "right")]
    boxes_yxyx = np.concatenate([images[image][0] for image in chosen]).astype(np.float32)
    crop_of = np.repeat(np.arange(len(chosen)), counts[chosen])
    windows, thresholds = random_windows(boxes_yxyx, crop_of, np.array([images[i][1] for i in chosen]), random, cases)
    shown = visible(boxes_yxyx, windows[crop_of], thresholds[crop_of])
    return _effect(shown, _areas(windows)[crop_of] ** -0.5, len(chosen))


def _some(boxes_yxyx: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return boxes_yxyx if len(boxes_yxyx) <= _MOST_OF_ONE else random.choice(boxes_yxyx, _MOST_OF_ONE, replace=False)


def _effect(shown: np.ndarray, factors: np.ndarray, crops: int) -> CropEffect:
    """shown: (n,) visible share of each object; 0: dropped. factors: (n,) by how much its crop enlarges a side."""
    kept = shown > 0
    return CropEffect(
        crops=crops,
        draws=len(shown),
        kept=int(kept.sum()),
        dropped=float(1 - kept.mean()),
        cut=float((shown[kept] < CUT).mean()) if kept.any() else 0.0,
        enlarged=float(np.median(factors[kept])) if kept.any() else 1.0,
    )


def visible(boxes_yxyx: np.ndarray, windows: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """(n,) the share of each box inside its window; 0 for a box that is dropped, because the share is under its threshold.

    boxes_yxyx, windows: (n, 4) float32 in 0..1. thresholds: (n,) float32. A box without area is dropped, as the OD API does.
    """
    areas = _areas(boxes_yxyx)
    shares = np.divide(_shared(boxes_yxyx, windows), areas, out=np.zeros_like(areas), where=areas > 0)
    return np.where(shares >= thresholds, shares, np.float32(0))


def random_windows(
    boxes_yxyx: np.ndarray,
    crop_of: np.ndarray,
    sizes: np.ndarray,
    random: np.random.Generator,
    cases: CropCases = SSD_RANDOM_CROP,
) -> tuple[np.ndarray, np.ndarray]:
    """(m, 4) float32: the window of each crop in 0..1, and (m,): the share of a box that must be inside, or the box is dropped.

    boxes_yxyx: (n, 4) float32 in 0..1. crop_of: (n,) the crop in which each box is, 0..m - 1. sizes: (m, 2) height and width
    in pixels. After 100 failed tries the window is the whole image, as in tf.image.sample_distorted_bounding_box.
    """
    sizes = sizes.astype(np.int64)
    windows = np.concatenate([np.zeros_like(sizes), sizes], 1)
    case = random.integers(len(cases), size=len(sizes))
    covered, overlap = (np.array(values, np.float32)[case] for values in (cases.covered, cases.overlap))
    crops = random.random(len(sizes)) > np.array(cases.whole)[case]
    bounds = np.array(cases.aspect, np.float32)[case], np.array(cases.area, np.float32)[case]
    pixels = (np.clip(boxes_yxyx, 0, 1) * np.tile(sizes, 2)[crop_of].astype(np.float32)).astype(np.int64)
    countable = _areas(pixels) >= 1
    pixels, crop_of = pixels[countable], crop_of[countable]
    todo = crops.copy()
    for _ in range(_ATTEMPTS):
        waiting = todo[crop_of]
        pixels, crop_of = pixels[waiting], crop_of[waiting]
        if not len(crop_of):
            break
        at = np.flatnonzero(todo)
        drawn = np.zeros((len(sizes), 4), np.int64)
        drawn[at] = _tried(sizes[at], bounds[0][at], bounds[1][at], random)
        shares = _shared(pixels, drawn[crop_of]).astype(np.float32) / _areas(pixels).astype(np.float32)
        enough = shares >= covered[crop_of]
        done = np.zeros(len(sizes), bool)
        done[crop_of[enough]] = True
        done &= _areas(drawn) > 0
        windows[done], todo = drawn[done], todo & ~done
    scale = np.tile(sizes, 2).astype(np.float32)
    return windows.astype(np.float32) / scale, np.where(crops, overlap, np.float32(0))


def _tried(sizes: np.ndarray, aspect: np.ndarray, area: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(m, 4) int: one window for each image, in pixels; 0, 0, 0, 0 if the kernel refuses it. sizes: (m, 2) height and width.
    aspect, area: (m, 2) float32, least and most of each.

    The height is uniform between those of the smallest and the largest window of the drawn aspect ratio. The window never
    touches the image's bottom or right edge, unless it has the image's whole height or width: so the kernel draws it.
    """
    heights, widths = sizes.T
    shape = random.random(len(sizes), np.float32) * (aspect[:, 1] - aspect[:, 0]) + aspect[:, 0]
    least, most = (share * widths.astype(np.float32) * heights.astype(np.float32) for share in area.T)
    tallest = _round(np.sqrt(most / shape))
    too_wide = _round(tallest * shape) > widths
    tallest = np.where(too_wide, ((widths + 0.5 - 1e-7) / shape).astype(np.int64), tallest)
    tallest = np.minimum(tallest - (_round(tallest * shape) > widths), heights)
    height = np.minimum(_round(np.sqrt(least / shape)), tallest)
    height = height + random.integers(tallest - height + 1)
    height = height + (height * _round(height * shape) < least)
    height = height - (height * _round(height * shape) > most)
    width = _round(height * shape)
    pixels = height * width
    valid = (pixels >= least) & (pixels <= most) & (width <= widths) & (height <= heights) & (pixels > 0)
    top, left = (random.integers(np.maximum(whole - part, 1)) for whole, part in ((heights, height), (widths, width)))
    return np.where(valid[:, None], np.stack([top, left, top + height, left + width], 1), 0)


def _round(values: np.ndarray) -> np.ndarray:
    """As lrintf: in float32, half to even."""
    return np.rint(values.astype(np.float32)).astype(np.int64)


def _areas(boxes_yxyx: np.ndarray) -> np.ndarray:
    return (boxes_yxyx[:, 2] - boxes_yxyx[:, 0]) * (boxes_yxyx[:, 3] - boxes_yxyx[:, 1])


def _shared(boxes_yxyx: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """(n,) the area that each box shares with its own window."""
    low = np.maximum(boxes_yxyx[:, :2], windows[:, :2])
    sides = np.maximum(np.minimum(boxes_yxyx[:, 2:], windows[:, 2:]) - low, 0)
    return sides[:, 0] * sides[:, 1]
