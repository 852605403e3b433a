"""Compares the detections of the exported files with those of the trained model on real images."""

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

# Greatest difference of equal detections, in shares of the image's side and in score. Floating-point kernels differ by less.
SAME = 1e-3
SAME_SHARE = 0.95
# Detections with a smaller difference in score may swap places in non-maximum suppression, which then keeps another box.
CLEAR = 1e-4
MATCHED_SHARE = 0.7  # smallest share of matched detections of an int8 file; with fewer, the quantisation failed
TOP = 10
_MATCHED_IOU = 0.5


class Measured(NamedTuple):
    """The comparison of both TFLite files with the trained model. images: number of images of the split."""

    split: str
    images: int
    float32: Compared
    int8: Compared


def measure(model: Path, tflite_files: Path, records: Path, count: int) -> Measured:
    """Compares both TFLite files with the trained model.

    model: folder that train wrote. tflite_files: folder with float32.tflite and int8.tflite. count: most images. They are
    validation images, or training images if there are no validation images. Raises UserError if a file or an image is damaged.
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
    """Whether a float32 file gives the same detections: at least 95 % are equal. True if there is nothing to compare."""
    return compared.same is None or compared.same >= SAME_SHARE


def usable(compared: Compared) -> bool:
    """Whether a quantised file finds the same objects: at least 70 % are matched. True if there is nothing to compare."""
    return compared.matched is None or compared.matched >= MATCHED_SHARE


def compare(trained: Sequence[Detection], exported: Sequence[Detection]) -> Compared:
    """Compares the strongest detections of the trained model in each image with those of the exported file.

    matched: share of them for which the exported file has a detection of the same class at IoU >= 0.5. same: share that is
    matched with a difference in box and score below SAME. box_max, box_mean: absolute differences of matched boxes, in shares
    of the image's side. score_max, score_mean: absolute differences of their scores. All are None if nothing is compared.
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

    Detections with less than half of the best score are left out: they are many, and mostly noise. Detections that nearly tie
    with the previous or the next score are left out, too, because their order is not stable.
    """
    boxes, scores, classes = detection
    gaps = np.concatenate([[np.inf], np.abs(np.diff(scores)), [np.inf]])
    kept = (scores > 0) & (scores >= scores.max(initial=0) / 2) & (np.minimum(gaps[:-1], gaps[1:]) > CLEAR)
    chosen = np.flatnonzero(kept)[:TOP]
    return boxes[chosen], scores[chosen], classes[chosen]


def differences(trained: Detection, exported: Detection) -> list[tuple[float, float] | None]:
    """For each of the trained model's strongest detections, its differences to the best match of the exported file.

    The best match is the detection of the same class with the highest IoU; None if that is below 0.5. The differences are the
    greatest one of the four box sides, in shares of the image's side, and that of the score.
    """
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
