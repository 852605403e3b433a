# environment: data
"""The whole step: clean records, and each flaw planted alone."""

import re

import pytest
from planted import first_train, in_manifest, in_val, set_value, values

from boxwright.core.findings import Finding
from boxwright.core.runtime.atomic_dirs import WRITTEN
from boxwright.core.runtime.errors import UserError
from boxwright.validate import step


def test_clean_records_are_ready(validated):
    result, judged, out = validated(page=True)
    assert (judged.verdict, judged.findings) == ("ready", ())
    assert result.parameters == {"ready": True}
    assert sorted(file.name for file in (out / "statistics").iterdir()) == [
        *(WRITTEN, "test.pbtxt", "train.pbtxt", "val.pbtxt")
    ]
    assert "image/object/bbox/ymin" in (out / "schema.pbtxt").read_text()
    assert "image/encoded" not in (out / "statistics" / "train.pbtxt").read_text()
    page = (out / "page.html").read_text()
    assert "Ready to train" in page and page.count("<svg") == 6
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?http", page)


STOPS = {
    "inverted_boxes": first_train(set_value("image/object/bbox/ymax", 0.05)),
    "unequal_lengths": first_train(lambda example: values(example, "image/object/class/label").pop()),
    "tfdv_anomaly": in_val(lambda examples: values(examples[0], "image/object/bbox/xmax").__setitem__(0, 1.5)),
    "counts_differ": in_val(lambda examples: examples.pop()),
    "class_missing": in_manifest(lambda manifest: manifest["splits"]["train"]["per_class"].update(dog=0)),
    "quarantine": in_manifest(lambda manifest: manifest.update(
        quarantined={"images": {"truncated": 6, "unlisted": 50}, "objects": {}}, found={"images": 78, "objects": 44})),
}  # fmt: skip


@pytest.mark.parametrize("id", STOPS)
def test_flaw_that_stops_the_pipeline(validated, id):
    result, judged, _ = validated(edit=STOPS[id])
    assert judged.verdict == "not_ready" and result.parameters == {"ready": False}
    assert id in {finding.id for finding in judged.stopping}
    assert f"  stops: {judged.findings[0].claim} [{judged.findings[0].id}]\n" in result.headline


def notice(id, severity="medium"):
    return {"id": id, "cause": "data_quality", "severity": severity, "title": "t", "claim": "2 images"}


CAVEATS = {
    "split_leak": in_val(lambda examples: set_value("image/key/sha256", b"digest 3")(examples[0])),
    "repeated_images": first_train(set_value("image/key/sha256", b"digest 5")),
    "class_missing": in_manifest(lambda manifest: manifest["splits"]["val"]["per_class"].update(dog=0)),
    "quarantine": in_manifest(lambda manifest: manifest.update(
        quarantined={"images": {"truncated": 3}, "objects": {}}, found={"images": 25, "objects": 44})),
    "outside_splits": in_manifest(lambda manifest: manifest.update(notices=[notice("outside_splits")])),
}  # fmt: skip


@pytest.mark.parametrize("id", CAVEATS)
def test_flaw_that_is_a_caveat(validated, id):
    found = validated(edit=CAVEATS[id])
    assert found.validation.verdict == "ready_with_caveats" and found.result.parameters == {"ready": True}
    assert found.ids == [(id, "medium")]


@pytest.mark.parametrize(
    ("flaw", "feature"),
    [
        (in_val(lambda examples: set_value("image/object/class/label", 7)(examples[0])), "image/object/class/label"),
        (in_val(lambda examples: set_value("image/object/bbox/ymin", float("nan"))(examples[0])), "image/object/bbox/ymin"),
        (first_train(set_value("image/object/class/text", b"bird")), "image/object/class/text"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_the_schema(validated, flaw, feature):
    _, judged, out = validated(edit=flaw)
    assert judged.verdict == "not_ready"
    assert (feature,) in {finding.items for finding in judged.findings if finding.id == "tfdv_anomaly"}
    assert "".join(file.read_text() for file in (out / "anomalies").glob("*.pbtxt")).count(feature)


def test_most_severe_first_and_every_anomaly_counts(validated):
    found = validated(counts={"train": 8, "val": 6}, edit=first_train(set_value("image/object/class/label", 0)))
    assert found.ids == [("tfdv_anomaly", "high"), ("no_test_split", "medium")]
    assert found.result.artifacts["anomalies"] == {"verdict": "not_ready", "anomalies": 1, "findings": 2}


def test_ten_images_may_run(validated):
    """Few images are diagnose's finding."""
    assert validated(counts={"train": 8, "val": 1, "test": 1}).validation.verdict == "ready"


def test_no_test_split_is_a_caveat(validated):
    assert validated(counts={"train": 12, "val": 6}).ids == [("no_test_split", "medium")]


@pytest.mark.parametrize("counts", [{"train": 12}, {"val": 6}, {"test": 3}])
def test_empty_split_stops_and_every_output_is_there(validated, counts):
    result, judged, out = validated(counts=counts, page=True)
    assert not result.parameters["ready"]
    assert "empty_split" in {finding.id for finding in judged.stopping}
    assert (out / "schema.pbtxt").exists() and (out / "statistics").is_dir()
    page = (out / "page.html").read_text()
    assert "What stops the pipeline" in page and '--accept "empty_split=' in page


def clear(example):
    """Takes the objects out."""
    for side in ("ymin", "xmin", "ymax", "xmax"):
        del values(example, f"image/object/bbox/{side}")[:]
    for name in ("label", "text"):
        del values(example, f"image/object/class/{name}")[:]


def test_image_without_objects_is_no_anomaly(validated):
    def edit(split, examples, manifest):
        if split == "val":
            clear(examples[0])
            manifest["splits"]["val"].update(objects=10, per_class={"cat": 5, "dog": 5})

    def tabulate(images, objects):
        for _ in range(2):
            objects.remove(next(row for row in objects if row["split"] == "val"))

    assert validated(edit=edit, tabulate=tabulate).validation.verdict == "ready"


@pytest.mark.parametrize(
    ("split", "verdict"), [("test", "ready_with_caveats"), ("val", "not_ready"), ("train", "not_ready")]
)
def test_split_without_objects_is_one_finding(validated, split, verdict, capfd):
    """The findings of TFDV about features without values are left out: too small, distributed differently, new."""

    def edit(one, examples, manifest):
        if one == split:
            for example in examples:
                clear(example)
            manifest["splits"][split].update(objects=0, per_class={"cat": 0, "dog": 0})

    def tabulate(images, objects):
        objects[:] = [row for row in objects if row["split"] != split]

    judged = validated(edit=edit, tabulate=tabulate).validation
    assert (judged.verdict, [finding.id for finding in judged.findings]) == (verdict, ["no_objects"])
    assert "can't find" not in capfd.readouterr().err, "TFDV is not asked about what is not there"


def test_crowds_do_not_teach_a_class(validated):
    def tabulate(images, objects):
        for row in objects:
            row["crowd"] = row["class"] == "dog" and row["split"] == "train"

    (finding,) = validated(tabulate=tabulate).validation.findings
    assert (finding.id, finding.subject, finding.stops) == ("class_missing", "dog", True)
    assert "dog has no object in train except 12 crowds, which do not count" in finding.claim


def test_notices_of_convert_are_findings(validated):
    given = notice("unused_category", "info")
    judged = validated(edit=in_manifest(lambda manifest: manifest.update(notices=[given]))).validation
    assert (judged.verdict, judged.findings) == ("ready", (Finding.model_validate(given),))


@pytest.mark.parametrize("output", ["statistics", "anomalies", "schema", "page"])
def test_output_that_cannot_be_written(dataset, tmp_path, output):
    records, tables = dataset()
    (tmp_path / "file").touch()
    places = {name: tmp_path / "out" / name for name in ("statistics", "anomalies", "schema", "page")}
    with pytest.raises(UserError, match=r"file.* cannot be written: Not a directory"):
        step.run(step.Config(records=records, tables=tables, **places | {output: tmp_path / "file" / output}))


def test_no_records(tmp_path):
    with pytest.raises(UserError, match=r"expected the dataset\.json that"):
        step.run(step.Config(records=tmp_path, tables=tmp_path))


def test_box_like_a_line_is_implausible(validated):
    def stretch(images, objects):
        objects[0] |= {"width_px": 84.0, "height_px": 4.0}
        objects[1] |= {"width_px": 80.0, "height_px": 4.0}  # 20 times: still a fishing rod

    (finding,) = validated(tabulate=stretch).validation.findings
    assert (finding.id, finding.evidence[0].value) == ("implausible_aspect", 1)


def test_accepted_finding_is_in_the_lineage(validated):
    result, judged, out = validated(
        edit=STOPS["inverted_boxes"], accept="inverted_boxes=known, one in 44; nothing=so", page=True
    )
    (inverted,) = (finding for finding in judged.findings if finding.id == "inverted_boxes")
    assert (inverted.severity, inverted.stops, inverted.accepted) == ("medium", False, "known, one in 44")
    assert result.parameters["ready"] and judged.verdict == "ready_with_caveats"
    assert result.artifacts["anomalies"]["accepted_inverted_boxes"] == "known, one in 44"
    assert ("accepted_absent", "nothing") in {(finding.id, finding.subject) for finding in judged.findings}
    assert "<b>known, one in 44</b>" in (out / "page.html").read_text()


def test_feature_of_another_type_is_named(validated):
    def retype(example):
        example.features.feature["image/width"].bytes_list.value.append(b"wide")

    with pytest.raises(UserError, match=r"train-00000-of-00001\.tfrecord has an example that convert does not write"):
        validated(edit=first_train(retype))
