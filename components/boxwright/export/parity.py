"""Compares the exported files with the trained model: their detections on real images, one by one."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from boxwright.core.artifacts.parity import Compared
from boxwright.core.boxes import iou
from boxwright.core.od_api import detector, image_preprocessing
from boxwright.core.od_api.detector import Detection
from boxwright.core.od_api.tflite_detector import TfliteDetector
from boxwright.core.records import tfrecords

SAME = 1e-3  # of the image's side, or of the score: two floating-point kernels differ by less
SAME_SHARE = 0.95
# Detections whose scores differ by less may swap places in the non-maximum suppression, and then another box survives.
CLEAR = 1e-4
MATCHED_SHARE = 0.7  # of an int8 file; less means that the quantisation failed
TOP = 10
_MATCHED_IOU = 0.5


class Measured(NamedTuple):
    """How both TFLite files compare with the trained model on the images of a split."""

    split: str
    images: int
    float32: Compared
    int8: Compared


def measure(model: Path, tflite_files: Path, records: Path, count: int) -> Measured:
    """Compares both TFLite files with the trained model.

    It uses up to `count` validation images, or training images if there are no validation images.
    """
    split = next(s for s in ("val", "train") if next(tfrecords.read(records, s), None))
    stored = itertools.islice(tfrecords.read(records, split), count)
    images = [image_preprocessing.decode(record.encoded) for record in stored]
    trained = detector.load(model)(images)
    float32, int8 = (
        compare(trained, TfliteDetector(tflite_files / f"{name}.tflite")(images)) for name in ("float32", "int8")
    )
    return Measured(split, len(images), float32, int8)


def agrees(compared: Compared) -> bool:
    """Whether a float file gives the same detections; true if there is nothing to compare."""
    return compared.same is None or compared.same >= SAME_SHARE


def usable(compared: Compared) -> bool:
    """Whether a quantised file finds the same objects; true if there is nothing to compare."""
    return compared.matched is None or compared.matched >= MATCHED_SHARE


def compare(trained: Sequence[Detection], exported: Sequence[Detection]) -> Compared:
    """Compares the strongest detections of the trained model in each image with those of the exported file.

    matched: share that has a detection of the same class at IoU >= 0.5. same: share whose box and score also differ by less than
    SAME. box and score: greatest and mean absolute difference of the matched ones, boxes in shares of the image's side.
    """
    pairs = [pair for mine, other in zip(trained, exported, strict=True) for pair in differences(mine, other)]
    matched = np.array([p for p in pairs if p is not None]).reshape(-1, 2)
    box, score = matched.T
    return Compared(
        detections=len(pairs),
        matched=len(matched) / len(pairs) if pairs else None,
        same=float((matched < SAME).all(axis=1).sum() / len(pairs)) if pairs else None,
        box_max=_rounded(box.max()) if box.size else None,
        box_mean=_rounded(box.mean()) if box.size else None,
        score_max=_rounded(score.max()) if box.size else None,
        score_mean=_rounded(score.mean()) if box.size else None,
    )


def strongest(detection: Detection) -> Detection:
    """The first TOP detections that can be compared.

    Left out are those with less than half of the best score, of which there are many and which mean nothing; and those that tie
    with the previous or next one, of which a model that learned little has many.
    """
    boxes, scores, classes = detection
    gaps = np.concatenate([[np.inf], np.abs(np.diff(scores)), [np.inf]])
    kept = (scores > 0) & (scores >= scores.max(initial=0) / 2) & (np.minimum(gaps[:-1], gaps[1:]) > CLEAR)
    chosen = np.flatnonzero(kept)[:TOP]
    return boxes[chosen], scores[chosen], classes[chosen]


def differences(trained: Detection, exported: Detection) -> list[tuple[float, float] | None]:
    """For each of the trained model's strongest detections, the difference of box and of score to the exported detection of its
    class that overlaps it most; None if none overlaps it by half."""
    found = exported[1] > 0
    boxes, scores, classes = (part[found] for part in exported)
    pairs: list[tuple[float, float] | None] = []
    for box, score, class_id in zip(*strongest(trained), strict=True):
        overlap = np.where(classes == class_id, iou(box[None], boxes)[0], 0)
        if not overlap.size or overlap.max() < _MATCHED_IOU:
            pairs.append(None)
            continue
        best = int(overlap.argmax())
        pairs.append((float(np.abs(boxes[best] - box).max()), float(abs(scores[best] - score))))
    return pairs


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
