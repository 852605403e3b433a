"""Tries readings of a detector on a few dozen images, and says which one is better beyond its noise."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from boxwright.core import boxes as geometry
from boxwright.core import coco_eval
from boxwright.core.artifacts.coco import Detection, GroundTruth
from boxwright.core.matching import IOU, group_by_image
from boxwright.evaluate import bootstrap_intervals
from boxwright.examine.hypotheses import HYPOTHESES
from boxwright.examine.hypotheses.hypothesis import Facts, Other
from boxwright.examine.reading import detections
from boxwright.examine.reading.reading import Feeding, Reading
from boxwright.examine.running.raw import Detector, Image, Raw

# A reading wins if its AP is better by this much, in 0..1, and in nearly all resamples of the images.
LEAST_GAIN = 0.03
_RESAMPLES = 200
_CERTAIN = 0.99
# Faults that are looked for one after the other.
_MOST_FAULTS = 3
# Below this AP, one correction may show nothing before another is made, so that pairs are tried as well.
_BLIND = 0.05
# Ways whose APs differ by less are equally good.
_SAME = 0.01
# Boxes of an image that are compared with its objects to fit the order of the classes.
_COMPARED = 50


class Source(Protocol):
    """A detector that runs here."""

    detector: Detector

    def raw(self, image: Image, feeding: Feeding) -> Raw: ...


class Tried(NamedTuple):
    """hypothesis: its code. gain: of AP, in 0..1. interval: 98 % of the gain, over the images; None: not measured,
    because the gain was too small, or another way won."""

    hypothesis: str
    other: Other
    ap: float
    gain: float
    interval: tuple[float, float] | None
    won: bool


class Trial:
    """The images of a trial. Each is run once for each way of feeding it.

    groundtruth: of these images, with ids 1..n. classes: names of the data.
    """

    def __init__(
        self, source: Source, images: Sequence[Image], groundtruth: GroundTruth, classes: Sequence[str]
    ) -> None:
        self._source, self._images, self.groundtruth = source, images, groundtruth
        self._classes = tuple(classes)
        self._raw: dict[Feeding, list[Raw]] = {}
        self._aps: dict[Reading, float] = {}
        self._resampled: dict[Reading, np.ndarray] = {}

    @property
    def detector(self) -> Detector:
        return self._source.detector

    @property
    def images(self) -> Sequence[Image]:
        return self._images

    @property
    def files(self) -> list[str]:
        return [image.name for image in self._images]

    def with_source(self, source: Source) -> "Trial":
        """The same images for another detector."""
        return Trial(source, self._images, self.groundtruth, self._classes)

    def with_truth(self, groundtruth: GroundTruth, classes: Sequence[str]) -> "Trial":
        """The same detector and images with other objects. What the detector gave is kept."""
        other = Trial(self._source, self._images, groundtruth, classes)
        other._raw = self._raw
        return other

    def class_numbers(self, reading: Reading) -> int:
        """How many class numbers the detector has: of its scores, or up to the highest that it gives on these images."""
        raws = self.raw(reading.feeding)
        scores = max((raw.class_scores.shape[1] for raw in raws if raw.class_scores is not None), default=0)
        given = [
            int(raw.classes.max()) - self._source.detector.first_class + 1
            for raw in raws
            if raw.classes is not None and len(raw.classes)
        ]
        return scores or max(given, default=0)

    def raw(self, feeding: Feeding) -> list[Raw]:
        if feeding not in self._raw:
            self._raw[feeding] = [self._source.raw(image, feeding) for image in self._images]
        return self._raw[feeding]

    def read(self, reading: Reading) -> Iterator[tuple[Image, detections.Detections]]:
        for image, raw in zip(self._images, self.raw(reading.feeding), strict=True):
            yield image, detections.read(raw, self._source.detector, reading, size(image.pixels))

    def found(self, reading: Reading) -> list[Detection]:
        """COCO json of the detections."""
        made: list[Detection] = []
        for image, found in self.read(reading):
            made += coco_eval.detections(image.image_id, *size(image.pixels), *detections.with_classes(found, reading))
        return made

    def ap(self, reading: Reading) -> float:
        """AP in 0..1; 0 where nothing is found."""
        if reading not in self._aps:
            self._aps[reading] = coco_eval.evaluate(self.groundtruth, self.found(reading))["AP"] or 0.0
        return self._aps[reading]

    def resampled(self, reading: Reading) -> np.ndarray:
        """See `resampled` below."""
        if reading not in self._resampled:
            self._resampled[reading] = resampled(self.groundtruth, self.found(reading))
        return self._resampled[reading]

    def gain(self, before: Reading, after: Reading) -> tuple[float, float]:
        """The interval of the gain of AP, in 0..1."""
        return paired_interval(self.resampled(before), self.resampled(after))

    def facts(self, reading: Reading) -> Facts:
        candidates = any(raw.candidates is not None for raw in self.raw(reading.feeding))
        return Facts(self._source.detector, self._classes, self.pairs(reading), candidates)

    def pairs(self, reading: Reading) -> np.ndarray:
        """See `Facts.pairs`. Each object counts once: for the detection with the highest score that overlaps it."""
        counts = np.zeros((len(self._classes) + 1, len(reading.classes)), int)
        objects = group_by_image(self.groundtruth["annotations"])
        for image, found in self.read(reading):
            height, width = size(image.pixels)
            of_image = [one for one in objects[image.image_id] if not one["iscrowd"]]
            boxes = geometry.from_coco(of_image) / [height, width, height, width]
            best = np.argsort(-found.scores, kind="stable")[:_COMPARED]
            numbers = found.numbers[best]
            known = (numbers >= 0) & (numbers < len(reading.classes))
            overlaps = geometry.iou(boxes, found.boxes_yxyx[best][known])
            for one, row in zip(of_image, overlaps, strict=True):
                hits = np.flatnonzero(row >= IOU)
                if len(hits):
                    counts[one["category_id"], numbers[known][hits[0]]] += 1
        return counts


def size(pixels: np.ndarray) -> tuple[int, int]:
    """Height and width."""
    return pixels.shape[0], pixels.shape[1]


def faults(trial: Trial, reading: Reading) -> tuple[Reading, list[Tried], list[Tried]]:
    """The reading with every correction that wins, these corrections in the order in which they were found, and all that lost."""
    found: list[Tried] = []
    lost: dict[str, Tried] = {}
    for _ in range(_MOST_FAULTS):
        tried = best_first(trial, reading)
        lost |= {one.other.title: one for one in tried if not one.won}
        winner = next((one for one in tried if one.won), None)
        if winner is None:
            break
        found.append(winner)
        reading = winner.other.reading
    names = {one.hypothesis for one in found}
    return reading, found, [one for one in lost.values() if one.hypothesis not in names]


def best_first(trial: Trial, reading: Reading) -> list[Tried]:
    """Every other reading, best first. If the detector is blind, pairs of corrections are tried where none alone wins."""
    tried = judged(trial, reading, alternatives(trial, reading))
    if trial.ap(reading) < _BLIND and not tried[0].won:
        tried = judged(trial, reading, itertools.chain(alternatives(trial, reading), pairs(trial, reading)))
    return tried


def judged(trial: Trial, reading: Reading, others: Iterable[tuple[str, Other]]) -> list[Tried]:
    """Best first. Gains are resampled from the largest down, and only until one of them wins: resampling takes seconds."""
    before = trial.ap(reading)
    aps = [(name, other, trial.ap(other.reading)) for name, other in others]
    # Our own suppression also mends what several threads do to the file's: of equal ways, another one goes first.
    ordered = sorted(
        aps, key=lambda one: one[2] - _SAME * (one[1].reading.suppression != reading.suppression), reverse=True
    )
    tried: list[Tried] = []
    for name, other, ap in ordered:
        worth = ap - before >= LEAST_GAIN and not (tried and tried[0].won)
        interval = trial.gain(reading, other.reading) if worth else None
        one = Tried(name, other, ap, ap - before, interval, interval is not None and interval[0] > 0)
        tried = [one, *tried] if one.won else [*tried, one]
    return tried


def alternatives(trial: Trial, reading: Reading) -> Iterator[tuple[str, Other]]:
    facts = trial.facts(reading)
    for hypothesis in HYPOTHESES:
        for other in hypothesis.others(reading, facts):
            yield hypothesis.name, other


def pairs(trial: Trial, reading: Reading) -> Iterator[tuple[str, Other]]:
    """Two corrections at once, of different hypotheses."""
    for first, one in list(alternatives(trial, reading)):
        for second, two in alternatives(trial, one.reading):
            if second > first or second == "class_order":
                yield (
                    f"{first}+{second}",
                    replace(two, title=f"{one.title}. {two.title}", remedy=f"{one.remedy} {two.remedy}"),
                )


def resampled(groundtruth: GroundTruth, found: Sequence[Detection], seed: int = 0) -> np.ndarray:
    """(200,) AP in 0..1 over resamples of the images, the same for each detector. 0 for a resample without objects."""
    return np.nan_to_num(np.array(bootstrap_intervals.samples(groundtruth, found, _RESAMPLES, seed)["AP"]))


def paired_interval(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """The 1st and 99th percentile of the gain of AP. before, after: from `resampled`."""
    low, high = np.quantile(after - before, [1 - _CERTAIN, _CERTAIN]).tolist()
    return low, high


def first_images(groundtruth: GroundTruth, most: int, seed: int = 0) -> list[int]:
    """Ids of up to `most` images with objects: drawn at random, but each class is in them as long as there is room."""
    objects = [one for one in groundtruth["annotations"] if not one["iscrowd"]]
    images = list(dict.fromkeys(one["image_id"] for one in objects))
    order = {image: rank for rank, image in enumerate(np.random.default_rng(seed).permutation(images).tolist())}
    by_class: dict[int, list[int]] = {}
    for one in sorted(objects, key=lambda one: order[one["image_id"]]):
        by_class.setdefault(one["category_id"], []).append(one["image_id"])
    queues = [iter(dict.fromkeys(of_class)) for of_class in by_class.values()]
    taken = itertools.chain.from_iterable(itertools.zip_longest(*queues))
    return sorted(list(dict.fromkeys(one for one in taken if one is not None))[:most])


def of_images(groundtruth: GroundTruth, chosen: Sequence[int]) -> tuple[GroundTruth, Mapping[int, int]]:
    """The ground truth of the chosen images with ids 1..n, and old id -> new id."""
    new = {old: number for number, old in enumerate(chosen, 1)}
    taken: Any = [
        {**one, "image_id": new[one["image_id"]]} for one in groundtruth["annotations"] if one["image_id"] in new
    ]
    images: Any = [{**one, "id": new[one["id"]]} for one in groundtruth["images"] if one["id"] in new]
    return {"images": images, "annotations": taken, "categories": groundtruth["categories"]}, new
