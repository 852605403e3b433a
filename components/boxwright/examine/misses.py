"""Joins every missed object and every false alarm with what may explain it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from boxwright.core import boxes as geometry
from boxwright.core.artifacts.coco import Detection, GroundTruth
from boxwright.core.artifacts.examination import Explanation
from boxwright.core.findings import Finding
from boxwright.core.matching import IOU, by_score, group_by_image, in_crowd, match

# Side of an object at the detector's input, in pixels, below which the finest feature map of an SSD has little to see.
SMALL = 16
LONG = 3.0
DARK = 0.2
# IoU with another object, and number of others in the image.
_CROWD_IOU, _CROWD = 0.3, 20
# A detection with a smaller IoU is beside every object (TIDE's t_b).
_BESIDE = 0.1
_FEWEST = 5
# Findings whose items name images or objects -> what is said of these.
_OF_FINDINGS = {
    "split_leak": "in an image that training knows",
    "suspected_classes": "whose label may be wrong",
    "boxes_alike": "whose label may be wrong",
    "odd_objects": "that looks unlike its class",
    "misplaced_boxes": "whose box may be beside the object",
}


class Context(NamedTuple):
    """brightness: (images,) mean luma in 0..1, by image id - 1. side: of the detector's input, pixels. anchors_yxyx: (k, 4) of
    the detector, as fractions, or None. findings: of diagnose."""

    brightness: Sequence[float]
    side: int
    anchors_yxyx: np.ndarray | None
    findings: Sequence[Finding]


def best_threshold(groundtruth: GroundTruth, detections: Sequence[Detection]) -> float:
    """The score with the best F1, over all classes at IoU 0.5. 0.5 without a right detection."""
    right = {id(detections_of[i]) for detections_of, matched in _matched(groundtruth, detections) for i in matched}
    objects = sum(not one["iscrowd"] for one in groundtruth["annotations"])
    ordered = [detections[i] for i in by_score(detections)]
    hits = np.cumsum([id(one) in right for one in ordered])
    if not len(hits) or not hits[-1]:
        return 0.5
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + objects)
    return float(ordered[int(f1.argmax())]["score"])


def _matched(
    groundtruth: GroundTruth, detections: Sequence[Detection]
) -> Iterable[tuple[list[Detection], Mapping[int, int]]]:
    found, objects = group_by_image(detections), group_by_image(groundtruth["annotations"])
    for image_id, of_image in found.items():
        truth = [one for one in objects[image_id] if not one["iscrowd"]]
        yield of_image, match(truth, of_image, same_class=True)


def missed(groundtruth: GroundTruth, detections: Sequence[Detection], context: Context) -> pd.DataFrame:
    """One row for each object that is not a crowd: image, class, x, y, width, height, missed, and for each reason a bool.

    detections: with at least the score that counts.
    """
    names = {one["id"]: one["name"] for one in groundtruth["categories"]}
    images = {one["id"]: one for one in groundtruth["images"]}
    found = group_by_image(detections)
    rows = []
    for image_id, of_image in group_by_image(one for one in groundtruth["annotations"] if not one["iscrowd"]).items():
        image = images[image_id]
        hit = set(match(of_image, found[image_id], same_class=True).values())
        boxes = geometry.from_coco(of_image) / np.tile([image["height"], image["width"]], 2)
        reasons = properties(boxes, image["height"] / image["width"], context.brightness[image_id - 1], context)
        reasons |= _by_findings(of_image, image["file_name"], context.findings)
        for i, one in enumerate(of_image):
            about = dict(zip(("x", "y", "width", "height"), one["bbox"], strict=True))
            row = {"image": image["file_name"], "class": names[one["category_id"]], **about, "missed": i not in hit}
            rows.append(row | {reason: bool(values[i]) for reason, values in reasons.items()})
    return pd.DataFrame(rows)


def properties(boxes_yxyx: np.ndarray, shape: float, brightness: float, context: Context) -> dict[str, np.ndarray]:
    """Reason -> (n,) bool. boxes_yxyx: (n, 4) fractions of the image. shape: its height divided by its width."""
    heights, widths = (boxes_yxyx[:, 2:] - boxes_yxyx[:, :2]).T
    ratio = np.maximum(heights, 1e-9) * shape / np.maximum(widths, 1e-9)
    overlaps = geometry.iou(boxes_yxyx, boxes_yxyx)
    np.fill_diagonal(overlaps, 0)
    reasons = {
        f"smaller than {SMALL} pixels at the detector's input": np.sqrt(heights * widths) * context.side < SMALL,
        f"longer than {LONG:g}:1": np.maximum(ratio, 1 / ratio) > LONG,
        "in a dark image": np.full(len(boxes_yxyx), brightness < DARK),
        "in a crowd": (overlaps.max(axis=1, initial=0) > _CROWD_IOU) | (len(boxes_yxyx) > _CROWD),
    }
    if context.anchors_yxyx is not None:
        best = geometry.iou(boxes_yxyx, context.anchors_yxyx).max(axis=1, initial=0)
        reasons["out of the reach of the detector's anchors"] = best < IOU
    return reasons


def _by_findings(of_image: Sequence[Mapping], file: str, findings: Sequence[Finding]) -> dict[str, np.ndarray]:
    reasons: dict[str, np.ndarray] = {}
    for finding in findings:
        if finding.id in _OF_FINDINGS:
            named = any(_names(item, file) for item in finding.items)
            before = reasons.get(_OF_FINDINGS[finding.id], np.zeros(len(of_image), bool))
            reasons[_OF_FINDINGS[finding.id]] = before | named
    return reasons


def _names(item: str | tuple[str, ...], file: str) -> bool:
    parts = (item,) if isinstance(item, str) else item
    return any(part == file or part.endswith(f"/{file}") for part in parts)


def explanations(objects: pd.DataFrame) -> tuple[Explanation, ...]:
    """One row for each reason that at least 5 objects have, those first that explain most misses beyond the others' rate.

    objects: from `missed`.
    """
    if objects.empty:
        return ()
    columns = list(objects.columns)
    lost = objects["missed"].to_numpy(bool)
    made = []
    for reason in columns[columns.index("missed") + 1 :]:
        has = objects[reason].fillna(False).to_numpy(bool)
        if np.count_nonzero(has) >= _FEWEST:
            counts = [int(np.count_nonzero(part)) for part in (has, lost & has, ~has, lost & ~has)]
            names = ("objects", "missed", "others", "others_missed")
            made.append(Explanation.model_validate({"reason": reason} | dict(zip(names, counts, strict=True))))
    return tuple(sorted(made, key=lambda one: -excess(one)))


def excess(one: Explanation) -> float:
    """Misses beyond those at the rate of the objects without the property."""
    return one.missed - one.objects * (one.others_missed / one.others if one.others else 0)


def false_alarms(groundtruth: GroundTruth, detections: Sequence[Detection]) -> pd.DataFrame:
    """One row for each detection that hits no object: image, class, score, x, y, width, height, and what is `there`.

    detections: with at least the score that counts.
    """
    names = {one["id"]: one["name"] for one in groundtruth["categories"]}
    images = {one["id"]: one["file_name"] for one in groundtruth["images"]}
    objects = group_by_image(groundtruth["annotations"])
    rows = []
    for image_id, of_image in group_by_image(detections).items():
        truth = [one for one in objects[image_id] if not one["iscrowd"]]
        crowds = [one for one in objects[image_id] if one["iscrowd"]]
        hit, ignored = match(truth, of_image, same_class=True), in_crowd(of_image, crowds, same_class=True)
        overlaps = geometry.iou(geometry.from_coco(of_image), geometry.from_coco(truth))
        for i, one in enumerate(of_image):
            if i not in hit and not ignored[i]:
                about = dict(zip(("x", "y", "width", "height"), one["bbox"], strict=True))
                there = _there(overlaps[i], [t["category_id"] == one["category_id"] for t in truth])
                row = {"image": images[image_id], "class": names[one["category_id"]], "score": one["score"]}
                rows.append(row | about | {"there": there})
    return pd.DataFrame(rows)


def _there(overlaps: np.ndarray, same: Sequence[bool]) -> str:
    """overlaps: (n,) IoU with each object. same: whether each has the detection's class."""
    if not len(overlaps) or overlaps.max() < _BESIDE:
        return "nothing that is labelled"
    same_class = np.array(same)
    if (overlaps[same_class] >= IOU).any():
        return "an object that is found twice"
    if (overlaps[~same_class] >= IOU).any():
        return "an object of another class"
    return "an object that the box hits badly"


def counted(alarms: pd.DataFrame) -> dict[str, int]:
    return dict(Counter(alarms["there"]).most_common()) if len(alarms) else {}
