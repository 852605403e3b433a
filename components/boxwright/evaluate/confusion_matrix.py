"""The confusion matrix of a detector. Detections are matched to objects by their boxes, regardless of class."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from boxwright.core import matching
from boxwright.core.artifacts.coco import Annotation, Detection, GroundTruth
from boxwright.core.artifacts.errors import Confusion

SCORE = 0.5
NOTHING = "(nothing)"
OTHERS = "(other classes)"
# Most classes that the KFP UI shows separately, and the most characters of a class's name there. KFP passes metadata as one
# argument of a command, which is limited to 128 KiB, and refuses more than 4 MiB.
MOST_SHOWN, LONGEST_NAME = 20, 60


def matrix(groundtruth: GroundTruth, detections: Sequence[Detection]) -> np.ndarray:
    """(classes + 1, classes + 1) int. Row: the object's class. Column: the detection's class.

    The last row counts detections without an object, the last column objects without a detection. Only detections with a score
    of at least 0.5 count. Crowds do not count, nor do unmatched detections with at least half of their area in a crowd.
    """
    at = {category["id"]: index for index, category in enumerate(groundtruth["categories"])}
    counts = np.zeros((len(at) + 1, len(at) + 1), int)
    objects = matching.group_by_image(groundtruth["annotations"])
    found = matching.group_by_image([d for d in detections if d["score"] >= SCORE])
    for image in groundtruth["images"]:
        for truth, seen in pairs(objects.get(image["id"], []), found.get(image["id"], [])):
            row, column = (at[one["category_id"]] if one else len(at) for one in (truth, seen))
            counts[row, column] += 1
    return counts


def pairs(
    annotations: Sequence[Annotation], detections: Sequence[Detection]
) -> list[tuple[Annotation | None, Detection | None]]:
    """(object, detection) for each match in one image; (None, detection) and (object, None) for those without a match."""
    objects = [a for a in annotations if not a["iscrowd"]]
    crowds = [a for a in annotations if a["iscrowd"]]
    matched = matching.match(objects, detections, same_class=False)
    ignored = matching.in_crowd(detections, crowds, same_class=False)
    found: list[tuple[Annotation | None, Detection | None]] = [
        (objects[matched[index]] if index in matched else None, detections[index])
        for index in matching.by_score(detections)
        if index in matched or not ignored[index]
    ]
    taken = set(matched.values())
    return found + [(one, None) for index, one in enumerate(objects) if index not in taken]


def confusions(groundtruth: GroundTruth, counts: np.ndarray) -> list[Confusion]:
    """Pairs of confused classes, the most frequent first. `number` of the class's `objects` were detected as `taken_for`.

    counts: from `matrix`.
    """
    names = [category["name"] for category in groundtruth["categories"]]
    classes = counts[:-1, :-1]
    found = [
        {"class": names[i], "taken_for": names[k], "number": int(classes[i, k]), "objects": int(counts[i].sum())}
        for i, k in zip(*np.nonzero(classes), strict=True)
        if i != k
    ]
    return sorted(map(Confusion.model_validate, found), key=lambda row: -row.number)


def for_kfp(names: Sequence[str], counts: np.ndarray) -> dict[str, Any]:
    """A confusion matrix in the form that kfp.dsl writes into the metadata of a ClassificationMetrics artifact.

    names: of the classes, without `(nothing)`. counts: from `matrix` or `for_ui`.
    """
    return {
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": name} for name in (*names, NOTHING)],
            "rows": [{"row": row} for row in counts.tolist()],
        }
    }


def as_text(confusions: Mapping[str, Any]) -> str:
    """The content of the file `confusion`. confusions: from `for_kfp`."""
    return json.dumps(confusions, indent=2, ensure_ascii=False) + "\n"


def totals(counts: np.ndarray) -> dict[str, int]:
    """Objects whose class was detected, objects that were taken for another class or missed, and detections of nothing.

    counts: from `matrix`.
    """
    found = counts[:-1, :-1]
    right = int(found.diagonal().sum())
    confused, missed = int(found.sum()) - right, int(counts[:-1, -1].sum())
    return {"right": right, "confused": confused, "missed": missed, "of_nothing": int(counts[-1].sum())}


def shown_names(names: Sequence[str]) -> list[str]:
    """The names of the classes for the KFP UI. A long name is cut and gets its number, so that no two are alike."""
    return [
        name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 12]}... ({number})"
        for number, name in enumerate(names, start=1)
    ]


def for_ui(names: Sequence[str], counts: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The class names and the matrix for the KFP UI.

    If there are more than `MOST_SHOWN` classes, the ones with the most mistakes stay, in their order, and the others are summed
    up as one class.
    """
    names = shown_names(names)
    if len(names) <= MOST_SHOWN:
        return names, counts
    mistakes = (counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal())[:-1]
    shown = np.sort(np.argsort(-mistakes, kind="stable")[:MOST_SHOWN])
    target = np.full(len(counts), MOST_SHOWN)
    target[shown], target[-1] = np.arange(MOST_SHOWN), MOST_SHOWN + 1
    summed = np.zeros((MOST_SHOWN + 2, MOST_SHOWN + 2), counts.dtype)
    np.add.at(summed, (target[:, None], target[None]), counts)
    return [*(names[int(index)] for index in shown), OTHERS], summed


def notices(classes: int) -> list[str]:
    """A notice if there are more classes than the KFP UI shows."""
    if classes <= MOST_SHOWN:
        return []
    return [
        f"The KFP UI shows the confusion matrix of the {MOST_SHOWN} classes with the most mistakes and the other "
        f"{classes - MOST_SHOWN} as one class, and no AP50 per class. The files metrics.json and confusion hold all {classes}."
    ]
