# environment: data
"""Boxes that were filled in instead of drawn: planted, and absent in clean data of several kinds."""

import numpy as np
import pytest
from present import present

from boxwright.diagnose.data import SIDES
from boxwright.diagnose.findings.labels.boxes_alike import alike, judge

DUMMY, WHOLE = (0.1, 0.1, 0.9, 0.9), (0.0, 0.0, 1.0, 1.0)


def fill(data, box, names=("cat", "dog"), noise=0.0, seed=0):
    rows = data.objects["class"].isin(names)
    noisy = np.array(box) + np.random.default_rng(seed).normal(0, noise, (rows.sum(), 4))
    data.objects.loc[rows, SIDES] = np.clip(noisy, 0, 1)
    return data


def found(data):
    return judge(alike(data.distinct), len(data.distinct.objects_in("train")))


@pytest.mark.parametrize(
    ("box", "title"),
    [(DUMMY, "Most boxes are the same in every picture"), (WHOLE, "Most boxes cover the whole picture")],
)
def test_one_box_for_all_is_one_finding(make_data, box, title):
    finding = present(found(fill(make_data(), box)))
    assert (finding.severity, finding.cause, finding.title) == ("high", "data_quality", title)
    assert [(row.subject, row.value, row.n) for row in finding.evidence] == [("cat", 1, 160), ("dog", 1, 160)]
    assert "train a classifier instead of a detector" in finding.remedy


def test_one_class_of_many_with_dummy_boxes_is_medium(make_data):
    data = fill(make_data(per_image={"cat": 4, "dog": 1}), DUMMY, ["dog"])
    finding = present(found(data))
    assert (finding.severity, finding.title) == ("medium", "Most boxes of dog are the same in every picture")


def test_rounding_to_pixels_leaves_the_boxes_copied(make_data):
    """A tenth of 97 pixels is rounded to 10."""
    data = fill(make_data(), tuple(np.round(np.array(DUMMY) * 97) / 97))
    data.images["height"] = data.images["width"] = 97
    half = data.objects.index[::2]
    data.objects.loc[half, SIDES] = np.array(DUMMY)
    assert present(found(data)).severity == "high"


def test_parts_in_a_mount_are_to_be_looked_at(make_data):
    """Different parts at one place, boxed by hand: half a percent of the side apart. The boxes may be right."""
    finding = present(found(fill(make_data(), DUMMY, noise=0.005)))
    assert finding.severity == "medium" and "the boxes are right" in finding.remedy


def test_frames_of_a_fixed_camera_are_one_picture(make_data):
    data = fill(make_data(), DUMMY)
    data.images["dhash"] = data.images.dhash[0]
    assert found(data) is None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [0.03, 0.08])
def test_centred_objects_are_no_flaw(make_data, spread, seed):
    """A photographer centres one object in each picture. Its box varies by 3 % of the picture or more."""
    assert found(fill(make_data(per_image={"cat": 1}), DUMMY, noise=spread, seed=seed)) is None


def test_finds_nothing_in_clean_data(make_data):
    assert [found(make_data(seed=seed)) for seed in range(100, 120)] == [None] * 20


def test_twenty_pictures_are_needed(make_data):
    assert found(fill(make_data(counts={"train": 19, "val": 30}), DUMMY)) is None
