# environment: data
"""A split that differs from training in contrast, sharpness or size: planted, and absent."""

import numpy as np
import pytest
from scipy import stats

from boxwright.diagnose.findings.split.split_shift import judge
from boxwright.diagnose.measures.class_axes import class_axes


def measured(make_data, seed=0, **settings):
    """Data with contrast and sharpness that vary from image to image only."""
    data, random = make_data(seed=seed, **settings), np.random.default_rng(seed)
    data.images["contrast"] = random.normal(0.2, 0.03, len(data.images))
    data.images["sharpness"] = random.lognormal(5, 0.5, len(data.images))
    return data


def found(data):
    return {finding.key: finding for finding in judge(class_axes(data), data)}


@pytest.mark.parametrize(("axis", "id"), [("contrast", "contrast_shift"), ("sharpness", "sharpness_shift")])
def test_a_split_with_another_look(make_data, axis, id):
    data = measured(make_data)
    data.images.loc[data.images.split == "test", axis] *= 3
    finding = found(data)[id]
    relative = data.images[axis] / data.images.brightness ** {"contrast": 1, "sharpness": 2}[axis]
    train, test = (relative[data.images.split == s] for s in ("train", "test"))
    assert finding.severity == "high" and "test" in finding.claim
    assert finding.evidence[0].value == pytest.approx(stats.ks_2samp(train, test)[0], abs=1e-3)


def test_a_split_with_another_size_of_a_class(make_data):
    """In validation the dogs are a third as large."""
    data = measured(make_data)
    dogs = (data.objects.class_id == 2) & (data.objects.split == "val")
    data.objects.loc[dogs, "ymax"] = data.objects.ymin + 0.1
    data.objects.loc[dogs, "xmax"] = data.objects.xmin + 0.1
    finding = found(data)["size_shift.dog"]
    assert finding.severity == "high" and "the median is 0.1 in val and 0.30" in finding.claim
    assert "size_shift.cat" not in found(data)


def test_finds_nothing_in_clean_data(make_data):
    assert sum(len(found(measured(make_data, seed))) for seed in range(100, 120)) <= 1


def test_finds_nothing_with_few_objects(make_data):
    assert found(measured(make_data, counts={"train": 19, "val": 19})) == {}


def test_finds_nothing_in_images_without_measures(make_data):
    data = make_data()
    data.images["brightness"] = None
    assert found(data) == {}
