# environment: data
"""Data that validate finds not ready are diagnosed all the same: first what stops the training, then everything else."""

import json

import drawn_pictures as pictures
import pytest

from boxwright.convert import step as convert
from boxwright.core.artifacts import diagnosis
from boxwright.diagnose import step
from boxwright.validate import step as validate

COUNTS = {"train": 40, "valid": 12, "test": 12}


def rare(split):
    """One object of a third class, in one split only."""

    def edit(listed):
        listed[split]["annotations"][0]["category_id"] = 3

    return edit


def without_objects(*splits):
    def edit(listed):
        for split in splits:
            listed[split]["annotations"] = []

    return edit


def renamed(listed):
    for category in listed["valid"]["categories"]:
        category["name"] += "_2"


def diagnosed(folder, edit):
    """The findings, after convert, validate and diagnose, as in `boxwright diagnose --data`."""
    pictures.write(folder / "data", COUNTS, seed=0)
    files = {split: folder / "data" / split / "_annotations.coco.json" for split in COUNTS}
    listed = {split: json.loads(file.read_text()) for split, file in files.items()}
    for document in listed.values():
        document["categories"].append({"id": 3, "name": "owl"})
    edit(listed)
    for split, file in files.items():
        file.write_text(json.dumps(listed[split]))
    records, tables, anomalies = (folder / name for name in ("records", "tables", "anomalies"))
    convert.run(convert.Config(data=str(folder / "data"), records=records, tables=tables))
    outputs = {name: folder / name for name in ("statistics", "schema", "anomalies", "page")}
    judged = validate.run(validate.Config(records=records, tables=tables, **outputs))
    assert judged.parameters == {"ready": False}
    found, planned, page = (folder / name for name in ("findings.json", "recipe.yaml", "diagnosis.html"))
    step.run(
        step.Config(
            records=records,
            tables=tables,
            anomalies=str(anomalies),
            init="none",
            findings=found,
            recipe=planned,
            page=page,
        )
    )
    assert "does not start a training before that is done" in page.read_text()
    return diagnosis.read(found).findings


@pytest.mark.parametrize(
    ("edit", "first"),
    [
        (rare("valid"), "class_missing"),
        (rare("test"), "class_missing"),
        (renamed, "class_missing"),
        (without_objects("valid"), "no_objects"),
    ],
)
def test_what_stops_is_told_first_and_the_rest_after_it(tmp_path, edit, first):
    found = diagnosed(tmp_path, edit)
    assert (found[0].id, found[0].stops) == (first, True)
    assert {"few_images", "augmentation_random_crop"} & {one.id for one in found}


@pytest.mark.parametrize("splits", [("train",), ("train", "valid")])
def test_without_training_objects_validation_is_told(tmp_path, splits):
    found = diagnosed(tmp_path, without_objects(*splits))
    assert [one.id for one in found if one.stops] == ["no_objects"] * len(splits)
