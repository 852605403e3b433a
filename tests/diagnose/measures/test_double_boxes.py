# environment: data
"""Pairs of boxes around one object, compared with a look at every pair."""

import numpy as np

from boxwright.core import boxes
from boxwright.diagnose.measures import double_boxes


def by_hand(boxes_yxyx, images):
    """All pairs of one image at TWICE_IOU or more."""
    iou = boxes.iou(boxes_yxyx, boxes_yxyx) * (images[:, None] == images)
    return {(i, j) for i, j in np.argwhere(iou >= double_boxes.TWICE_IOU).tolist() if i < j}


def test_finds_the_same_pairs_as_a_look_at_all():
    random = np.random.default_rng(0)
    corners = random.uniform(0, 0.8, (300, 2))
    first = np.concatenate([corners, corners + random.uniform(0.02, 0.2, (300, 2))], axis=1)
    moved = first + random.normal(0, 0.004, first.shape)
    boxes_yxyx, images = np.concatenate([first, moved]), np.tile(np.repeat(np.arange(10), 30), 2)
    found = {tuple(sorted(pair)) for pair in double_boxes._pairs(boxes_yxyx, images).tolist()}
    assert found == by_hand(boxes_yxyx, images) and len(found) > 50


def test_an_image_with_many_boxes_takes_no_longer():
    """200,000 boxes in one image: all pairs would be 20 billion."""
    random = np.random.default_rng(0)
    corners = random.uniform(0, 0.99, (200_000, 2))
    boxes_yxyx = np.concatenate([corners, corners + 0.001], axis=1)
    assert len(double_boxes._pairs(boxes_yxyx, np.zeros(200_000, int))) < 200_000


def test_a_heap_of_equal_boxes_is_not_listed_pair_by_pair():
    pairs = double_boxes._pairs(np.tile([0.1, 0.1, 0.2, 0.2], (20_000, 1)), np.zeros(20_000, int))
    assert 0 < len(pairs) < 3_000_000
