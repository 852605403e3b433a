# environment: data
"""A class that does not vary in light or background: planted, and absent."""

import numpy as np
import pytest
from present import present

from boxwright.diagnose.data import rows
from boxwright.diagnose.findings.data.thin_diversity import judge
from boxwright.diagnose.measures.class_axes import BACKGROUND_AXES, class_axes


def apart(make_data, seed=0):
    """Cats are in the first half of the training images, dogs in the second. Light varies from 0.3 to 0.7."""
    data, random = make_data(seed=seed), np.random.default_rng(seed)
    data.images["brightness"] = random.uniform(0.3, 0.7, len(data.images))
    of, wanted = data.objects.image_id, np.where(data.objects.class_id == 1, 0, 80)
    data.objects.drop(index=data.objects.index[(of <= wanted) | (of > wanted + 80)], inplace=True)
    return data


def found(data, backgrounds=None):
    axes = class_axes(data, backgrounds)
    return judge(rows(axes, axes.split == "train"), data.classes)


def test_a_class_is_always_in_the_same_light(make_data):
    data = apart(make_data)
    dogs = data.images.image_id > 80
    data.images.loc[dogs, "brightness"] = 0.5 + (data.images.brightness[dogs] - 0.5) / 20
    finding = present(found(data))
    assert (finding.severity, finding.title) == ("medium", "dog is always in the same light")
    assert [(row.subject, row.value) for row in finding.evidence] == [("dog", pytest.approx(0.05, abs=0.02))]


def test_a_difference_that_nobody_sees_is_no_finding(make_data):
    """Studio light: the cats' light varies by 0.04, the dogs' by a twentieth of that."""
    data = apart(make_data)
    data.images["brightness"] = 0.5 + (data.images.brightness - 0.5) / np.where(data.images.image_id > 80, 200, 10)
    assert found(data) is None


def test_one_size_shape_and_place_are_no_fault(make_data):
    """They cannot be changed by a photographer: cells of one kind are alike."""
    data = apart(make_data)
    dogs = data.objects.class_id == 2
    data.objects.loc[dogs, ["ymin", "xmin", "ymax", "xmax"]] = [0.2, 0.3, 0.5, 0.6]
    assert found(data) is None


def test_two_classes_on_one_background_are_one_finding(make_data):
    """Pixels are known of the first hundred images only. Dogs and cats are always on one table, cows anywhere."""
    data, random = make_data(per_image={"cat": 1, "dog": 1, "cow": 2}), np.random.default_rng(1)
    behind = data.objects[["image_id", "class"]].drop_duplicates().query("image_id <= 100")
    behind = behind.assign(filename=[f"{n}.jpg" for n in behind.image_id]).drop(columns="image_id")
    for axis in BACKGROUND_AXES:
        behind[axis] = random.normal(0.5, 0.2, len(behind))
    assert found(data, behind) is None
    for name in ("dog", "cat"):
        behind.loc[behind["class"] == name, "brightness behind it"] = random.normal(0.3, 0.01, 100)
    finding = present(found(data, behind))
    assert finding.title == "2 classes hardly vary in light or background"
    assert {row.subject for row in finding.evidence} == {"dog", "cat"}
    assert finding.evidence[0].n == 100 and finding.evidence[0].where.startswith("pixels")


def test_finds_nothing_in_clean_data(make_data):
    assert sum(found(apart(make_data, seed)) is not None for seed in range(100, 120)) <= 1
