"""Objects that are boxed twice: pairs of boxes in one image that overlap almost completely."""

import numpy as np

from boxwright.diagnose.data import SIDES, Data

# Two boxes that overlap this much are one object. The boxes of two neighbours hardly ever reach 0.7.
TWICE_IOU = 0.85


def double_boxes(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """(m, 2) rows of training objects of one image that overlap at TWICE_IOU or more, and (m,) whether their classes agree.

    Rows count in the order of `data.objects_in("train")`, sorted by image.
    """
    objects = data.objects_in("train").sort_values("image_id", kind="stable")
    boxes, ids = objects[SIDES].to_numpy(float), objects.class_id.to_numpy()
    following = objects.groupby("image_id").cumcount(ascending=False).to_numpy()  # rows of the same image after each
    pairs, step = [np.empty((0, 2), int)], 1
    # The rows of one image are consecutive, so one shift compares all images at once.
    while len(first := np.flatnonzero(following >= step)):
        near = first[_iou(boxes[first], boxes[first + step]) >= TWICE_IOU]
        pairs.append(np.stack([near, near + step], axis=1))
        step += 1
    found = np.concatenate(pairs)
    return found, ids[found[:, 0]] == ids[found[:, 1]]


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n,) IoU of boxes_yxyx (n, 4), row by row."""
    sides = np.clip(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0, None)
    shared = sides.prod(1)
    return shared / np.maximum((a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - shared, 1e-12)
