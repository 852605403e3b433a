# environment: data
"""Boxes that lost their place, by hand, and objects that are cut by all corners alike."""

import numpy as np
import pytest
from present import present

from boxwright.diagnose.data import SIDES
from boxwright.diagnose.findings.labels.cornered_boxes import judge


def moved(data, n, corner=(0, 0)):
    """Moves the first n training cats into a corner. corner: (0 or 1, 0 or 1), down and right."""
    rows = data.objects.index[data.objects.class_id == 1][:n]
    sides = data.objects.loc[rows, SIDES].to_numpy()
    size = sides[:, 2:] - sides[:, :2]
    start = np.array(corner) * (1 - size)
    data.objects.loc[rows, SIDES] = np.concatenate([start, start + size], axis=1)
    return data


@pytest.mark.parametrize(("n", "severity"), [(6, None), (7, "medium"), (15, "medium"), (16, "high")])
def test_boxes_in_the_top_left_corner_lost_their_place(make_data, n, severity):
    """Of 320 training boxes."""
    finding = judge(moved(make_data(), n))
    assert (finding and finding.severity) == severity
    assert not finding or [(row.subject, row.n) for row in finding.evidence] == [("", 320), ("cat", 160)]
    assert not finding or (len(finding.items) == min(n, 12) and f"{n} of 320" in present(finding).claim)


@pytest.mark.parametrize("corner", [(0, 1), (1, 0), (1, 1)])
def test_objects_that_all_corners_cut_are_no_flaw(make_data, corner):
    """Twenty objects at the top left, four at another corner."""
    data = moved(make_data(), 24, corner)
    assert judge(data) is None
    assert judge(moved(data, 20)) is not None
    assert judge(moved(moved(make_data(), 25, corner), 20)) is None


def test_boxes_of_whole_pictures_lie_in_no_corner(make_data):
    data = make_data()
    data.objects[SIDES] = (0.0, 0.0, 1.0, 1.0)
    assert judge(data) is None


def test_finds_nothing_in_clean_data(make_data):
    assert [judge(make_data(seed=seed)) for seed in range(100, 110)] == [None] * 10


def test_a_class_that_is_always_in_the_corner_is_no_flaw(make_data):
    """Such as a time stamp."""
    assert judge(moved(make_data(), 160)) is None
