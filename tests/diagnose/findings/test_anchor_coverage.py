# environment: data
"""Which shares of objects out of reach are told, how severely, and in which size, by hand."""

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.diagnose.findings import anchor_coverage

STOCK = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600)
OUT, REACHED = 0.49, 0.5


@pytest.mark.parametrize(("missed", "n", "enough"), [(1, 2, True), (2, 8, False), (4, 100, True), (5, 100, False)])
def test_one_object_or_four_of_a_hundred_need_no_change(missed, n, enough):
    assert anchor_coverage.enough(missed, n) == enough


@pytest.mark.parametrize(
    ("missed", "severity"), [(4, None), (5, "low"), (14, "low"), (15, "medium"), (49, "medium"), (50, "high")]
)
def test_half_out_of_reach_is_severe(make_data, missed, severity):
    """Of 100 cats; IoU 0.5 is within reach."""
    data = make_data(counts={"train": 100}, per_image={"cat": 1})
    iou = np.array([OUT] * missed + [REACHED] * (100 - missed))
    assert anchor_coverage.unreachable(data, iou) == {"cat": missed / 100}
    found = anchor_coverage.findings(data, STOCK, STOCK, iou, iou)
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    assert {(f.expected_effect, f.effect_points) for f in found} <= {("not measured here", None)}, "no anchors do more"


def test_sizes_begin_at_their_bound(make_data):
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
