"""Which objects are found: recall by size, by the light of the picture, and by how well the anchors fit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from boxwright.core import anchors
from boxwright.core import boxes as geometry
from boxwright.core.recipe import Recipe
from boxwright.evaluate.errors import SCORE

# COCO's bounds of the area, square pixels of the original picture.
SIZES = ("small (below 32² px)", "medium (to 96² px)", "large")
LIGHTS = ("darkest third", "middle third", "brightest third")
REACHED = ("out of reach (IoU below 0.5)", "reached barely (0.5 to 0.7)", "reached well (0.7 and more)")
AXES = {"size": SIZES, "light": LIGHTS, "anchors": REACHED}


def rows(objects: pd.DataFrame) -> list[dict[str, Any]]:
    """objects: of `table`. For all classes together (`class` None: a class may have any name) and for each, by every axis: how
    many objects a bucket has, how many of them are found at score 0.5, and how many at any score. Buckets without objects are
    left out."""
    found = []
    for axis in [name for name in AXES if name in objects]:
        for name, part in ((None, objects), *objects.groupby("class", sort=False)):
            for bucket in AXES[axis]:
                score = part.score[part[axis] == bucket]
                counts = {"objects": len(score), "found": int((score >= SCORE).sum()), "any": int((score > 0).sum())}
                found += [{"axis": axis, "class": name, "bucket": bucket} | counts] if len(score) else []
    return found


def table(
    groundtruth: Mapping[str, Any], scores: Mapping[int, float], brightness: Sequence[float], recipe: Recipe | None
) -> pd.DataFrame:
    """A row an object that is no crowd: `class`, `score` of the detection that finds it (0: none), and its bucket on every axis:
    `size`, `light` (where the pictures differ), `anchors` (where the recipe is known).

    brightness: (images,) mean luma in the order of their ids 1..n.
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
        best = anchors.best_iou(_relative(objects, groundtruth["images"]), recipe)
        found["anchors"] = _buckets(best, (anchors.MATCHED_IOU, 0.7), REACHED)
    return found


def _buckets(values: Sequence[float], bounds: Sequence[float], names: Sequence[str]) -> list[str]:
    """The name of the interval that holds each value; a bound belongs to the one above it."""
    return [names[i] for i in np.searchsorted(bounds, np.asarray(values, float), side="right")]


def _relative(objects: Sequence[Mapping], images: Sequence[Mapping]) -> np.ndarray:
    """(n, 4) yxyx in 0..1 of each object's picture."""
    sides = {image["id"]: (image["height"], image["width"]) * 2 for image in images}
    return geometry.of_coco(objects) / np.array([sides[a["image_id"]] for a in objects], float).reshape(-1, 4)


def luma(image: np.ndarray) -> float:
    """Mean brightness in 0..1 of (h, w, 3) uint8 RGB, weighted as in ITU-R BT.601."""
    return float(image.reshape(-1, 3).mean(axis=0) @ (0.299, 0.587, 0.114) / 255)
