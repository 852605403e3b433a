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

CHUNK = 8  # images decoded at a time, as many as the detector takes; a camera's image has 36 MB and more


@dataclass
class Detected:
    """detections: COCO json of all images. brightness: (images,) mean luma in 0..1. seconds: detecting took, without decoding."""

    detections: list[Detection] = field(default_factory=list)
    brightness: list[float] = field(default_factory=list)
    seconds: float = 0.0


def detect(detector: Detector, records: Path, split: str) -> Detected:
    """Detects on every image of the split. One extra call comes first, which traces the graph; its time is not counted."""
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
