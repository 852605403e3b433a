"""The verdict: clean records, and each flaw planted alone."""

import re

import pytest

pytest.importorskip("tensorflow_data_validation")

from boxwright.core.errors import UserError
from boxwright.validate import step


def values(example, name):
    feature = example.features.feature[name]
    return getattr(feature, feature.WhichOneof("kind")).value


def first_train(change):
    """An edit of the first training example."""

    def edit(split, examples, manifest):
        if split == "train":
            change(examples[0])

    return edit


def in_val(change):
    def edit(split, examples, manifest):
        if split == "val":
            change(examples)

    return edit


def in_manifest(change):
    return lambda split, examples, manifest: change(manifest)


def set_value(name, value):
    return lambda example: values(example, name).__setitem__(0, value)


def test_clean_records_are_ready(validated):
    result, validation, out = validated()
    assert validation == {"verdict": "ready", "reasons": []}
    assert result.parameters == {"ready": True}
    assert sorted(file.name for file in (out / "statistics").iterdir()) == ["test.pbtxt", "train.pbtxt", "val.pbtxt"]
    assert "image/object/bbox/ymin" in (out / "schema.pbtxt").read_text()
    assert "image/encoded" not in (out / "statistics" / "train.pbtxt").read_text()
    page = (out / "page.html").read_text()
    assert "Ready to train" in page and page.count("<svg") == 5
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?http", page)


ERRORS = {
    "inverted_boxes": first_train(set_value("image/object/bbox/ymax", 0.05)),
    "unequal_lengths": first_train(lambda example: values(example, "image/object/class/label").pop()),
    "tfdv_anomaly": in_val(lambda examples: values(examples[0], "image/object/bbox/xmax").__setitem__(0, 1.5)),
    "counts_differ": in_val(lambda examples: examples.pop()),
    "class_not_in_train": in_manifest(lambda manifest: manifest["splits"]["train"]["per_class"].update(dog=0)),
    "quarantine": in_manifest(lambda manifest: manifest.update(
        quarantined={"images": {"truncated": 6, "unlisted": 50}, "objects": {}}, found={"images": 78, "objects": 44})),
}  # fmt: skip


@pytest.mark.parametrize("code", ERRORS)
def test_not_ready(validated, code):
    result, validation, _ = validated(edit=ERRORS[code])
    assert validation["verdict"] == "not_ready"
    assert result.parameters == {"ready": False}
    assert code in {reason["code"] for reason in validation["reasons"] if reason["severity"] == "error"}


CAVEATS = {
    "copies_across_splits": in_val(lambda examples: set_value("image/key/sha256", b"digest 3")(examples[0])),
    "repeated_images": first_train(set_value("image/key/sha256", b"digest 5")),
    "class_not_judged": in_manifest(lambda manifest: manifest["splits"]["val"]["per_class"].update(dog=0)),
    "quarantine": in_manifest(lambda manifest: manifest.update(
        quarantined={"images": {"unlisted": 50, "duplicate_image": 9, "truncated": 2}, "objects": {"zero_area": 0}},
        found={"images": 83, "objects": 44})),
    "outside_splits": in_manifest(lambda manifest: manifest.update(
        notices=[{"code": "outside_splits", "text": "2 images", "value": 2}])),
}  # fmt: skip


@pytest.mark.parametrize("code", CAVEATS)
def test_caveats(validated, code):
    result, validation, _ = validated(edit=CAVEATS[code])
    assert validation["verdict"] == "ready_with_caveats"
    assert result.parameters == {"ready": True}
    assert [(reason["code"], reason["severity"]) for reason in validation["reasons"]] == [(code, "caveat")]


@pytest.mark.parametrize(
    ("flaw", "says"),
    [
        (in_val(lambda examples: set_value("image/object/class/label", 7)(examples[0])), "image/object/class/label"),
        (
            in_val(lambda examples: set_value("image/object/bbox/ymin", float("nan"))(examples[0])),
            "image/object/bbox/ymin",
        ),
        (first_train(set_value("image/object/class/text", b"bird")), "image/object/class/text"),
    ],
)
def test_what_tfdv_sees(validated, flaw, says):
    _, validation, out = validated(edit=flaw)
    assert validation["verdict"] == "not_ready"
    assert says in {reason["value"] for reason in validation["reasons"] if reason["code"] == "tfdv_anomaly"}
    assert "".join(file.read_text() for file in (out / "anomalies").glob("*.pbtxt")).count(says)


def test_ten_pictures_may_run(validated):
    _, validation, _ = validated(counts={"train": 8, "val": 1, "test": 1})
    assert [(r["code"], r["severity"]) for r in validation["reasons"]] == [("few_training_images", "caveat")]


def test_no_test_split_is_a_caveat(validated):
    _, validation, _ = validated(counts={"train": 12, "val": 6})
    assert [(r["code"], r["severity"]) for r in validation["reasons"]] == [("no_test_split", "caveat")]


@pytest.mark.parametrize("counts", [{"train": 12}, {"val": 6}, {}])
def test_empty_splits_stop_the_pipeline_and_still_leave_every_output(validated, counts):
    result, validation, out = validated(counts=counts or {"test": 3})
    assert not result.parameters["ready"]
    assert "empty_split" in {reason["code"] for reason in validation["reasons"]}
    assert (out / "schema.pbtxt").exists() and (out / "page.html").exists() and (out / "statistics").is_dir()


def test_an_image_without_objects_is_no_anomaly(validated):
    def empty(example):
        for side in ("ymin", "xmin", "ymax", "xmax"):
            del values(example, f"image/object/bbox/{side}")[:]
        for name in ("label", "text"):
            del values(example, f"image/object/class/{name}")[:]

    def edit(split, examples, manifest):
        if split == "val":
            empty(examples[0])
            manifest["splits"]["val"].update(objects=10, per_class={"cat": 5, "dog": 5})

    _, validation, _ = validated(edit=edit)
    assert validation["verdict"] == "ready"


def test_notices_of_convert_are_told(validated):
    notice = {"code": "unused_category", "text": "category 'x' has no objects", "value": "x"}
    _, validation, _ = validated(edit=in_manifest(lambda manifest: manifest.update(notices=[notice])))
    assert validation == {"verdict": "ready", "reasons": [{**notice, "severity": "info"}]}


def test_no_records(tmp_path):
    with pytest.raises(UserError, match=r"there is no dataset\.json"):
        step.run(step.Config(records=tmp_path, tables=tmp_path))
