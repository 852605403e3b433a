# environment: data
"""A class that does not vary on an axis: planted, and absent."""

import numpy as np
import pytest

from boxwright.diagnose.data import rows
from boxwright.diagnose.findings.data.thin_diversity import judge
from boxwright.diagnose.measures.class_axes import BACKGROUND_AXES, class_axes


def measured(make_data, seed=0, **settings):
    """Data with contrast and sharpness that vary from image to image only."""
    data, random = make_data(seed=seed, **settings), np.random.default_rng(seed)
    data.images["contrast"] = random.normal(0.2, 0.03, len(data.images))
    data.images["sharpness"] = random.lognormal(5, 0.5, len(data.images))
    return data


def found(data, backgrounds=None):
    axes = class_axes(data, backgrounds)
    made = [judge(rows(axes, axes.split == "train"), name) for name in data.classes]
    return {finding.subject: finding for finding in made if finding}


def test_a_class_is_always_in_the_same_light(make_data):
    """Dogs are in the second half of the training images, where the brightness varies a twentieth as much."""
    data = measured(make_data)
    train = data.images.index[data.images.split == "train"]
    data.images.loc[train[80:], "brightness"] = 0.5 + (data.images.brightness[train[80:]] - 0.5) / 20
    of = data.objects.image_id
    data.objects.drop(index=data.objects.index[((of <= 80) & (data.objects.class_id == 2)) | ((of > 80) & (of <= 160) & (data.objects.class_id == 1))], inplace=True)  # fmt: skip  # noqa: E501
    finding = found(data)["dog"]
    assert finding.severity == "medium" and "brightness" in finding.claim
    assert finding.evidence[0].value == pytest.approx(0.05, abs=0.02)
    assert "cat" not in found(data)


def test_a_class_is_always_in_the_same_place(make_data):
    data = measured(make_data)
    dogs = data.objects.class_id == 2
    data.objects.loc[dogs, ["xmin", "xmax"]] = [0.3, 0.6]
    finding = found(data)["dog"]
    assert finding.severity == "low" and "place across the picture (0%)" in finding.claim


def test_a_class_always_has_the_same_background(make_data):
    """Pixels are known of the first hundred images only. Dogs are always on one table, cats anywhere."""
    data, random = measured(make_data), np.random.default_rng(1)
    data.images["filename"] = [f"{n}.jpg" for n in data.images.image_id]
    behind = data.objects[["image_id", "class"]].drop_duplicates().query("image_id <= 100")
    behind = behind.assign(filename=[f"{n}.jpg" for n in behind.image_id]).drop(columns="image_id")
    for axis in BACKGROUND_AXES:
        behind[axis] = random.normal(0.5, 0.1, len(behind))
    assert found(data, behind) == {}
    dogs = behind["class"] == "dog"
    behind.loc[dogs, "brightness behind it"] = random.normal(0.3, 0.01, dogs.sum())
    finding = found(data, behind)["dog"]
    assert finding.severity == "medium" and "brightness behind it (" in finding.claim
    assert finding.evidence[0].n == dogs.sum() and finding.evidence[0].where.startswith("pixels")


def test_finds_nothing_in_clean_data(make_data):
    assert sum(len(found(measured(make_data, seed))) for seed in range(100, 120)) <= 1


def test_finds_nothing_with_few_objects(make_data):
    assert found(measured(make_data, counts={"train": 19, "val": 19})) == {}
