"""Assigns training objects to anchors, as the OD API's target assigner does.

Source: object_detection.matchers.argmax_matcher with force_match_for_each_row. First, each anchor gets the object with the
highest IoU, if that is 0.5 or more. Then every object gets its best anchor, even if the fit is bad. If two objects have the same
best anchor, the first object gets it. The other object is not learned, unless it has another anchor.
"""

import numpy as np
import pandas as pd

from boxwright.core import anchors, boxes
from boxwright.core.anchors import Laid
from boxwright.diagnose.data import SIDES, Data, rows
from boxwright.diagnose.measures.double_boxes import double_boxes

IMAGES = 500
# The most objects in the sample, and in one image of it. Matching an image takes objects times anchors.
_OBJECTS, _IN_IMAGE = 10_000, 1_000


def assign(boxes_yxyx: np.ndarray, anchors_yxyx: np.ndarray) -> np.ndarray:
    """(m,) for each anchor the row of boxes_yxyx that it learns, or -1. boxes_yxyx: (n, 4) with n > 0; anchors_yxyx: (m, 4)."""
    # float32 as in the OD API: of equal anchors the first wins.
    iou = boxes.iou(boxes_yxyx, anchors_yxyx).astype(np.float32)
    owner = np.where(iou.max(0) >= anchors.MATCHED_IOU, iou.argmax(0), -1)
    best = iou.argmax(1)
    owner[best[::-1]] = np.arange(len(best))[::-1]  # the first row is written last, so it wins
    return owner


def positives(boxes_yxyx: np.ndarray, anchors_yxyx: np.ndarray) -> np.ndarray:
    """(n,) number of anchors that each object gets."""
    owner = assign(boxes_yxyx, anchors_yxyx)
    return np.bincount(owner[owner >= 0], minlength=len(boxes_yxyx))


def sampled(data: Data, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """boxes_yxyx and class ids of training images with objects; at most 500 images and 10,000 objects, drawn at random.

    Images with more than 1,000 objects are left out. An object that is boxed twice counts once, because no grid can separate its
    boxes. Another finding reports it.
    """
    objects = data.objects_in("train").sort_values("image_id", kind="stable")
    second = np.unique(double_boxes(data)[0][:, 1])
    objects = rows(objects, pd.Series(~np.isin(np.arange(len(objects)), second), objects.index))
    ids = _chosen(objects.image_id.to_numpy(), seed)
    objects = rows(objects, objects.image_id.isin(ids))
    if not len(ids):
        return []
    starts = np.searchsorted(objects.image_id.to_numpy(), ids)[1:]
    boxes_yxyx, class_ids = objects[SIDES].to_numpy(float), objects.class_id.to_numpy(int)
    return list(zip(np.split(boxes_yxyx, starts), np.split(class_ids, starts), strict=True))


def _chosen(image_ids: np.ndarray, seed: int) -> np.ndarray:
    """The sorted ids of the images that are drawn. image_ids: (n,) of each object."""
    ids, counts = np.unique(image_ids, return_counts=True)
    ids, counts = ids[counts <= _IN_IMAGE], counts[counts <= _IN_IMAGE]
    drawn = np.random.default_rng(seed).permutation(len(ids))[:IMAGES]
    return np.sort(ids[drawn[np.cumsum(counts[drawn]) <= _OBJECTS]])


def without_anchor(images: list[tuple[np.ndarray, np.ndarray]], laid: Laid) -> np.ndarray:
    """(n,) whether an object gets none of these anchors. images: the result of `sampled`. n: all their objects."""
    placed = anchors.anchors(laid)
    return np.concatenate([positives(boxes_yxyx, placed) == 0 for boxes_yxyx, _ in images])
