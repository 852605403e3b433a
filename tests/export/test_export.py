# environment: train
"""Exported files compared with their trained model."""

import io
import json
import shutil
import zipfile
from typing import Any

import flatbuffers
import numpy as np
import pytest
from flatbuffers import encode
from flatbuffers.number_types import UOffsetTFlags

from boxwright.core import tflite
from boxwright.core.records import tfrecords as record_files
from boxwright.core.runtime.errors import UserError
from boxwright.export import calibration_images, parity, step


def images(records, split="val"):
    from boxwright.core.od_api.image_preprocessing import decode

    return [decode(record.encoded) for record in record_files.read(records, split)]


@pytest.fixture(scope="session")
def report(tiny_export) -> dict:
    return json.loads((tiny_export / "tflite/parity.json").read_text())


def test_float32_agrees_with_the_trained_model(report):
    assert report["float32"]["detections"] > 0
    assert report["float32"]["same"] == report["float32"]["matched"] == 1
    assert report["float32"]["box_max"] < 1e-4 and report["float32"]["score_max"] < 1e-4


def test_int8_finds_the_same_objects(report):
    assert report["int8"]["matched"] > 0.7
    assert report["int8"]["score_mean"] < 0.1


def test_parity_on_training_images_without_validation(tiny_export, tiny_records, tmp_path):
    """The files of the split val may hold no images: convert may quarantine all of them."""
    records = shutil.copytree(tiny_records, tmp_path / "records")
    for shard in record_files.shards(records, "val"):
        shard.write_bytes(b"")
    found = parity.measure(tiny_export / "model", tiny_export / "tflite", records, 2)
    assert (found.split, found.images, found.float32.same) == ("train", 2, 1)


def test_few_calibration_images_give_a_notice(report):
    assert report["calibration"] == {"images": 8, "asked": 150, "seed": 0}
    assert any("8 distinct training images" in notice for notice in report["notices"])


@pytest.mark.parametrize(("name", "kind"), [("float32", np.float32), ("int8", np.uint8)])
def test_input_is_one_image(tiny_export, name, kind):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(tiny_export / f"tflite/{name}.tflite"))
    (taken,) = interpreter.get_input_details()
    assert taken["dtype"] == kind
    assert taken["shape"].tolist() == [1, 128, 128, 3]
    assert len(interpreter.get_output_details()) == 4
    if kind == np.uint8:  # the full range 0..255, although the pixels of the calibration images are about 40..220
        assert taken["quantization"] == (pytest.approx(2 / 255), 127)


def test_int8_computes_in_integers(tiny_export):
    """Only the post-processing op and its inputs are float."""
    from boxwright.edgetpu import tflite_operators

    ops = tflite_operators.operators((tiny_export / "tflite/int8.tflite").read_bytes())
    assert {op.name for op in ops if "FLOAT32" in op.outputs} == {"DEQUANTIZE", tflite.POSTPROCESS}


@pytest.mark.parametrize("name", ["float32", "int8"])
def test_labels_are_inside_the_file(tiny_export, name):
    data = (tiny_export / f"tflite/{name}.tflite").read_bytes()
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["labels.txt"]
    assert tflite.labels(data) == ["box", "pole"]
    assert (tiny_export / "tflite/labels.txt").read_text() == "box\npole\n"
    assert tflite.labels(data[:1000]) == []


def test_metadata_points_at_the_labels(tiny_export):
    """Reads the flatbuffer by field positions of the schema: subgraphs 3, outputs 3, name 0, associated files 6, name 0."""
    model: Any = tflite.read_model((tiny_export / "tflite/int8.tflite").read_bytes())
    entries = {model.Metadata(i).Name(): model.Metadata(i).Buffer() for i in range(model.MetadataLength())}
    data = model.Buffers(entries[b"TFLITE_METADATA"]).DataAsNumpy().tobytes()
    assert flatbuffers.util.BufferHasIdentifier(data, 0, b"M001")
    root = flatbuffers.table.Table(data, encode.Get(UOffsetTFlags.packer_type, data, 0))
    outputs = tables(tables(root, 3)[0], 3)
    assert {text(output, 0) for output in outputs} == {"boxes", "classes", "scores", "count"}
    (classes,) = (output for output in outputs if text(output, 0) == "classes")
    assert [text(file, 0) for file in tables(classes, 6)] == ["labels.txt"]
    order = [tflite.detection_outputs(model)[text(output, 0)] for output in outputs]
    assert order == model.Subgraphs(0).OutputsAsNumpy().tolist()


def tables(table, field):
    start = table.Offset(4 + 2 * field)
    at = [table.Vector(start) + 4 * i for i in range(table.VectorLen(start))]
    return [flatbuffers.table.Table(table.Bytes, table.Indirect(position)) for position in at]


def text(table, field):
    return table.String(table.Offset(4 + 2 * field) + table.Pos).decode()


def test_saved_model_takes_images_of_any_size(tiny_export, tiny_records, tiny_detector):
    from boxwright.core.od_api import tf

    image = images(tiny_records)[0]
    serve = tf.saved_model.load(str(tiny_export / "saved_model")).signatures["serving_default"]
    served = serve(tf.constant(image[None]))
    ((boxes, scores, classes),) = tiny_detector([image])
    np.testing.assert_allclose(served["detection_scores"][0], scores, atol=1e-4)
    np.testing.assert_allclose(served["detection_boxes"][0, :5], boxes[:5], atol=1e-4)
    assert served["detection_classes"][0, :5].numpy().tolist() == classes[:5].tolist()


@pytest.fixture
def repeated(tmp_path, tiny_records):
    """tiny_records with each training image three times."""
    folder = tmp_path / "records"
    shutil.copytree(tiny_records, folder)
    shards = record_files.shards(folder, "train")
    data = b"".join(shard.read_bytes() for shard in shards)
    shards[0].write_bytes(3 * data)
    shards[1].write_bytes(b"")
    return folder


@pytest.mark.parametrize(("count", "expected"), [(150, 8), (8, 8), (5, 5)])
def test_calibration_images_are_distinct(repeated, count, expected):
    chosen = calibration_images.images(repeated, split="train", count=count)
    assert len(chosen) == expected == len(set(chosen))


def test_calibration_is_repeatable(tiny_records):
    first, second = (calibration_images.images(tiny_records, split="train", count=4) for _ in range(2))
    assert first == second


def test_no_training_image_is_an_error(tmp_path, tiny_export, tiny_records):
    for shard in record_files.shards(tiny_records, "val"):
        shutil.copy(shard, tmp_path)
    with pytest.raises(UserError, match="no training image"):
        step.run(step.Config(model=tiny_export / "model", records=tmp_path))


def test_zero_calibration_images_are_an_error(tiny_export, tiny_records):
    with pytest.raises(UserError, match="--calibration-images 0"):
        step.run(step.Config(model=tiny_export / "model", records=tiny_records, calibration_images=0))


def test_no_model_is_an_error(tmp_path, tiny_records):
    with pytest.raises(UserError, match="no trained model"):
        step.run(step.Config(model=tmp_path, records=tiny_records, tflite=tmp_path / "t", saved_model=tmp_path / "s"))


def test_the_network_is_built_from_the_recipe(tiny_export):
    """As in evaluate, the network is built from the recipe. The model's `pipeline.config` is unreadable here, and not used."""
    assert (tiny_export / "model/pipeline.config").read_text() == "model {"
    assert tflite.labels((tiny_export / "tflite/float32.tflite").read_bytes()) == ["box", "pole"]


@pytest.mark.parametrize("output", ["saved_model", "tflite"])
def test_a_users_folder_is_refused(output, tmp_path, tiny_export, tiny_records):
    outputs = {name: tmp_path / name for name in ("saved_model", "tflite")}
    (tmp_path / output).mkdir()
    (tmp_path / output / "photo.jpg").write_text("dear")
    with pytest.raises(UserError, match="is not an earlier output of this step"):
        step.run(step.Config(model=tiny_export / "model", records=tiny_records, **outputs))
    assert (tmp_path / output / "photo.jpg").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ssd_mobilenet_v1", "ssd_mobilenet_v2"])
def test_the_other_models_export(name, tmp_path, tiny_records):
    """Untrained models of the other kinds are exported; only two operators of the int8 file are predicted for the CPU."""
    from boxwright.core import recipe
    from boxwright.core.od_api import detection_model as models
    from boxwright.edgetpu import placement, tflite_operators

    settings = recipe.stock(name, ["box", "pole"], steps=10).model_copy(update={"input_size": 128})
    models.save(tmp_path / "model", models.build(settings, training=False), settings)
    outputs = {"saved_model": tmp_path / "saved_model", "tflite": tmp_path / "tflite"}
    step.run(step.Config(model=tmp_path / "model", records=tiny_records, **outputs))
    rows = placement.table(tflite_operators.operators((tmp_path / "tflite/int8.tflite").read_bytes()))
    on_cpu = {row.op for row in rows if row.placement == placement.CPU}
    assert on_cpu == {"DEQUANTIZE", tflite.POSTPROCESS}
