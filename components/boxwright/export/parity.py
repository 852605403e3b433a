"""Do the exported files say what the trained model says? Detections on real images, compared one by one."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from boxwright.core.boxes import iou
from boxwright.core.records import tfrecords as record_files

Detection = tuple[np.ndarray, np.ndarray, np.ndarray]

SAME = 1e-3  # of the image's side, or of the score: two floating-point kernels differ by less
SAME_SHARE = 0.95
CLEAR = 1e-4  # detections whose scores are closer may swap places in the suppression, and then another box stays
MATCHED_SHARE = 0.7  # of an int8 file; fewer means that the quantisation went wrong
TOP = 10


def measure(model: Path, tflite_files: Path, records: Path, count: int) -> dict:
    """Compares both TFLite files with the trained model on up to `count` validation images (training images where there
    are none): {split, images, float32: `compare`'s result, int8: the same}."""
    from boxwright.core import tflite
    from boxwright.core.od_api import detector, image_preprocessing

    split = next(s for s in ("val", "train") if next(record_files.read(records, s), None))
    images = [image_preprocessing.decode(r.encoded) for r in itertools.islice(record_files.read(records, split), count)]
    trained = detector.load(model)(images)
    report: dict = {"split": split, "images": len(images)}
    for name in ("float32", "int8"):
        report[name] = compare(trained, tflite.Detector(tflite_files / f"{name}.tflite")(images))
    return report


def agrees(compared: dict) -> bool:
    """Whether a float file says the same; true where there is nothing to compare."""
    return compared["same"] is None or compared["same"] >= SAME_SHARE


def usable(compared: dict) -> bool:
    """Whether a quantised file finds the same objects; true where there is nothing to compare."""
    return compared["matched"] is None or compared["matched"] >= MATCHED_SHARE


def compare(trained: Sequence[Detection], exported: Sequence[Detection]) -> dict[str, float | int | None]:
    """Each image's strongest detections of the trained model against the exported file's.

    matched: share with a detection of the same class at IoU >= .5; same: share whose box and score differ by less than
    SAME; box and score: greatest and mean absolute difference of the matched, boxes in shares of the image's side.
    """
    pairs = [pair for mine, other in zip(trained, exported, strict=True) for pair in matches(mine, other)]
    differences = np.array([p for p in pairs if p is not None]).reshape(-1, 2)
    box, score = differences.T
    return {
        "detections": len(pairs),
        "matched": len(differences) / len(pairs) if pairs else None,
        "same": float((differences < SAME).all(axis=1).sum() / len(pairs)) if pairs else None,
        "box_max": _rounded(box.max()) if box.size else None,
        "box_mean": _rounded(box.mean()) if box.size else None,
        "score_max": _rounded(score.max()) if box.size else None,
        "score_mean": _rounded(score.mean()) if box.size else None,
    }


def strongest(detection: Detection) -> Detection:
    """The TOP detections that can be compared: not those of less than half the best score, a long tail of nothings; and not
    those that tie with the one before or after, of which a model that learned little has many."""
    boxes, scores, classes = detection
    gaps = np.concatenate([[np.inf], np.abs(np.diff(scores)), [np.inf]])
    kept = (scores > 0) & (scores >= scores.max(initial=0) / 2) & (np.minimum(gaps[:-1], gaps[1:]) > CLEAR)
    chosen = np.flatnonzero(kept)[:TOP]
    return boxes[chosen], scores[chosen], classes[chosen]


def matches(trained: Detection, exported: Detection) -> list[tuple[float, float] | None]:
    """For each of the trained model's strongest detections the difference of box and of score to the exported detection
    that overlaps it most; None where none of its class overlaps by half."""
    found = exported[1] > 0
    boxes, scores, classes = (part[found] for part in exported)
    pairs: list[tuple[float, float] | None] = []
    for box, score, class_id in zip(*strongest(trained), strict=True):
        overlap = np.where(classes == class_id, iou(box[None], boxes)[0], 0)
        if not overlap.size or overlap.max() < 0.5:
            pairs.append(None)
            continue
        best = int(overlap.argmax())
        pairs.append((float(np.abs(boxes[best] - box).max()), float(abs(scores[best] - score))))
    return pairs


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
