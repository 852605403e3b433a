"""Objects that are boxed twice: pairs of boxes in one image that overlap almost completely."""

import numpy as np

from boxwright.diagnose.data import SIDES, Data

# Two boxes that overlap this much are one object. The boxes of two neighbours hardly ever reach 0.7.
TWICE_IOU = 0.85
# The most boxes that begin at nearly the same place, from left to right, and that one is compared with. An image with more is
# a heap of equal boxes, and its first pairs show that.
_COMPARED, _MOST_PAIRS = 300, 2_000_000


def double_boxes(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """(m, 2) rows of training objects of one image that overlap at TWICE_IOU or more, and (m,) whether their classes agree.

    Rows count in the order of `data.objects_in("train")`, sorted by image. Each row is compared with at most _COMPARED others.
    """
    objects = data.objects_in("train").sort_values("image_id", kind="stable")
    ids, images = objects.class_id.to_numpy(), objects.image_id.to_numpy()
    pairs = np.sort(_pairs(objects[SIDES].to_numpy(float), images), axis=1)
    found = pairs[np.lexsort(pairs.T[::-1])]
    return found, ids[found[:, 0]] == ids[found[:, 1]]


def _pairs(boxes_yxyx: np.ndarray, images: np.ndarray) -> np.ndarray:
    """(m, 2) rows of boxes of one image that overlap at TWICE_IOU or more, in no particular order.

    From left to right, the left sides of two such boxes are near: at most (1 - TWICE_IOU) / TWICE_IOU of the width of the first
    lies between them. So a row has few that follow it, however many boxes an image has.
    """
    order = np.lexsort((boxes_yxyx[:, 1], images))
    boxes, images = boxes_yxyx[order], images[order]
    left, near = boxes[:, 1], (boxes[:, 3] - boxes[:, 1]) * (1 - TWICE_IOU) / TWICE_IOU + 1e-9
    first, pairs, n = np.arange(len(boxes)), [np.empty((0, 2), int)], 0
    for step in range(1, _COMPARED + 1):
        first = first[: np.searchsorted(first, len(boxes) - step)]
        following = first + step
        first = first[(images[first] == images[following]) & (left[following] - left[first] <= near[first])]
        if not len(first) or n > _MOST_PAIRS:
            break
        twice = first[_iou(boxes[first], boxes[first + step]) >= TWICE_IOU]
        pairs.append(np.stack([order[twice], order[twice + step]], axis=1))
        n += len(twice)
    return np.concatenate(pairs)


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n,) IoU of boxes_yxyx (n, 4), row by row."""
    sides = np.clip(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0, None)
    shared = sides.prod(1)
    return shared / np.maximum((a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - shared, 1e-12)
