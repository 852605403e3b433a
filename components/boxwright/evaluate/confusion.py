"""Which class is taken for which: objects against detections, where a box is right whatever its class."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from boxwright.core import boxes as geometry

SCORE = 0.5
IOU = 0.5
NOTHING = "(nothing)"
OTHERS = "(other classes)"
# Classes that the KFP UI shows one by one. KFP refuses metadata beyond 4 MiB, which 616 classes reach.
MOST_SHOWN = 50


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


def for_kfp(names: Sequence[str], counts: np.ndarray) -> dict[str, Any]:
    """A confusion matrix as kfp.dsl writes it into the metadata of a ClassificationMetrics artifact.

    names: of the classes; counts: of `matrix` or `with_others`.
    """
    return {
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": name} for name in (*names, NOTHING)],
            "rows": [{"row": row} for row in counts.tolist()],
        }
    }


def with_others(names: Sequence[str], counts: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The names and counts for the KFP UI: of more than `MOST_SHOWN` classes those with the most mistakes, in their order, and
    the sum of all others as one class."""
    if len(names) <= MOST_SHOWN:
        return list(names), counts
    mistakes = (counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal())[:-1]
    shown = np.sort(np.argsort(-mistakes, kind="stable")[:MOST_SHOWN])
    target = np.full(len(counts), MOST_SHOWN)
    target[shown], target[-1] = np.arange(MOST_SHOWN), MOST_SHOWN + 1
    summed = np.zeros((MOST_SHOWN + 2, MOST_SHOWN + 2), counts.dtype)
    np.add.at(summed, (target[:, None], target[None]), counts)
    return [*(names[index] for index in shown), OTHERS], summed


def notices(classes: int) -> list[str]:
    """What is left out of the KFP UI for so many classes."""
    if classes <= MOST_SHOWN:
        return []
    return [
        f"The KFP UI shows the confusion matrix of the {MOST_SHOWN} classes with the most mistakes, the other "
        f"{classes - MOST_SHOWN} as one, and no AP50 of single classes. The files metrics.json and confusion have all {classes}."
    ]
