# environment: train
"""The step on the trained model and on .tflite files."""

import json
import shutil
from typing import Any

import pytest

from boxwright.core import coco_eval
from boxwright.core.artifacts import dataset
from boxwright.core.records import tfrecords as record_files
from boxwright.core.records.example_proto import Example
from boxwright.core.runtime.errors import UserError
from boxwright.evaluate import step


def evaluate(tmp_path, model, records, **options):
    config = step.Config(
        model=model,
        records=records,
        evaluation=tmp_path / "evaluation",
        metrics=tmp_path / "out/metrics",
        confusion=tmp_path / "out/confusion",
        page=tmp_path / "out/page",
        **options,
    )
    return step.run(config), json.loads((tmp_path / "evaluation/metrics.json").read_text())


@pytest.mark.parametrize(("folder", "variant"), [("model", "trained"), ("tflite", "float32"), ("tflite", "int8")])
def test_step_writes_its_files(tiny_export, tiny_records, tmp_path, folder, variant):
    result, metrics = evaluate(tmp_path, tiny_export / folder, tiny_records, variant=variant)
    assert (metrics["variant"], metrics["split"], metrics["images"], metrics["objects"]) == (variant, "test", 2, 4)
    assert set(coco_eval.NUMBERS) < set(metrics) and metrics["notices"] == []
    assert {name: values["objects"] for name, values in metrics["per_class"].items()} == {"box": 2, "pole": 2}
    truth, found = (json.loads((tmp_path / f"evaluation/{n}.json").read_text()) for n in ("groundtruth", "detections"))
    assert [image["file_name"] for image in truth["images"]] == ["test0.jpg", "test1.jpg"]
    assert {detection["image_id"] for detection in found} == {1, 2}
    again = coco_eval.evaluate(truth, found)
    assert [again[name] for name in coco_eval.NUMBERS] == [metrics[name] for name in coco_eval.NUMBERS]
    assert json.loads((tmp_path / "out/metrics").read_text()) == metrics
    assert "<svg" in (tmp_path / "evaluation/precision_recall.svg").read_text()
    page = (tmp_path / "out/page").read_text()
    assert "pole" in page and "src=" not in page and 'href="http' not in page
    assert set(result.artifacts) == {"evaluation", "metrics", "confusion", "page"}
    confusion: Any = result.artifacts["confusion"]
    rows = confusion["confusionMatrix"]["rows"]
    assert sum(sum(row["row"]) for row in rows[:-1]) == metrics["objects"], "each object is in the matrix once"
    assert result.artifacts["metrics"]["AP50"] == pytest.approx(metrics["AP50"], abs=1e-4)


def test_without_test_images_val_is_measured(tiny_export, tiny_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records, ignore=shutil.ignore_patterns("test-*"))
    _, metrics = evaluate(tmp_path, tiny_export / "tflite", records, variant="int8")
    assert (metrics["split"], metrics["images"]) == ("val", 3)
    assert "the split test has no images" in metrics["notices"][0]
    assert "the split test has no images" in (tmp_path / "out/page").read_text()


def without_objects(records, split):
    """Rewrites a split without its labels."""
    for shard in record_files.shards(records, split):
        bare = map(unlabelled, record_files.serialized(shard))
        shard.write_bytes(b"".join(part for data in list(bare) for part in record_files.framed(data)))


def unlabelled(data: bytes) -> bytes:
    example = Example.FromString(data)
    for name in [name for name in example.features.feature if name.startswith("image/object/")]:
        del example.features.feature[name]
    return example.SerializeToString()


def test_without_test_objects_val_is_measured(tiny_export, tiny_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records)
    without_objects(records, "test")
    _, metrics = evaluate(tmp_path, tiny_export / "tflite", records, variant="int8")
    assert (metrics["split"], metrics["images"]) == ("val", 3)
    assert "the split test has no objects: measured on val" in metrics["notices"][0]


def test_without_any_object_test_is_measured(tiny_export, tiny_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records)
    for split in ("test", "val"):
        without_objects(records, split)
    _, metrics = evaluate(tmp_path, tiny_export / "tflite", records, variant="int8")
    assert (metrics["split"], metrics["AP50"], metrics["notices"]) == ("test", None, [])


def test_crowds_are_not_objects(tiny_export, tiny_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records)
    for shard in record_files.shards(records, "test"):
        marked = map(first_is_a_crowd, list(record_files.serialized(shard)))
        shard.write_bytes(b"".join(part for data in marked for part in record_files.framed(data)))
    _, metrics = evaluate(tmp_path, tiny_export / "tflite", records, variant="int8")
    assert metrics["objects"] == sum(values["objects"] for values in metrics["per_class"].values()) == 2


def first_is_a_crowd(data: bytes) -> bytes:
    example = Example.FromString(data)
    example.features.feature["image/object/is_crowd"].int64_list.value[0] = 1
    return example.SerializeToString()


@pytest.mark.parametrize(("split", "looked_in"), [("test", "test or val"), ("val", "val")])
def test_splits_without_images_are_refused(tiny_export, tiny_records, tmp_path, split, looked_in):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records, ignore=shutil.ignore_patterns("test-*", "val-*"))
    with pytest.raises(UserError, match=f"no image in {looked_in}; convert"):
        evaluate(tmp_path, tiny_export / "tflite", records, variant="int8", split=split)


def test_other_classes_are_refused(tiny_export, tiny_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records)
    manifest = record_files.manifest(records)
    dataset.write(records / record_files.MANIFEST, manifest.model_copy(update={"classes": manifest.classes[::-1]}))
    with pytest.raises(UserError, match="the detector has the classes box, pole"):
        evaluate(tmp_path, tiny_export / "tflite", records, variant="int8")


def test_a_users_folder_is_refused(tiny_export, tiny_records, tmp_path):
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "detections.json").write_text("dear")
    with pytest.raises(UserError, match="is not an earlier output of this step"):
        evaluate(tmp_path, tiny_export / "tflite", tiny_records, variant="int8")
    assert (tmp_path / "evaluation" / "detections.json").read_text() == "dear"


def test_a_missing_file_says_what_to_give(tiny_export, tiny_records, tmp_path):
    with pytest.raises(UserError, match=r"int8\.tflite does not exist"):
        evaluate(tmp_path, tiny_export / "model", tiny_records, variant="int8")
