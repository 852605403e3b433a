# environment: train
"""The step on trained model and .tflite file, its files, and the intervals."""

import json
import shutil

import numpy as np
import pytest

from boxwright.core import coco_eval
from boxwright.core.artifacts import dataset
from boxwright.core.matching import group_by_image
from boxwright.core.od_api.image_preprocessing import decode
from boxwright.core.records import tfrecords as record_files
from boxwright.core.records.example_proto import Example
from boxwright.core.runtime.errors import UserError
from boxwright.evaluate import bootstrap_intervals, detecting, recall_slices, splits, step


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
def test_step_leaves_its_files(tiny_export, tiny_records, tmp_path, folder, variant):
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
    rows = result.artifacts["confusion"]["confusionMatrix"]["rows"]
    assert sum(sum(row["row"]) for row in rows[:-1]) == metrics["objects"], "each object is in the matrix once"
    assert result.artifacts["metrics"]["AP50"] == pytest.approx(metrics["AP50"], abs=1e-4)


def test_without_test_images_val_is_measured_and_said(tiny_export, tiny_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records, ignore=shutil.ignore_patterns("test-*"))
    _, metrics = evaluate(tmp_path, tiny_export / "tflite", records, variant="int8")
    assert (metrics["split"], metrics["images"]) == ("val", 3)
    assert "the split test has no images" in metrics["notices"][0]
    assert "the split test has no images" in (tmp_path / "out/page").read_text()


def without_objects(records, split):
    """Rewrites a split: its images stay, unlabelled."""
    for shard in record_files.shards(records, split):
        bare = map(unlabelled, record_files.serialized(shard))
        shard.write_bytes(b"".join(part for data in list(bare) for part in record_files.framed(data)))


def unlabelled(data: bytes) -> bytes:
    example = Example.FromString(data)
    for name in [name for name in example.features.feature if name.startswith("image/object/")]:
        del example.features.feature[name]
    return example.SerializeToString()


def test_without_test_objects_val_is_measured_and_said(tiny_export, tiny_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records)
    without_objects(records, "test")
    _, metrics = evaluate(tmp_path, tiny_export / "tflite", records, variant="int8")
    assert (metrics["split"], metrics["images"]) == ("val", 3)
    assert "the split test has no objects: measured on val" in metrics["notices"][0]


def test_without_any_object_test_is_measured_all_the_same(tiny_export, tiny_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records)
    for split in ("test", "val"):
        without_objects(records, split)
    _, metrics = evaluate(tmp_path, tiny_export / "tflite", records, variant="int8")
    assert (metrics["split"], metrics["AP50"], metrics["notices"]) == ("test", None, [])


def crowded(objects: int, crowds: int) -> dict:
    """An image with so many of both, and one with a single object."""
    marks = [0] * objects + [1] * crowds
    annotations = [{"image_id": 1, "iscrowd": crowd} for crowd in marks] + [{"image_id": 2, "iscrowd": 0}]
    return {"images": [{"id": 1}, {"id": 2}], "annotations": annotations}


@pytest.mark.parametrize(("objects", "crowds"), [(0, 0), (100, 0), (99, 9)])
def test_objects_that_a_detector_can_find_are_no_notice(objects, crowds):
    assert splits.crowded(crowded(objects, crowds)) == []


def test_objects_beyond_the_most_detections_are_told():
    (notice,) = splits.crowded(crowded(149, 5))
    assert (
        notice.startswith("1 of 2 images have more than 100 objects") and "49 of 150 objects cannot be found" in notice
    )


def test_crowds_are_no_objects(tiny_export, tiny_records, tmp_path):
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
def test_no_images_at_all(tiny_export, tiny_records, tmp_path, split, looked_in):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records, ignore=shutil.ignore_patterns("test-*", "val-*"))
    with pytest.raises(UserError, match=f"no image in {looked_in}; convert"):
        evaluate(tmp_path, tiny_export / "tflite", records, variant="int8", split=split)


def test_other_classes_are_refused(tiny_export, tiny_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(tiny_records, records)
    manifest = record_files.manifest(records)
    dataset.write(records / record_files.MANIFEST, manifest.model_copy(update={"classes": manifest.classes[::-1]}))
    with pytest.raises(UserError, match="the detector knows the classes box, pole"):
        evaluate(tmp_path, tiny_export / "tflite", records, variant="int8")


def test_a_folder_of_the_users_is_left_alone(tiny_export, tiny_records, tmp_path):
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "detections.json").write_text("dear")
    with pytest.raises(UserError, match="is not an earlier output of this step"):
        evaluate(tmp_path, tiny_export / "tflite", tiny_records, variant="int8")
    assert (tmp_path / "evaluation" / "detections.json").read_text() == "dear"


def test_missing_file_says_what_to_give(tiny_export, tiny_records, tmp_path):
    with pytest.raises(UserError, match=r"int8\.tflite does not exist"):
        evaluate(tmp_path, tiny_export / "model", tiny_records, variant="int8")


def test_detections_and_brightness_belong_to_their_image(tiny_records, monkeypatch):
    """Eight images in chunks of three. The detector's score is the brightness of the image."""
    monkeypatch.setattr(detecting, "CHUNK", 3)

    def detector(images):
        return [(np.array([[0, 0, 1, 1]]), np.array([recall_slices.luma(image)]), np.array([1])) for image in images]

    found = detecting.detect(detector, tiny_records, "train")
    expected = [recall_slices.luma(decode(record.encoded)) for record in record_files.read(tiny_records, "train")]
    assert len(set(expected)) == 8 and found.brightness == expected
    assert [(one["image_id"], one["score"]) for one in found.detections] == list(enumerate(expected, 1))


def test_one_warm_up_even_if_nothing_is_detected(tiny_records, monkeypatch):
    """Eight images in chunks of three: one call with one image, then every image once."""
    monkeypatch.setattr(detecting, "CHUNK", 3)
    sizes = []

    def detector(images):
        sizes.append(len(images))
        return [(np.zeros((1, 4)), np.zeros(1), np.ones(1, int)) for _ in images]

    assert not detecting.detect(detector, tiny_records, "train").detections
    assert sizes == [1, 3, 3, 2]


@pytest.fixture
def half_found():
    """20 images with one object each, found in the first 10."""
    box = [10.0, 10.0, 40.0, 40.0]
    images = [{"id": i, "file_name": f"{i}.jpg", "height": 100, "width": 100} for i in range(1, 21)]
    objects = [
        {"id": i, "image_id": i, "category_id": 1, "bbox": box, "area": 1600.0, "iscrowd": 0} for i in range(1, 21)
    ]
    found = [{"image_id": i, "category_id": 1, "bbox": box, "score": 0.9} for i in range(1, 11)]
    return {"images": images, "annotations": objects, "categories": [{"id": 1, "name": "a"}]}, found


def test_interval_holds_the_number_and_repeats(half_found):
    first, second = bootstrap_intervals.intervals(*half_found), bootstrap_intervals.intervals(*half_found)
    assert first == second
    low, high = first["AP50"]
    assert low < coco_eval.evaluate(*half_found)["AP50"] < high
    # AP50 here is the share found; the binomial 95 % interval of 10 of 20 is .28 to .72.
    assert (low, high) == pytest.approx((0.28, 0.72), abs=0.06)
    assert first["AP50 a"] == first["AP50"] and first["AP a"] == first["AP"]


def test_an_image_drawn_twice_is_two_images(half_found):
    """Two found of three: 67 of the 101 recall points have precision 1."""
    truth, found = half_found
    by_image = group_by_image(truth["annotations"]), group_by_image(found)
    assert bootstrap_intervals.numbers_of(truth, [1, 1, 11], *by_image)["AP50"] == pytest.approx(67 / 101)


@pytest.mark.parametrize("image", [1, 20])
def test_every_image_is_drawn(half_found, image):
    """The first and the last: the only one in which anything is found."""
    truth, found = half_found
    numbers = bootstrap_intervals.samples(truth, [found[0] | {"image_id": image}], 20)["AP50"]
    assert min(numbers) == 0 < max(numbers)


def test_an_interval_holds_95_of_100():
    assert bootstrap_intervals.interval([*np.arange(1001) / 1000, np.nan]) == pytest.approx((0.025, 0.975))


def test_no_interval_from_few_images(half_found):
    truth, found = half_found
    few = truth | {"images": truth["images"][:9], "annotations": truth["annotations"][:9]}
    assert bootstrap_intervals.intervals(few, found[:9]) is None


def test_interval_of_nothing_is_none():
    assert bootstrap_intervals.interval([np.nan, np.nan]) is None
