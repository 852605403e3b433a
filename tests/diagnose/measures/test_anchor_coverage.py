# environment: data
"""Shares of objects that are out of the anchors' reach, by class and size, and how severe they are. By hand."""

import numpy as np
import pytest

from boxwright.diagnose.measures import anchor_coverage, evidence

OUT, REACHED = 0.49, 0.5


@pytest.mark.parametrize(("missed", "n", "enough"), [(1, 2, True), (2, 8, False), (4, 100, True), (5, 100, False)])
def test_one_object_or_4_of_100_need_no_change(missed, n, enough):
    assert anchor_coverage.enough(missed, n) == enough


@pytest.mark.parametrize(
    ("missed", "severity"), [(4, None), (5, "low"), (14, "low"), (15, "medium"), (29, "medium"), (30, "high")]
)
def test_severity_grows_with_the_share_out_of_reach(make_data, missed, severity):
    """Of 100 cats; IoU 0.5 is within reach. 30 % of all objects are always severe."""
    data = make_data(counts={"train": 100}, per_image={"cat": 1})
    iou = np.array([OUT] * missed + [REACHED] * (100 - missed))
    assert anchor_coverage.unreachable(data, iou) == {"cat": missed / 100}
    misses, ids = iou < REACHED, np.ones(100, int)
    assert anchor_coverage.starved(misses, ids) == [1] * bool(severity)
    assert not severity or evidence.of_classes(misses, ids, anchor_coverage.OUT_OF_REACH) == severity


def test_severity_counts_the_whole_too():
    """One class of many is out of reach, each with 100 objects; or three classes lose a third each."""
    for classes, severity in ((80, "low"), (40, "medium"), (20, "high"), (2, "high")):
        ids = np.repeat(np.arange(1, classes + 1), 100)
        assert evidence.of_classes(ids == 1, ids, anchor_coverage.OUT_OF_REACH) == severity
    ids = np.repeat([1, 2, 3], 100)
    assert evidence.of_classes(np.arange(300) % 3 == 0, ids, anchor_coverage.OUT_OF_REACH) == "high"


def test_a_class_is_starved_if_4_percent_are_missed():
    """One of 10 is one object; two of 10 are 20 %; two of 100 are 2 %; five of 100 are 5 %. The worst comes first."""
    ids = np.repeat([1, 2, 3, 5], [10, 10, 100, 100])
    misses = np.concatenate([np.arange(10) < 1, np.arange(10) < 2, np.arange(100) < 2, np.arange(100) < 5])
    assert anchor_coverage.starved(misses, ids) == [2, 5]


def test_names_ranges_of_size_that_new_anchors_lose():
    """Of 100 large cats 3 more are missed, of 100 small ones 50 fewer, of 100 large dogs one more."""
    small, large = np.tile([0.0, 0, 0.1, 0.1], (100, 1)), np.tile([0.0, 0, 0.5, 0.5], (100, 1))
    ids = np.repeat([1, 1, 2], 100)
    before = np.concatenate([np.arange(100) >= 60, np.arange(100) >= 2, np.ones(100)])
    after = np.concatenate([np.arange(100) >= 10, np.arange(100) >= 5, np.arange(100) >= 1])
    boxes = np.concatenate([small, large, large])
    (lost,) = anchor_coverage.size_losses(boxes, ids, before, after, 300)
    assert (lost.class_id, lost.n, lost.before, lost.after) == (1, 100, 0.02, 0.05)
    assert anchor_coverage.sizes_lost([lost], ["cat"]) == "large (> 96 px) cat: 5.0 instead of 2.0 % (n = 100)"


@pytest.mark.parametrize(
    ("left", "answered"),
    [
        ((0, 0), True),
        ((20, 30), True),  # a quarter of each
        ((40, 60), False),  # half of each, but that is still severe
        ((0, 101), False),  # less than half of the 200 objects
        ((60, 0), False),  # 60 of 200 objects, but the worst class not by half
    ],
)
def test_most_is_half_of_the_objects_and_the_worst_class(left, answered):
    """80 of 80 cats and 120 of 240 dogs are out of reach, and a plan leaves this many."""
    ids = np.repeat([1, 2], [80, 240])

    def missed(cats, dogs):
        return np.concatenate([np.arange(80) < cats, np.arange(240) < dogs])

    assert anchor_coverage.mostly_answered(missed(80, 120), missed(*left), ids) == answered


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
