"""Detections over a split, the COCO numbers, and how far they would move with other images of the same kind."""

import itertools
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from boxwright.core import coco_eval
from boxwright.core.od_api.resize import decode
from boxwright.core.records import tfrecords as record_files
from boxwright.evaluate import recall
from boxwright.evaluate.detectors import Detector

CHUNK = 8  # images decoded at a time, as many as the detector takes: of a camera each is 36 MB and more
RESAMPLES = 200
MOST_DETECTIONS = 3_000_000  # over all resamples: about half a minute


def detect(detector: Detector, records: Path, split: str) -> tuple[list[dict], list[float], float]:
    """COCO detections of every image of the split, the brightness of each image, and the seconds that detecting took (without
    decoding; the first call, which builds the graph, is not counted)."""
    found: list[dict] = []
    brightness: list[float] = []
    seconds = 0.0
    numbered = enumerate(record_files.read(records, split), 1)
    while chunk := list(itertools.islice(numbered, CHUNK)):
        images = [decode(record.encoded) for _, record in chunk]
        if not found:
            detector(images[:1])
        started = time.perf_counter()
        results = detector(images)
        seconds += time.perf_counter() - started
        brightness += map(recall.luma, images)
        for (image_id, record), result in zip(chunk, results, strict=True):
            found += coco_eval.detections(image_id, record.height, record.width, *result)
    return found, brightness, seconds


def intervals(groundtruth: dict, detections: Sequence[dict], seed: int = 0) -> dict[str, Any] | None:
    """95 % intervals of AP and AP50, over all classes and of each, by resampling images with replacement (percentile bootstrap).

    Says how much of a number is the choice of these images; the seed of training is another matter. None where there are
    too few images, or so many detections that it would take minutes.
    """
    number = resamples(groundtruth, detections)
    if not number:
        return None
    bounds = {name: interval(values) for name, values in samples(groundtruth, detections, number, seed).items()}
    return {"resamples": number, "seed": seed, "over": "images"} | bounds


def resamples(groundtruth: dict, detections: Sequence[dict]) -> int:
    """How many there should be: 0 where there are too few images, or so many detections that it would take minutes."""
    number = min(RESAMPLES, MOST_DETECTIONS // max(1, len(detections)))
    return 0 if len(groundtruth["images"]) < 10 or number < 50 else number


def samples(groundtruth: dict, detections: Sequence[dict], number: int, seed: int = 0) -> dict[str, list[float]]:
    """AP, AP50, `AP CLASS` and `AP50 CLASS` of so many draws of the images, NaN where there is no object. The same seed draws
    the same images, so that two detectors can be compared draw by draw."""
    images = len(groundtruth["images"])
    rng = np.random.default_rng(seed)
    by_image = _by_image(groundtruth["annotations"]), _by_image(detections)
    drawn = defaultdict(list)
    for _ in range(number):
        chosen = (rng.integers(0, images, images) + 1).tolist()
        for name, value in _numbers(groundtruth, chosen, *by_image).items():
            drawn[name].append(np.nan if value is None else value)
    return drawn


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """2.5 and 97.5 percentile of the known values."""
    known = np.array(values)[~np.isnan(values)]
    return tuple(np.percentile(known, [2.5, 97.5]).tolist()) if known.size else None


def _numbers(groundtruth: dict, chosen: Sequence[int], truths: dict, found: dict) -> dict[str, float | None]:
    """AP, AP50, `AP CLASS` and `AP50 CLASS` of the chosen images, one taken twice being two images."""
    resampled = {
        "images": [groundtruth["images"][image_id - 1] | {"id": new} for new, image_id in enumerate(chosen, 1)],
        "annotations": _renumbered(chosen, truths),
        "categories": groundtruth["categories"],
    }
    numbers = coco_eval.evaluate(resampled, _renumbered(chosen, found))
    classes = {f"{key} {name}": values[key] for name, values in numbers["per_class"].items() for key in ("AP", "AP50")}
    return {"AP": numbers["AP"], "AP50": numbers["AP50"]} | classes


def _renumbered(chosen: Sequence[int], by_image: dict[int, list[dict]]) -> list[dict]:
    taken = [(new, item) for new, image_id in enumerate(chosen, 1) for item in by_image.get(image_id, ())]
    return [item | {"image_id": new, "id": number} for number, (new, item) in enumerate(taken, 1)]


def _by_image(items: Sequence[dict]) -> dict[int, list[dict]]:
    grouped = defaultdict(list)
    for item in items:
        grouped[item["image_id"]].append(item)
    return grouped
