# environment: data
"""The verdict: clean records, and each flaw planted alone."""

import re

import pytest
from planted import first_train, in_manifest, in_val, set_value, values

from boxwright.core.runtime.errors import UserError
from boxwright.validate import step


def test_clean_records_are_ready(validated):
    result, validation, out = validated()
    assert validation == {"verdict": "ready", "reasons": []}
    assert result.parameters == {"ready": True}
    assert sorted(file.name for file in (out / "statistics").iterdir()) == ["test.pbtxt", "train.pbtxt", "val.pbtxt"]
    assert "image/object/bbox/ymin" in (out / "schema.pbtxt").read_text()
    assert "image/encoded" not in (out / "statistics" / "train.pbtxt").read_text()
    page = (out / "page.html").read_text()
    assert "Ready to train" in page and page.count("<svg") == 6
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


def clear(example):
    """Takes the objects out."""
    for side in ("ymin", "xmin", "ymax", "xmax"):
        del values(example, f"image/object/bbox/{side}")[:]
    for name in ("label", "text"):
        del values(example, f"image/object/class/{name}")[:]


def test_an_image_without_objects_is_no_anomaly(validated):
    def edit(split, examples, manifest):
        if split == "val":
            clear(examples[0])
            manifest["splits"]["val"].update(objects=10, per_class={"cat": 5, "dog": 5})

    def tabulate(images, objects):
        for _ in range(2):
            objects.remove(next(row for row in objects if row["split"] == "val"))

    _, validation, _ = validated(edit=edit, tabulate=tabulate)
    assert validation["verdict"] == "ready"


@pytest.mark.parametrize(
    ("split", "verdict"), [("test", "ready_with_caveats"), ("val", "not_ready"), ("train", "not_ready")]
)
def test_a_split_of_backgrounds_is_told_by_one_reason(validated, split, verdict, capfd):
    """Of the features without a value TFDV says that they are too small, and distributed otherwise than in train; and of those
    that train lacks, that they are new."""

    def edit(one, examples, manifest):
        if one == split:
            for example in examples:
                clear(example)
            manifest["splits"][split].update(objects=0, per_class={"cat": 0, "dog": 0})

    def tabulate(images, objects):
        objects[:] = [row for row in objects if row["split"] != split]

    _, validation, _ = validated(edit=edit, tabulate=tabulate)
    assert (validation["verdict"], [r["code"] for r in validation["reasons"]]) == (verdict, ["no_objects"])
    assert "can't find" not in capfd.readouterr().err, "TFDV is asked about nothing that is not there"


def test_a_class_that_train_has_as_crowds_only_cannot_be_learned(validated):
    def tabulate(images, objects):
        for row in objects:
            row["crowd"] = row["class"] == "dog" and row["split"] == "train"

    _, validation, _ = validated(tabulate=tabulate)
    (reason,) = validation["reasons"]
    assert (reason["code"], reason["value"]) == ("class_not_in_train", "dog")
    assert "but 12 crowds" in reason["text"]


def test_notices_of_convert_are_told(validated):
    notice = {"code": "unused_category", "text": "category 'x' has no objects", "value": "x"}
    _, validation, _ = validated(edit=in_manifest(lambda manifest: manifest.update(notices=[notice])))
    assert validation == {
        "verdict": "ready",
        "reasons": [{"code": notice["code"], "severity": "info", "text": notice["text"], "value": None}],
    }


@pytest.mark.parametrize("output", ["statistics", "anomalies", "schema", "page"])
def test_no_place_for_an_output(dataset, tmp_path, output):
    records, tables = dataset()
    (tmp_path / "file").touch()
    places = {name: tmp_path / "out" / name for name in ("statistics", "anomalies", "schema", "page")}
    with pytest.raises(UserError, match=r"file.* cannot be written: Not a directory"):
        step.run(step.Config(records=records, tables=tables, **places | {output: tmp_path / "file" / output}))


def test_no_records(tmp_path):
    with pytest.raises(UserError, match=r"expected the dataset\.json that"):
        step.run(step.Config(records=tmp_path, tables=tmp_path))


@pytest.mark.parametrize(("darker", "told"), [(0.3, ["test light"]), (0.02, [])])
def test_another_light_in_test_is_a_shift(validated, darker, told):
    """As far as anyone sees it: pictures of a fixed camera are so alike that the least difference is certain."""

    def darken(images, objects):
        for number, row in enumerate(images):
            row["brightness"] = 0.5 + number / 10_000 - darker * (row["split"] == "test")

    _, validation, _ = validated(tabulate=darken, counts={"train": 40, "val": 10, "test": 12})
    assert [r["value"] for r in validation["reasons"] if r["code"] == "split_shift"] == told
    assert not told or "median 0.206 against 0.502" in validation["reasons"][0]["text"]


def test_a_box_like_a_line_is_implausible(validated):
    def stretch(images, objects):
        objects[0] |= {"width_px": 84.0, "height_px": 4.0}
        objects[1] |= {"width_px": 80.0, "height_px": 4.0}  # 20 times: still a fishing rod

    _, validation, _ = validated(tabulate=stretch)
    assert [(r["code"], r["value"]) for r in validation["reasons"]] == [("implausible_aspect", 1)]


def test_an_accepted_error_does_not_stop(validated):
    result, validation, _ = validated(
        edit=ERRORS["inverted_boxes"], accept="inverted_boxes=known, one in 44; nothing=so"
    )
    (inverted,) = (r for r in validation["reasons"] if r["code"] == "inverted_boxes")
    assert (inverted["severity"], inverted["accepted"]) == ("caveat", "known, one in 44")
    assert result.parameters["ready"] and validation["verdict"] == "ready_with_caveats"
    assert result.artifacts["anomalies"]["accepted_inverted_boxes"] == "known, one in 44"
    assert ("accepted_absent", "nothing") in {(r["code"], r["value"]) for r in validation["reasons"]}


@pytest.mark.parametrize("accept", ["inverted_boxes", "inverted_boxes=", "=because", "a=b; c"])
def test_no_risk_is_accepted_without_a_reason(validated, accept):
    with pytest.raises(UserError, match="CODE=REASON"):
        validated(accept=accept)


def test_an_example_of_another_type_is_named(validated):
    def retype(example):
        example.features.feature["image/width"].bytes_list.value.append(b"wide")

    with pytest.raises(UserError, match=r"train-00000-of-00001\.tfrecord: an example that convert does not write"):
        validated(edit=first_train(retype))


def test_batches_add_up_to_the_whole(dataset, monkeypatch):
    """Statistics and totals of 12 examples at once and by fives are the same."""
    from google.protobuf import text_format

    from boxwright.validate import arrow_batches, examples, tfdv

    records, _ = dataset(edit=first_train(set_value("image/object/bbox/ymax", 0.05)))

    def both():
        counted, parts = tfdv.Statistics(), []
        for batch in arrow_batches.read(records, "train"):
            counted.add(batch)
            parts.append(examples.of(batch))
        return text_format.MessageToString(counted.result()), examples.merged(parts), len(parts)

    at_once, whole, _ = both()
    monkeypatch.setattr(arrow_batches, "AT_ONCE", 5)
    by_fives, merged, parts = both()
    assert parts == 3 and by_fives == at_once
    monkeypatch.setattr(arrow_batches, "BYTES_AT_ONCE", 1)
    assert both()[::2] == (at_once, 12)
    assert (merged.images, merged.objects, merged.per_class) == (12, 24, whole.per_class) == (12, 24, {1: 12, 2: 12})
    assert merged.inverted == ["0.jpg"] and merged.files.equals(whole.files.combine_chunks())


def test_a_long_name_leaves_room_for_the_picture(dataset):
    from boxwright.validate import figures, validation

    splits, _ = validation.read(dataset()[0])
    svg = figures._class_figure(splits, {1: "c" * 120, 2: "dog"})["svg"]
    assert "c" * 29 + "…" in svg and "c" * 30 not in svg
