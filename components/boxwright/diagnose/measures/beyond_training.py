"""Held-out images that training does not prepare for: their values lie beyond what training shows, on some axis."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from boxwright.core.records.tables import VISIBLE
from boxwright.core.records.tfrecords import HELD_OUT
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.class_axes import holm

# Training shows what lies between its 1st and 99th percentile, and MARGIN more on either side.
_HIGH = 0.99
# The smallest difference that matters, by axis. Brightness: in luma. The others are logarithms: contrast by a quarter, sharpness
# (a variance) by half, size by a quarter, which is what a mild crop changes it by.
MARGIN = {"brightness": VISIBLE, "contrast": np.log(1.25), "sharpness": np.log(2), "size": np.log(1.25)}
# A fifth of the images beyond training is a kind of image of its own; fewer are single odd images.
_SHARE = 0.2
# Where fewer than this share of training are like the median held-out image, training shows it, but rarely.
_RARE = 0.05
# Images, of training and of the held-out split. Ten that agree can hardly be chance, twenty show a range.
_ENOUGH_TRAIN, _ENOUGH, _P = 20, 10, 0.001


@dataclass(frozen=True)
class Beyond:
    """One axis of one held-out split that differs from training.

    subject: the class, for `size`; else empty. share: of the n images, those beyond training. up: whether their values are
    larger. train, held_out: medians, in luma, in relative contrast or sharpness, or as a share of the image's side.
    distance: from the median to the range of training; 0 or less inside of it. In the unit of MARGIN.
    """

    axis: str
    subject: str
    split: str
    n: int
    share: float
    up: bool
    train: float
    held_out: float
    distance: float

    @property
    def shown(self) -> bool:
        """Whether training shows such images, though rarely."""
        return self.share < _SHARE


def beyond_training(data: Data, measured: pd.DataFrame) -> list[Beyond]:
    """The axes on which a held-out split differs, the largest share first. data: without copies. measured: `class_axes`."""
    found = [found for values in _axes(data, measured) for found in _compared(*values)]
    corrected = holm([p for _, p in found])
    certain = [beyond for (beyond, _), p in zip(found, corrected, strict=True) if p < _P]
    return sorted(certain, key=lambda b: (-b.share, -b.distance, b.axis, b.subject, b.split))


def _axes(data: Data, measured: pd.DataFrame) -> Iterator[tuple[str, str, dict[str, np.ndarray]]]:
    """(axis, class or "", values by split).

    Half the light means half the contrast and a quarter of the sharpness. So contrast is divided by the brightness, and
    sharpness by its square. All but brightness are logarithms.
    """
    images = data.images
    light = pd.to_numeric(images.brightness).to_numpy(float) if "brightness" in images else np.full(len(images), np.nan)
    if "brightness" in images:
        yield "brightness", "", _by_split(images.split, light)
    for axis, power in (("contrast", 1), ("sharpness", 2)):
        if axis in images:
            with np.errstate(divide="ignore", invalid="ignore"):
                relative = np.log(pd.to_numeric(images[axis]).to_numpy(float) / light**power)
            yield axis, "", _by_split(images.split, relative)
    for name, of_class in measured.groupby("class", sort=True):
        yield "size", str(name), _by_split(of_class.split, of_class["size"].to_numpy(float))


def _by_split(splits: pd.Series, values: np.ndarray) -> dict[str, np.ndarray]:
    finite = np.isfinite(values)
    named = splits.to_numpy()
    return {split: values[finite & (named == split)] for split in ("train", *HELD_OUT)}


def _compared(axis: str, subject: str, values: dict[str, np.ndarray]) -> Iterator[tuple[Beyond, float]]:
    """(difference, p) of each held-out split that differs. p: how likely chance alone puts so many images out there."""
    train = values["train"]
    for split in HELD_OUT:
        other = values[split]
        if len(train) >= _ENOUGH_TRAIN and len(other) >= _ENOUGH:
            up = bool(np.median(other) > np.median(train))
            sign = 1 if up else -1
            if found := _beyond(sign * train, sign * other, MARGIN[axis]):
                share, distance, p = found
                here, there = _median(axis, other), _median(axis, train)
                place = (axis, subject, split)
                yield Beyond(*place, len(other), share, up, train=there, held_out=here, distance=distance), p


def _median(axis: str, values: np.ndarray) -> float:
    middle = np.median(values)
    return float(middle if axis == "brightness" else np.exp(middle))


def _beyond(train: np.ndarray, other: np.ndarray, margin: float) -> tuple[float, float, float] | None:
    """(share beyond training, distance of the median, p), for values that are larger in `other`. None: they do not differ.

    The p-value is that of a binomial test. A new value exceeds the largest of n by chance once in n + 1 times.
    """
    edge, rare = np.quantile(train, [_HIGH, 1 - _RARE])
    middle, chance = np.median(other), 1 / (len(train) + 1)
    beyond, limit = other > edge + margin, max(1 - _HIGH, chance)
    if beyond.mean() < _SHARE:
        if middle <= rare or middle - np.median(train) <= margin:
            return None
        hits, limit = other > rare, _RARE + chance
    else:
        hits = beyond
    p = stats.binom.sf(hits.sum() - 1, len(other), limit)
    return float(beyond.mean()), float(middle - edge), float(p)
