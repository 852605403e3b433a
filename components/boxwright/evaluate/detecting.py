"""Runs a detector over all images of a split."""

import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path

from boxwright.core import coco_eval
from boxwright.core.artifacts.coco import Detection
from boxwright.core.od_api.image_preprocessing import decode
from boxwright.core.records import tfrecords
from boxwright.evaluate.detectors import Detector
from boxwright.evaluate.recall_slices import luma

CHUNK = 8  # images decoded at a time: the detector's batch size. A decoded photo can take 36 MB and more


@dataclass
class Detected:
    """detections: COCO json of all images. brightness: (images,) mean luma in 0..1. seconds: time without decoding."""

    detections: list[Detection] = field(default_factory=list)
    brightness: list[float] = field(default_factory=list)
    seconds: float = 0.0


def detect(detector: Detector, records: Path, split: str) -> Detected:
    """Runs the detector on every image of the split. A first call, which traces the graph, is not timed.

    Raises UserError if an image is damaged.
    """
    found = Detected()
    numbered = enumerate(tfrecords.read(records, split), 1)
    warm = False
    while chunk := list(itertools.islice(numbered, CHUNK)):
        images = [decode(record.encoded) for _, record in chunk]
        if not warm:
            detector(images[:1])
            warm = True
        started = time.perf_counter()
        results = detector(images)
        found.seconds += time.perf_counter() - started
        found.brightness += map(luma, images)
        for (image_id, record), result in zip(chunk, results, strict=True):
            found.detections += coco_eval.detections(image_id, record.height, record.width, *result)
    return found
