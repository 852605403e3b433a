"""Recall by object size, by image brightness, and by how well the anchors fit."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from boxwright.core import anchors
from boxwright.core import boxes as geometry
from boxwright.core.artifacts.coco import Annotation, GroundTruth, Image
from boxwright.core.artifacts.errors import Recall
from boxwright.core.recipe import Recipe
from boxwright.evaluate.error_analysis import SCORE

# COCO's area bounds, in square pixels of the original image.
SIZES = ("small (below 32² px)", "medium (to 96² px)", "large")
LIGHTS = ("darkest third", "middle third", "brightest third")
REACHED = ("out of reach (IoU below 0.5)", "reached barely (0.5 to 0.7)", "reached well (0.7 and more)")
AXES = {"size": SIZES, "light": LIGHTS, "anchors": REACHED}


def rows(objects: pd.DataFrame) -> list[Recall]:
    """One row per axis, class and bucket that has objects; first all classes together (`class` is None), then each class.

    A row has the number of objects in the bucket, how many of them are found with a score of at least 0.5, and how many at any
    score. objects: from `table`.
    """
    found: list[Recall] = []
    for axis in [name for name in AXES if name in objects]:
        for name, part in ((None, objects), *objects.groupby("class", sort=False)):
            for bucket in AXES[axis]:
                score = part.score[part[axis] == bucket]
                counts = {"objects": len(score), "found": int((score >= SCORE).sum()), "any": int((score > 0).sum())}
                row = {"axis": axis, "class": name, "bucket": bucket, **counts}
                found += [Recall.model_validate(row)] if len(score) else []
    return found


def table(
    groundtruth: GroundTruth, scores: Mapping[int, float], brightness: Sequence[float], recipe: Recipe | None
) -> pd.DataFrame:
    """One row per object that is not a crowd, with its `class`, the `score` of its detection (0: not found), and its buckets.

    The buckets are in the columns `size`, `light` (if images differ in brightness) and `anchors` (if the recipe is known).
    scores: by annotation id. brightness: (images,) mean luma in 0..1, in the order of the image ids 1..n.
    """
    objects = [a for a in groundtruth["annotations"] if not a["iscrowd"]]
    names = {category["id"]: category["name"] for category in groundtruth["categories"]}
    found = pd.DataFrame(
        {
            "class": [names[a["category_id"]] for a in objects],
            "score": [scores.get(a["id"], 0.0) for a in objects],
            "size": _buckets([a["area"] for a in objects], (32**2, 96**2), SIZES),
        }
    )
    thirds = np.quantile(brightness, (1 / 3, 2 / 3)) if len(brightness) else np.zeros(2)
    if thirds[0] < thirds[1]:
        found["light"] = _buckets([brightness[a["image_id"] - 1] for a in objects], thirds, LIGHTS)
    if recipe:
        best = anchors.best_iou(boxes_in_shares(objects, groundtruth["images"]), recipe)
        found["anchors"] = _buckets(best, (anchors.MATCHED_IOU, 0.7), REACHED)
    return found


def _buckets(
    values: Sequence[float] | np.ndarray, bounds: Sequence[float] | np.ndarray, names: Sequence[str]
) -> list[str]:
    """The name of the bucket of each value. A bound belongs to the bucket above it."""
    return [names[int(i)] for i in np.searchsorted(np.asarray(bounds), np.asarray(values, float), side="right")]


def boxes_in_shares(objects: Sequence[Annotation], images: Sequence[Image]) -> np.ndarray:
    """(n, 4) boxes_yxyx, in 0..1 of the image's sides. objects: COCO annotations, with boxes in pixels."""
    sides = {image["id"]: (image["height"], image["width"]) * 2 for image in images}
    return geometry.from_coco(objects) / np.array([sides[a["image_id"]] for a in objects], float).reshape(-1, 4)


def luma(image: np.ndarray) -> float:
    """Mean luma in 0..1 of an (h, w, 3) uint8 RGB image, with the weights of ITU-R BT.601."""
    return float(image.reshape(-1, 3).mean(axis=0) @ (0.299, 0.587, 0.114) / 255)
