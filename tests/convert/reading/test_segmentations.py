# environment: data
"""Boxes of segmentations, worked out by hand. pycocotools 2.0 encoded the texts."""

import math

import pytest

from boxwright.convert.reading import segmentations

BLOCK = r"\<h0h000000000000000000000000000000dk1"  # rows 12..35 and columns 8..23 of 48 x 64


@pytest.mark.parametrize(
    ("segmentation", "box"),
    [
        ([[8, 12, 24, 12, 24, 36, 8, 36]], (8, 12, 24, 36)),
        ([8, 12, 24, 12, 16, 36.5], (8, 12, 24, 36.5)),
        ([[8, 12, 24, 12, 24, 36], [1, 2, 3, 2, 3, 50]], (1, 2, 24, 50)),
        ({"size": [4, 5], "counts": [5, 2, 2, 2, 9]}, (1, 1, 3, 3)),
        ({"size": [4, 5], "counts": [6, 3, 11]}, (1, 0, 3, 4)),
        ({"size": [4, 5], "counts": [0, 20]}, (0, 0, 5, 4)),
        ({"size": [48, 64], "counts": BLOCK}, (8, 12, 24, 36)),
        ({"size": [51, 39], "counts": "h`0`0S10WZ1"}, (10, 26, 12, 42)),
        ({"size": [59, 23], "counts": "T5=lT1"}, (2, 46, 3, 59)),
    ],
)
def test_box(segmentation, box):
    assert segmentations.box_xyxy(segmentation) == box


@pytest.mark.parametrize(
    "segmentation",
    [
        None, [], [[]], [[1, 2, 3, 4]], [[1, 2, 3, 4, 5, 6, 7]], [["a"] * 6], {}, "text", {"size": [4, 5], "counts": [20]},
        {"size": [4, 5], "counts": [5, 99]}, {"size": [4, 5], "counts": ""}, {"size": [0, 0], "counts": [0, 1]},
    ],
)  # fmt: skip
def test_no_box(segmentation):
    with pytest.raises((TypeError, ValueError)):
        segmentations.box_xyxy(segmentation)


@pytest.mark.parametrize("point", [(float("nan"), 3), (3, float("nan"))])
def test_nan_is_not_passed_over(point):
    assert all(map(math.isnan, segmentations.box_around([(1, 2), point, (5, 6)])))
