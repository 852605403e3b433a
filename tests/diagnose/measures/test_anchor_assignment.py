# environment: data
"""Which object gets which anchor, by hand. test_parity.py compares it with the OD API's matcher."""

import numpy as np
import pytest

from boxwright.diagnose.measures import anchor_assignment

# Two anchors side by side, and one far away.
ANCHORS = np.array([[0, 0, 10, 10], [0, 10, 10, 20], [50, 50, 60, 60]], float)


@pytest.mark.parametrize(
    ("boxes", "owner"),
    [
        ([[0, 0, 10, 10]], [0, -1, -1]),  # matched at IoU 1
        ([[0, 0, 4, 4]], [0, -1, -1]),  # IoU .16: forced
        ([[0, 0, 10, 20]], [0, 0, -1]),  # .5 with both
        ([[0, 0, 4, 4], [5, 5, 9, 9]], [0, -1, -1]),  # one best anchor: the first object gets it, the second gets none
        ([[0, 0, 4, 4], [0, 0, 10, 10]], [0, -1, -1]),  # even if it fits the second object better
        ([[0, 0, 10, 10], [0, 9, 10, 19]], [0, 1, -1]),
    ],
)
def test_assigns_anchors_to_objects(boxes, owner):
    assert anchor_assignment.assign(np.array(boxes, float), ANCHORS).tolist() == owner


def test_counts_the_anchors_of_each_object():
    boxes = np.array([[0, 0, 4, 4], [5, 5, 9, 9], [0, 10, 10, 20]], float)
    assert anchor_assignment.positives(boxes, ANCHORS).tolist() == [1, 0, 1]


def test_looks_at_500_images_at_most(make_data):
    images = anchor_assignment.sampled(make_data(counts={"train": 600, "val": 1}, side={"cat": 0.1}), 0)
    assert len(images) == 500
    assert all(len(ids) == 2 and set(ids) == {1, 2} for _, ids in images)


def test_looks_at_10_000_objects_at_most_and_at_no_heaps(make_data):
    crowded = make_data(counts={"train": 80, "val": 1}, per_image={"cat": 300}, side={"cat": 0.03})
    assert 9_000 < sum(len(ids) for _, ids in anchor_assignment.sampled(crowded, 0)) <= 10_000
    heaps = make_data(counts={"train": 2, "val": 1}, per_image={"cat": 1_500}, side={"cat": 0.03})
    assert anchor_assignment.sampled(heaps, 0) == []
