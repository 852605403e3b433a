# environment: data
"""A split that differs from training in contrast, sharpness or size, or in several: planted, and absent."""

import numpy as np
import pytest
from present import present

from boxwright.core.findings import Finding
from boxwright.diagnose.findings.split import lighting_shift, split_shift
from boxwright.diagnose.measures.beyond_training import beyond_training
from boxwright.diagnose.measures.class_axes import class_axes

NONE = frozenset()


def measured(make_data, seed=0, **settings):
    """Data with contrast and sharpness that vary from image to image only."""
    data, random = make_data(seed=seed, **settings), np.random.default_rng(seed)
    data.images["contrast"] = random.normal(0.2, 0.03, len(data.images))
    data.images["sharpness"] = random.lognormal(5, 0.5, len(data.images))
    return data


def found(data, augmented=False) -> list[Finding]:
    differences = beyond_training(data, class_axes(data))
    both = (lighting_shift.judge(differences, NONE), split_shift.judge(differences, NONE, augmented))
    return [finding for finding in both if finding]


def shrink(data, name, split, times):
    """Makes the boxes of a class smaller around their upper left corner."""
    rows = (data.objects["class"] == name) & (data.objects.split == split)
    for low, high in (("ymin", "ymax"), ("xmin", "xmax")):
        side = data.objects[high] - data.objects[low]
        data.objects.loc[rows, high] = (data.objects[low] + side / times)[rows]


@pytest.mark.parametrize(
    ("axis", "times", "word"), [("contrast", 3, "higher in contrast"), ("sharpness", 0.02, "less sharp")]
)
def test_a_split_with_another_look(make_data, axis, times, word):
    """It may hurt, but no measured run says that it clearly does: medium."""
    data = measured(make_data)
    data.images.loc[data.images.split == "test", axis] *= times
    (finding,) = found(data)
    assert (finding.id, finding.severity) == ("split_shift", "medium")
    assert finding.title == f"The test images are {word} than the training images"
    assert finding.evidence[0].value > 0.8 and finding.evidence[0].subject == "test"


def test_a_split_with_another_size_of_a_class(make_data):
    """In validation the dogs are a third as large."""
    data = measured(make_data)
    shrink(data, "dog", "val", 3)
    (finding,) = found(data)
    assert (
        finding.severity == "high"
        and finding.title == "The objects of dog are smaller in val than in the training images"
    )
    assert "The median size of dog is 0.1 of the image's side in val and 0.3 in train." in finding.claim
    assert [(row.subject, row.value, row.n) for row in finding.evidence] == [("dog", 1.0, 40)]


def test_another_camera_is_one_finding(make_data):
    """It is darker and less sharp, and it is twice as far away."""
    data = measured(make_data, brightness={"test": 0.2})
    test = data.images.split == "test"
    data.images.loc[test, "contrast"] *= 0.4
    data.images.loc[test, "sharpness"] *= 0.16 / 50
    for name in ("cat", "dog"):
        shrink(data, name, "test", 2)
    (finding,) = found(data)
    assert (finding.id, finding.severity) == ("split_shift", "high")
    assert finding.title.startswith("The test images are ") and finding.title.endswith(
        ", and their objects are smaller"
    )
    assert {row.metric.partition(":")[0] for row in finding.evidence} == {"brightness", "sharpness", "size"}
    assert {row.subject for row in finding.evidence} == {"test", "cat", "dog"}


def test_sizes_within_those_of_training_are_no_shift(make_data):
    data, random = measured(make_data), np.random.default_rng(0)
    for low, high in (("ymin", "ymax"), ("xmin", "xmax")):
        data.objects[high] = data.objects[low] + 0.05
    train = data.objects.split == "train"
    sides = np.exp(random.uniform(np.log(0.02), np.log(0.5), train.sum()))
    data.objects.loc[train, ["ymax", "xmax"]] = data.objects.loc[train, ["ymin", "xmin"]].to_numpy() + sides[:, None]
    assert found(data) == []


def test_an_export_with_augmentation_is_named(make_data):
    """Roboflow made two versions of each training picture and one of each other."""
    data = measured(make_data)
    data.images.loc[data.images.split != "train", "sharpness"] *= 0.02
    assert not split_shift.exported_with_augmentation(data)
    numbers = data.images.image_id.where(data.images.split != "train", data.images.image_id // 2)
    data.images["filename"] = [f"{n}_jpg.rf.{i}.jpg" for i, n in enumerate(numbers)]
    assert split_shift.exported_with_augmentation(data)
    assert present(found(data, augmented=True)[0]).remedy.startswith(
        "The export augmented the training images and no others."
    )


def test_finds_nothing_in_clean_data(make_data):
    assert sum(len(found(measured(make_data, seed))) for seed in range(100, 120)) <= 1


def test_finds_nothing_with_few_images(make_data):
    assert found(measured(make_data, counts={"train": 19, "val": 19}, brightness={"val": 0.1})) == []
    assert found(measured(make_data, counts={"train": 40, "val": 9}, brightness={"val": 0.1})) == []


def test_finds_nothing_in_images_without_measures(make_data):
    data = make_data()
    data.images["brightness"] = None
    assert found(data) == []
