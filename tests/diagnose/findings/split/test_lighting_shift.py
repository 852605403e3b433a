# environment: data
"""A split in another light: planted, and absent."""

import numpy as np
import pytest
from present import present

from boxwright.diagnose.findings.split import lighting_shift, split_shift
from boxwright.diagnose.measures.beyond_training import beyond_training
from boxwright.diagnose.measures.class_axes import class_axes


def judge(data, leaked=frozenset()):
    found = beyond_training(data, class_axes(data))
    assert split_shift.judge(found, leaked) is None, "light alone is one finding"
    return lighting_shift.judge(found, leaked)


def test_finds_a_dark_split(make_data):
    finding = present(judge(make_data(brightness={"val": 0.2})))
    assert finding.severity == "high" and finding.title == "The val images are darker than the training images"
    assert [(row.subject, row.value, row.n) for row in finding.evidence] == [("val", pytest.approx(1, abs=0.1), 40)]
    assert finding.claim.startswith("The median brightness is 0.21 in val and 0.5 in train. Most val images are beyond")


def test_two_dark_splits_are_one_finding(make_data):
    finding = present(judge(make_data(brightness={"val": 0.2, "test": 0.2})))
    assert finding.title == "The val and test images are darker than the training images"
    assert {row.subject for row in finding.evidence} == {"val", "test"}


def test_training_that_covers_the_light_is_minor(make_data):
    """Every twenty-fifth training image is as dark as validation."""
    data = make_data(counts={"train": 400, "val": 40}, brightness={"val": 0.2})
    train = data.images.index[data.images.split == "train"]
    data.images.loc[train[::25], "brightness"] = np.linspace(0.1, 0.25, 16)
    finding = present(judge(data))
    assert finding.severity == "low" and finding.title == "The val images are darker than most training images"
    assert "Training shows such images" in finding.claim


def test_light_within_that_of_training_is_no_shift(make_data):
    """Training is lit from 0.1 to 0.9; validation is darker on average, and the old test called it shifted."""
    data, random = make_data(brightness={"val": 0.3}), np.random.default_rng(0)
    train = data.images.split == "train"
    data.images.loc[train, "brightness"] = random.uniform(0.1, 0.9, train.sum())
    assert judge(data) is None


def test_ignores_an_invisible_difference_in_light(make_data):
    """One fixed camera: 0.51 against 0.52, and no two images alike."""
    data = make_data()
    val = data.images.split == "val"
    data.images["brightness"] = np.where(val, 0.51, 0.52) + np.linspace(0, 0.004, len(val))
    assert judge(data) is None


def test_a_leak_is_removed_before_splits_are_made_anew(make_data):
    data = make_data(brightness={"val": 0.2})
    assert "convert again" in present(judge(data)).remedy
    leaked = present(judge(data, frozenset({"val"}))).remedy
    assert "convert again" not in leaked and "First remove the copies between the splits" in leaked


def test_finds_nothing_in_images_without_measures(make_data):
    data = make_data()
    data.images["brightness"] = None
    assert judge(data) is None
