"""Findings on the labels as the pixels show them: boxes beside their objects, objects of a class that stand on their head.

Looks at a sample of the records, small and grey; the other findings need no pixels.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from boxwright.core import boxes as geometry
from boxwright.core.findings import Finding, Severity
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.records.tfrecords import Record
from boxwright.diagnose.findings.anchor_coverage import share
from boxwright.diagnose.findings.diversity import BACKGROUND_AXES

# A crop is the box and a third of it around; the box itself is SIDE pixels wide and high whatever its shape.
SIDE, MARGIN = 24, 8
IMAGES, _ENOUGH, _SMALLEST = 200, 30, 12
# Moved: this share of a side away from where the class's boxes lie. Asked only of classes of which three quarters lie within
# CLOSE of it: on BCCD and on playing cards no class has edges that clear, and nothing is claimed.
_MOVED, _CLOSE = 0.12, 0.05
_FLAT = 0.05  # standard deviation of grey under which an object has no features
# Two poles: kurtosis of the scores; 1 is two points, 1.5 a class that lies at all angles, 3 chance (a normal).
_TWO_POLES, _STRENGTH = 1.3, 0.2
_TURNED: dict[Severity, float] = {"high": 0.1, "medium": 0.03}
_SHIFTED: dict[Severity, float] = {"high": 0.05, "medium": 0.025}


@dataclass(frozen=True, eq=False)
class Crops:
    """pixels: (n, SIDE + 2 MARGIN, the same) grey in 0..1, each object with its surroundings; class_ids: (n,) from 1; alone: (n,)
    whether no other box overlaps its own; splits, filenames: (n,) names."""

    pixels: np.ndarray
    class_ids: np.ndarray
    alone: np.ndarray
    splits: np.ndarray
    filenames: np.ndarray


def read(records: Path) -> Crops:
    """The objects of at most the first IMAGES of each split, but for crowds and for those under 12 px a side."""
    found = [
        (*crop, split, record.filename)
        for split in recordfiles.SPLITS
        for record in itertools.islice(recordfiles.read(records, split), IMAGES)
        for crop in crops(record)
    ]
    pixels, ids, alone, splits, filenames = zip(*found, strict=True) if found else ((), (), (), (), ())
    shape = (-1, SIDE + 2 * MARGIN, SIDE + 2 * MARGIN)
    stack = np.array(pixels, np.float32).reshape(shape)
    return Crops(stack, np.array(ids, int), np.array(alone, bool), np.array(splits, str), np.array(filenames, str))


def crops(record: Record) -> Iterator[tuple[np.ndarray, int, bool]]:
    """(pixels, class id, whether alone) of each object."""
    return cut(np.asarray(record.picture("L")), record.boxes_yxyx[~record.is_crowd], record.class_ids[~record.is_crowd])


def cut(image: np.ndarray, boxes_yxyx: np.ndarray, class_ids: np.ndarray) -> Iterator[tuple[np.ndarray, int, bool]]:
    """The same of an image (h, w) uint8; beyond its edge the last row or column goes on."""
    height, width = image.shape
    at = (np.arange(-MARGIN, SIDE + MARGIN) + 0.5) / SIDE
    overlapping = geometry.intersection(boxes_yxyx, boxes_yxyx) > 0
    alone = overlapping.sum(1) <= 1
    for (ymin, xmin, ymax, xmax), class_id, apart in zip(boxes_yxyx, class_ids, alone, strict=True):
        if min((ymax - ymin) * height, (xmax - xmin) * width) >= _SMALLEST:
            rows = np.clip((ymin + (ymax - ymin) * at) * height, 0, height - 1).astype(int)
            columns = np.clip((xmin + (xmax - xmin) * at) * width, 0, width - 1).astype(int)
            yield image[np.ix_(rows, columns)] / np.float32(255), int(class_id), bool(apart)


def behind(found: Crops, classes: Sequence[str]) -> pd.DataFrame:
    """What lies around the objects, third of a box wide: filename, class, and of the grey there mean and standard deviation, by
    the names of `diversity.BACKGROUND_AXES`; one row for each class of each image, medians over its objects."""
    around = np.ones(found.pixels.shape[1:], bool)
    around[MARGIN:-MARGIN, MARGIN:-MARGIN] = False
    grey = found.pixels[:, around]
    values = (grey.mean(1, dtype=float), grey.std(1, dtype=float))
    rows = pd.DataFrame({"filename": found.filenames, "class": np.array(classes, object)[found.class_ids - 1]})
    rows = rows.assign(**dict(zip(BACKGROUND_AXES, values, strict=True)))
    return rows.groupby(["filename", "class"], sort=True).median().reset_index()


def findings(found: Crops, classes: Iterable[str]) -> list[Finding]:
    per_class = [f for i, name in enumerate(classes, 1) for f in (upside_down(found, i, name), shifted(found, i, name))]
    return [f for f in per_class if f]


def offsets(pixels: np.ndarray) -> np.ndarray:
    """(n, 2) down and right: by what share of its side a box must move so that edges of the picture lie under its own.

    For each axis the shift, up to a third of the side, under which both sides meet the strongest gradient; the gradient is
    taken over the middle of a side, where round objects touch it.
    """
    middle = slice(MARGIN + SIDE // 4, MARGIN + SIDE - SIDE // 4)
    down = np.abs(np.diff(pixels, axis=1))[:, :, middle].mean(2)
    right = np.abs(np.diff(pixels, axis=2))[:, middle].mean(1)
    return np.stack([_shift(profile) for profile in (down, right)], axis=1) / SIDE


def _shift(profile: np.ndarray) -> np.ndarray:
    """(n,) pixels from -MARGIN + 1 to MARGIN - 1; profile: (n, length) gradients, each between two rows or columns."""
    steps = np.arange(-MARGIN + 1, MARGIN)
    first, last = MARGIN - 1 + steps, MARGIN + SIDE - 1 + steps
    strength = np.minimum(profile[:, first], profile[:, last])
    return steps[strength.argmax(1)]


def shifted(found: Crops, class_id: int, name: str) -> Finding | None:
    """Boxes that lie beside their objects while most of their class lie upon them. Objects that others overlap are not asked:
    the edges near their boxes are those of the others."""
    pixels = found.pixels[(found.class_ids == class_id) & (found.splits == "train") & found.alone]
    if len(pixels) < _ENOUGH:
        return None
    hits = moved(offsets(pixels))
    severity = next((s for s, limit in _SHIFTED.items() if hits.mean() >= limit), None)
    if not severity:
        return None
    return Finding(
        id="shifted_boxes",
        subject=name,
        cause="data_quality",
        severity=severity,
        claim=f"{hits.sum()} of {len(hits)} training {name} that were looked at (those that no other box overlaps) "
        f"have a box beside the edges that the picture "
        f"shows: moved by {_MOVED:.0%} of a side or more, while the others lie close.",
        evidence=(share("boxes beside their object", hits, f"records: pixels of the first {IMAGES} training images"),),
        remedy=f"Look at the boxes of {name} over the pictures (augmentation.html shows some) and draw the wrong ones anew; "
        "if all of one source are off the same way, its export or a resize is at fault.",
        expected_effect="not measured here; AP at high IoU suffers first",
        confidence="medium",
    )


def moved(offsets: np.ndarray) -> np.ndarray:
    """(n,) whether an offset (n, 2) lies far outside of its class's: none does where the class has no clear edges."""
    away = np.abs(offsets - np.median(offsets, axis=0))
    if (np.quantile(away, 0.75, axis=0) > _CLOSE).any():
        return np.zeros(len(offsets), bool)
    return (away >= _MOVED).any(1)


def poles(pixels: np.ndarray) -> np.ndarray | None:
    """(n,) +1 for the objects that stand as most of them do, -1 for those on their head; None where the class has no up.

    The part of a crop that changes its sign when it is turned over, along its main direction over the class: an up shows in
    two groups far from zero, on either side of it.
    """
    inner = pixels[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    flat = inner - inner.mean((1, 2), keepdims=True)
    flat = flat / np.maximum(np.sqrt((flat**2).sum((1, 2), keepdims=True)), _FLAT * SIDE)
    odd = ((flat - flat[:, ::-1]) / 2).reshape(len(flat), -1)
    scores = odd @ np.linalg.svd(odd, full_matrices=False)[2][0]
    square = float((scores**2).mean())
    if np.sqrt(square) < _STRENGTH or (scores**4).mean() / square**2 > _TWO_POLES:
        return None
    return np.sign(scores) * (1 if (scores > 0).mean() >= 0.5 else -1)


def upside_down(found: Crops, class_id: int, name: str) -> Finding | None:
    """A class with an up of which a part stands on its head, in one of the splits or in all."""
    chosen = found.class_ids == class_id
    if chosen.sum() < _ENOUGH:
        return None
    signs = poles(found.pixels[chosen])
    if signs is None:
        return None
    hits, splits = signs < 0, found.splits[chosen]
    severity = next((s for s, limit in _TURNED.items() if hits.mean() >= limit), None)
    if not severity:
        return None
    where = f"records: pixels of the first {IMAGES} images of each split"
    parts = tuple(share(f"turned in {s}", hits[splits == s], where) for s in dict.fromkeys(splits.tolist()))
    return Finding(
        id="upside_down",
        subject=name,
        cause="data_quality",
        severity=severity,
        claim=f"{name} has an up and a down, and {hits.sum()} of {len(hits)} that were looked at stand the other way round "
        "than the rest ("
        + ", ".join(f"{e.metric.removeprefix('turned in ')} {e.value:.0%}" for e in parts)
        + "): a detector learns the more frequent way and misses the other.",
        evidence=(share(f"{name} the other way round", hits, where), *parts),
        remedy="If pictures were turned by mistake (orientation lost in a copy or an export), turn them back with their boxes. "
        f"If the camera will see {name} both ways, add random_vertical_flip to the recipe's augmentation.",
        expected_effect="not measured here",
        confidence="medium",
    )
