"""Matches detections to objects in one image, as the COCO evaluation does at IoU 0.5."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from boxwright.core import boxes as geometry
from boxwright.core.artifacts.coco import GroundTruth

IOU = 0.5
Item = TypeVar("Item", bound=Mapping[str, Any])
Things = Sequence[Mapping[str, Any]]  # COCO annotations or detections of one image


def match(objects: Things, detections: Things, *, same_class: bool) -> dict[int, int]:
    """Index of each matched detection -> index of its object.

    In the order of falling scores, each detection takes the free object with the highest IoU, if that is at least 0.5.
    same_class: whether the object must be of the detection's class. objects: without crowds.
    """
    if not objects or not detections:
        return {}
    overlaps = geometry.iou(geometry.from_coco(detections), geometry.from_coco(objects))
    if same_class:
        overlaps = overlaps * _of_one_class(detections, objects)
    matched = {}
    for index in by_score(detections):
        best = int(overlaps[index].argmax())
        if overlaps[index, best] >= IOU:
            matched[index] = best
            overlaps[:, best] = 0.0
    return matched


def in_crowd(detections: Things, crowds: Things, *, same_class: bool) -> np.ndarray:
    """(n,) bool: whether at least half of a detection's area is in one crowd. COCO ignores such detections.

    same_class: whether the crowd must be of the detection's class.
    """
    boxes_yxyx = geometry.from_coco(detections)
    shared = geometry.intersection(boxes_yxyx, geometry.from_coco(crowds))
    if same_class:
        shared = shared * _of_one_class(detections, crowds)
    return np.any(shared >= IOU * geometry.area(boxes_yxyx)[:, None], axis=1)


def by_score(detections: Things) -> list[int]:
    """Indices of the detections from high to low score; equal scores keep their order."""
    return sorted(range(len(detections)), key=lambda index: -detections[index]["score"])


def group_by_image(things: Iterable[Item]) -> dict[int, list[Item]]:
    """The annotations or detections by image id. An image id that does not occur gives an empty list."""
    grouped: dict[int, list[Item]] = defaultdict(list)
    for thing in things:
        grouped[thing["image_id"]].append(thing)
    return grouped


def objects_per_class(groundtruth: GroundTruth) -> dict[str, int]:
    """Number of objects by class name. Crowds do not count, as in COCO."""
    counts = Counter(one["category_id"] for one in groundtruth["annotations"] if not one["iscrowd"])
    return {category["name"]: counts[category["id"]] for category in groundtruth["categories"]}


def _of_one_class(some: Things, others: Things) -> np.ndarray:
    """(n, m) bool: whether each of n and each of m have the same class."""
    return np.equal.outer(*([thing["category_id"] for thing in things] for things in (some, others)))
