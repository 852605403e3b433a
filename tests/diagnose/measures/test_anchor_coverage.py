# environment: data
"""Shares of objects that are out of the anchors' reach, by class and size, and how severe they are. By hand."""

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.diagnose.findings.anchors import anchors_unreachable
from boxwright.diagnose.measures import anchor_coverage

STOCK = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600)
OUT, REACHED = 0.49, 0.5


@pytest.mark.parametrize(("missed", "n", "enough"), [(1, 2, True), (2, 8, False), (4, 100, True), (5, 100, False)])
def test_one_object_or_4_of_100_need_no_change(missed, n, enough):
    assert anchor_coverage.enough(missed, n) == enough


@pytest.mark.parametrize(
    ("missed", "severity"), [(4, None), (5, "low"), (14, "low"), (15, "medium"), (49, "medium"), (50, "high")]
)
def test_severity_grows_with_the_share_out_of_reach(make_data, missed, severity):
    """Of 100 cats; IoU 0.5 is within reach."""
    data = make_data(counts={"train": 100}, per_image={"cat": 1})
    iou = np.array([OUT] * missed + [REACHED] * (100 - missed))
    assert anchor_coverage.unreachable(data, iou) == {"cat": missed / 100}
    misses = iou < REACHED
    found = anchors_unreachable.judge("cat", 1, np.full(100, 20.0), misses, misses, STOCK, STOCK)
    assert (found and found.severity) == severity
    assert not found or (found.expected_effect, found.effect_points) == ("not measured here", None), "no gain"


def test_a_size_begins_at_its_lower_bound(make_data):
    """Sides of 31, 32, 95 and 96 px at an input of 256."""
    data = make_data(counts={"train": 4}, per_image={"cat": 1})
    for row, pixels in zip(data.objects.index, (31, 32, 95, 96), strict=True):
        data.objects.loc[row, ["ymin", "xmin", "ymax", "xmax"]] = [0, 0, pixels / 256, pixels / 256]
    rows = anchor_coverage.by_size(data, np.array([OUT, OUT, REACHED, OUT]), np.full(4, REACHED), 256)
    assert [(row.size.split()[0], row.n, row.stock, row.used) for row in rows] == [
        ("small", 1, 1.0, 0.0),
        ("medium", 2, 0.5, 0.0),
        ("large", 1, 1.0, 0.0),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [(0.9, 0.45, True), (0.9, 0.5, False), (0.05, 0.04, True), (1.0, 1.0, False)]
)
def test_halving_the_share_out_of_reach_puts_it_right(before, after, expected):
    assert anchor_coverage.puts_right(before, after) is expected
