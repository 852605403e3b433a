# environment: data
"""Areas and overlaps computed by hand: empty boxes, boxes inside, boxes at each edge."""

import numpy as np
import pytest

from boxwright.core import boxes

UNIT = np.array([0.0, 0.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("box", "area"),
    [((0, 0, 1, 1), 1), ((0.2, 0.1, 0.7, 0.3), 0.1), ((0.5, 0.5, 0.5, 0.9), 0), ((0.7, 0.1, 0.2, 0.3), 0)],
)
def test_area(box, area):
    assert boxes.area(np.array([box], float)) == pytest.approx([area])


@pytest.mark.parametrize(
    ("box", "clipped"),
    [
        ((0.2, 0.2, 0.4, 0.4), (0.2, 0.2, 0.4, 0.4)),
        ((-0.5, 0.2, 0.4, 0.4), (0.0, 0.2, 0.4, 0.4)),
        ((0.2, -0.5, 0.4, 0.4), (0.2, 0.0, 0.4, 0.4)),
        ((0.2, 0.2, 1.4, 0.4), (0.2, 0.2, 1.0, 0.4)),
        ((0.2, 0.2, 0.4, 1.4), (0.2, 0.2, 0.4, 1.0)),
        ((1.2, 1.2, 1.4, 1.4), (1.0, 1.0, 1.0, 1.0)),
    ],
)
def test_clip(box, clipped):
    given = np.array([box], float)
    kept = given.copy()
    assert boxes.clip(given, UNIT) == pytest.approx(np.array([clipped]))
    assert (given == kept).all()


def test_clip_to_a_window():
    assert boxes.clip(np.array([[0.0, 0.0, 9.0, 9.0]]), np.array([1.0, 2.0, 3.0, 5.0])).tolist() == [[1, 2, 3, 5]]


def test_reads_boxes_of_coco():
    assert boxes.from_coco([{"bbox": [1, 2, 30, 40]}]).tolist() == [[2, 1, 42, 31]]


@pytest.mark.parametrize(
    ("box", "other", "iou"),
    [
        ((0, 0, 1, 1), (0, 0, 1, 1), 1),
        ((0, 0, 1, 1), (0, 0.5, 1, 1), 0.5),
        ((0, 0, 0.6, 0.6), (0.3, 0.3, 0.9, 0.9), 0.09 / 0.63),
        ((0, 0, 0.5, 0.5), (0.5, 0, 1, 0.5), 0),
        ((0, 0, 0.4, 0.4), (0.6, 0.6, 1, 1), 0),
        ((0, 0, 0, 0), (0, 0, 0, 0), 0),
    ],
)
def test_iou(box, other, iou):
    assert boxes.iou(np.array([box], float), np.array([other], float)) == pytest.approx(np.array([[iou]]))


def test_no_boxes():
    none, some = np.empty((0, 4)), np.array([UNIT])
    assert boxes.iou(none, some).shape == (0, 1)
    assert boxes.area(none).shape == (0,)
    assert boxes.from_coco([]).shape == (0, 4)
