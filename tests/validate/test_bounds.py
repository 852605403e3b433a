# environment: data
"""What is told, at its bounds, by numbers made for it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted import first_train, set_value

from boxwright.validate import examples, figures, pictures, tfdv, validation

NOTHING = examples.merged([])


def told(train, other, column="contrast", split="val", sizes=False):
    """Values of the reasons about an image's column, or the sizes of its objects, that are so in train and in another split."""
    number = {"train": len(train), split: len(other)}
    images = pd.DataFrame({"split": np.repeat(list(number), list(number.values()))})
    images = images.assign(**dict.fromkeys(("brightness", "contrast", "sharpness"), 0.5))
    splits = dict.fromkeys(("train", "val", "test"), NOTHING)
    if sizes:
        splits |= {"train": replace(NOTHING, sizes=train), split: replace(NOTHING, sizes=other)}
    else:
        images[column] = np.concatenate([train, other])
    return [reason.value for reason in pictures.shifts(images, splits)]


EVEN = np.linspace(0, 1, 201)


@pytest.mark.parametrize("split", ["val", "test"])
@pytest.mark.parametrize(("by", "number", "is_told"), [(0.28, 201, False), (0.32, 201, True), (0.32, 11, False)])
def test_a_shift_is_as_large_as_it_is_certain(split, by, number, is_told):
    """KS distance 0.28, and 0.32 of many and of a few images."""
    assert told(EVEN, np.linspace(0, 1, number) + by, split=split) == [f"{split} contrast"] * is_told


def test_objects_of_another_size_are_a_shift():
    assert told(EVEN, EVEN, sizes=True) == []
    assert told(EVEN, EVEN / 2, sizes=True) == ["val size of the objects"]


@pytest.mark.parametrize(("width", "height", "odd"), [(80, 4, 0), (81, 4, 1), (4, 80, 0), (4, 81, 1)])
def test_a_box_twenty_times_as_long_as_wide_or_the_reverse(dataset, width, height, odd):
    def stretch(images, objects):
        objects[0] |= {"width_px": float(width), "height_px": float(height)}

    tables = dataset(tabulate=stretch)[1]
    found = pictures.implausible(tables, pd.DataFrame({"width_px": [width, 50], "height_px": [height, 40]}))
    assert [reason.value for reason in found] == [1] * odd


@pytest.mark.parametrize(("side", "value"), [("ymax", 0.05), ("ymax", 0.1), ("xmax", 0.05), ("xmax", 0.1)])
def test_a_box_without_height_or_width_is_inverted(dataset, side, value):
    """The box begins at 0.1, 0.1."""
    splits, _ = validation.read(dataset(edit=first_train(set_value(f"image/object/bbox/{side}", value)))[0])
    assert splits["train"].inverted == ["0.jpg"]


def test_the_first_of_several_near_copies_is_named(validated):
    def tabulate(images, objects):
        for number in (0, 1, 13):
            images[number]["dhash"] = "0123456789abcdef"

    assert [r["value"] for r in validated(tabulate=tabulate)[1]["reasons"]] == [[["0.jpg", "13.jpg"]]]


def test_the_most_severe_reason_is_the_first_and_every_anomaly_counts(validated):
    result, validation_json, _ = validated(
        counts={"train": 8, "val": 6, "test": 4}, edit=first_train(set_value("image/object/class/label", 0))
    )
    assert [(r["code"], r["severity"]) for r in validation_json["reasons"]] == [
        ("tfdv_anomaly", "error"), ("few_training_images", "caveat")
    ]  # fmt: skip
    assert result.artifacts["anomalies"] == {"verdict": "not_ready", "anomalies": 1, "reasons": 2}


def test_a_schema_that_was_given_is_kept_where_there_is_no_train():
    given = tfdv.schema_pb2.Schema(feature=[tfdv.schema_pb2.Feature(name="curated")])
    assert tfdv.check({}, ["cat"], given, {}) == (given, {})


def test_a_comparator_of_a_given_schema_asks_nothing_of_backgrounds(dataset):
    """The features of objects that val lacks are told by another reason."""

    def edit(split, all_examples, manifest):
        for example in all_examples if split == "val" else ():
            for name in [name for name in example.features.feature if name.startswith("image/object/")]:
                del example.features.feature[name]

    _, statistics = validation.read(dataset(edit=edit)[0])
    given = tfdv.schema(statistics["train"], ["cat", "dog"])
    tfdv.tfdv.get_feature(given, tfdv.CLASS).skew_comparator.infinity_norm.threshold = 0.1
    assert not tfdv.check(statistics, ["cat", "dog"], given, {})[1]["val"].anomaly_info


def test_the_classes_drawn_are_the_most_frequent():
    per_class = {i: i for i in range(1, figures.MOST + 2)}
    split = replace(NOTHING, per_class=NOTHING.per_class + examples.Counter(per_class))
    drawn = figures._class_figure({"train": split}, {i: f"class{i}." for i in per_class})
    assert "class2." in drawn["svg"] and "class1." not in drawn["svg"]
    assert drawn["caption"].endswith(f"the {figures.MOST} most frequent of {figures.MOST + 1}")
