# environment: data
"""Axes on which a class does not vary, and splits that differ: planted, absent, and the correction by hand."""

import numpy as np
import pytest
from scipy import stats

from boxwright.diagnose.findings import diversity


def measured(make_data, seed=0, **settings):
    """With contrast and sharpness, which differ from image to image and from nothing else."""
    data, random = make_data(seed=seed, **settings), np.random.default_rng(seed)
    data.images["contrast"] = random.normal(0.2, 0.03, len(data.images))
    data.images["sharpness"] = random.lognormal(5, 0.5, len(data.images))
    return data


def found(data):
    return {f.key: f for f in diversity.findings(data)}


def test_holm():
    """Sorted .001 .01 .03 .04: times 4, 3, 2, 1, and never falling: .004 .03 .06 .06."""
    assert diversity.holm([0.03, 0.001, 0.04, 0.01]) == pytest.approx([0.06, 0.004, 0.06, 0.03])
    assert diversity.holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert diversity.holm([]).tolist() == []


def test_axes_of_an_image(make_data):
    """Two cats, .2 and .4 of the side, one twice as wide as high: the medians of their logs; a dog of its own: three objects."""
    data = measured(make_data, counts={"train": 1}, per_image={"cat": 2, "dog": 1})
    sides = ["ymin", "xmin", "ymax", "xmax"]
    data.objects[sides] = [[0, 0, 0.2, 0.2], [0, 0.2, 0.2, 0.6], [0, 0, 1, 1]]
    cat, dog = diversity.axes(data).to_dict("records")
    assert cat["size"] == pytest.approx((np.log(0.2) + np.log(0.08) / 2) / 2)
    assert cat["aspect"] == pytest.approx(np.log(2) / 2)
    assert (cat["height in the picture"], cat["place across the picture"]) == pytest.approx((0.1, 0.25))
    assert dog["crowding"] == pytest.approx(np.log(3)) and dog["aspect"] == 0
    assert cat["brightness"] == pytest.approx(data.images.brightness[0])


def test_a_class_always_in_the_same_light(make_data):
    """Dogs are in the second half of the training images, whose brightness is a twentieth as wide as the others'."""
    data = measured(make_data)
    train = data.images.index[data.images.split == "train"]
    data.images.loc[train[80:], "brightness"] = 0.5 + (data.images.brightness[train[80:]] - 0.5) / 20
    of = data.objects.image_id
    data.objects.drop(index=data.objects.index[((of <= 80) & (data.objects.class_id == 2)) | ((of > 80) & (of <= 160) & (data.objects.class_id == 1))], inplace=True)  # fmt: skip  # noqa: E501
    finding = found(data)["thin_diversity.dog"]
    assert finding.severity == "medium" and "brightness" in finding.claim
    assert finding.evidence[0].value == pytest.approx(0.05, abs=0.02)
    assert "thin_diversity.cat" not in found(data)


def test_a_class_always_in_the_same_place(make_data):
    data = measured(make_data)
    dogs = data.objects.class_id == 2
    data.objects.loc[dogs, ["xmin", "xmax"]] = [0.3, 0.6]
    finding = found(data)["thin_diversity.dog"]
    assert finding.severity == "low" and "place across the picture (0%)" in finding.claim


def test_a_class_always_before_the_same_background(make_data):
    """Of the first hundred images only, as pixels are looked at; dogs lie on one table, cats anywhere."""
    data, random = measured(make_data), np.random.default_rng(1)
    data.images["filename"] = [f"{n}.jpg" for n in data.images.image_id]
    behind = data.objects[["image_id", "class"]].drop_duplicates().query("image_id <= 100")
    behind = behind.assign(filename=[f"{n}.jpg" for n in behind.image_id]).drop(columns="image_id")
    for axis in diversity.BACKGROUND_AXES:
        behind[axis] = random.normal(0.5, 0.1, len(behind))
    assert not [f for f in diversity.findings(data, behind) if f.key.startswith("thin")]
    dogs = behind["class"] == "dog"
    behind.loc[dogs, "brightness behind it"] = random.normal(0.3, 0.01, dogs.sum())
    (finding,) = [f for f in diversity.findings(data, behind) if f.key.startswith("thin")]
    assert (finding.key, finding.severity) == (
        "thin_diversity.dog",
        "medium",
    ) and "brightness behind it (" in finding.claim
    assert finding.evidence[0].n == dogs.sum() and finding.evidence[0].where.startswith("pixels")


@pytest.mark.parametrize(("axis", "id"), [("contrast", "contrast_shift"), ("sharpness", "sharpness_shift")])
def test_another_look_of_a_split(make_data, axis, id):
    data = measured(make_data)
    data.images.loc[data.images.split == "test", axis] *= 3
    finding = found(data)[id]
    relative = data.images[axis] / data.images.brightness ** {"contrast": 1, "sharpness": 2}[axis]
    train, test = (relative[data.images.split == s] for s in ("train", "test"))
    assert finding.severity == "high" and "test" in finding.claim
    assert finding.evidence[0].value == pytest.approx(stats.ks_2samp(train, test).statistic, abs=1e-3)


def test_another_size_in_a_split(make_data):
    """Validation shows the dogs a third as large."""
    data = measured(make_data)
    dogs = (data.objects.class_id == 2) & (data.objects.split == "val")
    data.objects.loc[dogs, "ymax"] = data.objects.ymin + 0.1
    data.objects.loc[dogs, "xmax"] = data.objects.xmin + 0.1
    finding = found(data)["size_shift.dog"]
    assert finding.severity == "high" and "median 0.1 against 0.30" in finding.claim
    assert "size_shift.cat" not in found(data)


def test_nothing_is_said_of_clean_data(make_data):
    assert sum(len(found(measured(make_data, seed))) for seed in range(100, 140)) <= 2


def test_few_objects_say_nothing(make_data):
    assert found(measured(make_data, counts={"train": 19, "val": 19})) == {}


def test_tables_without_measurements(make_data):
    data = make_data()
    data.images["brightness"] = None
    assert found(data) == {}
