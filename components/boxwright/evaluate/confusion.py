"""Which class is taken for which: objects against detections, where a box is right whatever its class."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from boxwright.core import boxes as geometry

SCORE = 0.5
IOU = 0.5
NOTHING = "(nothing)"


def matrix(groundtruth: Mapping[str, Any], detections: Iterable[Mapping]) -> np.ndarray:
    """(classes + 1, classes + 1) counts; row: the object's class, column: the detection's, the last of both: there is none.

    Detections of score 0.5 and more; by falling score each takes the free object that it overlaps most, from IoU 0.5 on.
    Crowds, and detections that lie in one by half, are left out.
    """
    at = {category["id"]: index for index, category in enumerate(groundtruth["categories"])}
    counts = np.zeros((len(at) + 1, len(at) + 1), int)
    objects, found = defaultdict(list), defaultdict(list)
    for annotation in groundtruth["annotations"]:
        objects[annotation["image_id"]].append(annotation)
    for detection in detections:
        if detection["score"] >= SCORE:
            found[detection["image_id"]].append(detection)
    for image in groundtruth["images"]:
        for truth, seen in pairs(objects[image["id"]], found[image["id"]]):
            row, column = (at[one["category_id"]] if one else len(at) for one in (truth, seen))
            counts[row, column] += 1
    return counts


def pairs(annotations: Sequence[Mapping], detections: Sequence[Mapping]) -> list[tuple[Mapping | None, Mapping | None]]:
    """One image's objects and detections, each once, with its partner or None."""
    objects = [a for a in annotations if not a["iscrowd"]]
    crowds = geometry.of_coco([a for a in annotations if a["iscrowd"]])
    ranked = sorted(detections, key=lambda d: -d["score"])
    overlaps = geometry.iou(geometry.of_coco(ranked), geometry.of_coco(objects))
    shared = geometry.intersection(geometry.of_coco(ranked), crowds)
    in_crowd = (shared >= IOU * geometry.area(geometry.of_coco(ranked))[:, None]).any(axis=1)
    found, taken = [], set()
    for index, detection in enumerate(ranked):
        best = int(overlaps[index].argmax()) if objects else 0
        if objects and overlaps[index, best] >= IOU:
            overlaps[:, best] = 0.0
            taken.add(best)
            found.append((objects[best], detection))
        elif not in_crowd[index]:
            found.append((None, detection))
    return found + [(one, None) for index, one in enumerate(objects) if index not in taken]


def mistaken(groundtruth: Mapping[str, Any], counts: np.ndarray) -> list[dict[str, Any]]:
    """Classes that are taken for another, the most frequent mistake first: `number` of the class's `objects`. counts:
    of `matrix`."""
    names = [category["name"] for category in groundtruth["categories"]]
    classes = counts[:-1, :-1]
    found = [
        {"class": names[i], "taken_for": names[k], "number": int(classes[i, k]), "objects": int(counts[i].sum())}
        for i, k in zip(*np.nonzero(classes), strict=True)
        if i != k
    ]
    return sorted(found, key=lambda row: -row["number"])


def for_kfp(groundtruth: Mapping[str, Any], counts: np.ndarray) -> dict[str, Any]:
    """Metadata of a ClassificationMetrics artifact, as kfp.dsl writes a confusion matrix."""
    names = [category["name"] for category in groundtruth["categories"]] + [NOTHING]
    return {
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": name} for name in names],
            "rows": [{"row": row} for row in counts.tolist()],
        }
    }
