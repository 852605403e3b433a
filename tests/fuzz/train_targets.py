# environment: train
"""Weights, models and .tflite files of strangers, and records as TensorFlow decodes them."""

import functools
import io
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tiny
from PIL import Image
from target import Files, Target

from boxwright.core import recipe as recipes
from boxwright.core import tflite
from boxwright.core.od_api import (
    detection_model,
    record_decoder,
    tensorflow_compat,  # noqa: F401  (first: the OD API does not import without it)
)
from boxwright.core.od_api.image_preprocessing import damaged_images_reported, decode
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords
from boxwright.edgetpu import step as edgetpu
from boxwright.edgetpu.config import Config as EdgeTpuConfig
from boxwright.evaluate import detectors
from boxwright.export import tflite_metadata
from boxwright.train.loop import input_pipeline
from boxwright.train.weights import initial_weights

CHILD = 150  # seconds: a child process that tries a file has two minutes
RECIPE = recipes.stock("ssd_mobilenet_v1_ppn", tiny.CLASSES, steps=100)
ARRAYS = {
    "MobilenetV1/Conv2d_0/weights": np.ones((3, 3, 3, 8), np.float32),
    "MobilenetV1/Conv2d_0/biases": np.zeros(8, np.float32),
    "MobilenetV1/Conv2d_1_depthwise/BatchNorm/beta": np.arange(8, dtype=np.float64),
    "global_step": np.int64(7),
}


@functools.cache
def checkpoint() -> Files:
    """A TF1 checkpoint of a few arrays."""
    with tempfile.TemporaryDirectory() as folder, tf.Graph().as_default(), tf.compat.v1.Session() as session:
        named = {name: tf.compat.v1.Variable(array) for name, array in ARRAYS.items()}
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver(named).save(session, f"{folder}/model.ckpt", write_meta_graph=False)
        return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


def packed() -> list[Files]:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in checkpoint().items():
            member = tarfile.TarInfo(f"zoo/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return [{"zoo.tar.gz": made.getvalue()}]


def arrays() -> list[Files]:
    plain, compressed = io.BytesIO(), io.BytesIO()
    np.savez(plain, **ARRAYS)
    np.savez_compressed(compressed, **ARRAYS)
    return [{"a.npz": plain.getvalue()}, {"a.npz": compressed.getvalue()}]


def weights(name: str) -> Callable[[Path, Path], None]:
    def run(folder: Path, _: Path) -> None:
        initial_weights.find(str(folder / name), RECIPE)

    return run


def small_recipe() -> Recipe:
    anchors = {"anchors": RECIPE.anchors.model_copy(update={"scales": (0.25, 0.4, 0.7)})}
    return RECIPE.model_copy(update={"input_size": 96, "depth_multiplier": 0.05, **anchors})


@functools.cache
def trained() -> Files:
    """A folder as train writes it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        detection_model.save(folder, detection_model.build(small_recipe(), training=False), small_recipe())
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@functools.cache
def detector() -> bytes:
    """A .tflite file with a convolution and the detection op, as export writes it."""
    settings = {
        "max_detections": "i: 4",
        "max_classes_per_detection": "i: 1",
        "use_regular_nms": "b: true",
        "num_classes": "i: 2",
    }
    settings |= {"nms_score_threshold": "f: 0.0", "nms_iou_threshold": "f: 0.6"}
    settings |= {f"{side}_scale": f"f: {number}" for side, number in zip("yxhw", (10.0, 10.0, 5.0, 5.0), strict=True)}
    words = [f'attr {{ key: "{name}" value {{ {value} }} }}' for name, value in settings.items()]

    @tf.function(experimental_implements=" ".join(['name: "TFLite_Detection_PostProcess"', *words]))
    def post_process(boxes: tf.Tensor, scores: tf.Tensor, anchors: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return (tf.constant(0.0), tf.constant(0.0), tf.constant(0.0), tf.constant(0.0))

    kernel = tf.constant(np.random.default_rng(0).normal(size=(8, 8, 3, 7)), tf.float32)
    anchors = tf.constant([[0.5, 0.5, 0.3, 0.3]] * 4)

    def infer(image: tf.Tensor) -> tuple[tf.Tensor, ...]:
        found = tf.reshape(tf.nn.conv2d(image, kernel, 8, "SAME"), [1, 4, 7])
        boxes, scores = tf.split(found, [4, 3], axis=2)
        return post_process(boxes, tf.sigmoid(scores), anchors)

    module: Any = tf.Module()
    module.infer = tf.function(infer, input_signature=[tf.TensorSpec([1, 16, 16, 3])], autograph=False)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.infer.get_concrete_function()], module)
    converter.allow_custom_ops = True
    return tflite_metadata.with_labels(converter.convert(), list(tiny.CLASSES))


def tflite_files() -> list[Files]:
    return [{"int8.tflite": detector()}, {"int8.tflite": detector().partition(b"PK\x03\x04")[0]}]


def run_tflite(folder: Path, out: Path) -> None:
    """Operators, labels and detections of a file."""
    edgetpu.run(EdgeTpuConfig(tflite=folder, edgetpu=out / "edgetpu"))
    detect, found = detectors.load(folder, "int8")
    detectors.check_classes(found, tiny.CLASSES, folder)
    detect([np.zeros((20, 30, 3), np.uint8)])


def run_labels(folder: Path, _: Path) -> None:
    tflite.labels((folder / "int8.tflite").read_bytes())


@functools.cache
def records() -> Files:
    with tempfile.TemporaryDirectory() as name:
        tiny.write(Path(name, "records"), {"train": 3, "val": 2})
        return {file.name: file.read_bytes() for file in Path(name, "records").iterdir()}


def pictures() -> list[Files]:
    found = []
    for kind, mode in (("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGB"), ("PNG", "P"), ("GIF", "P"), ("BMP", "RGB")):
        file = io.BytesIO()
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 20, 3), np.uint8)).convert(mode).save(file, kind)
        found.append({f"a.{kind.lower()}": file.getvalue()})
    return found


def run_pictures(folder: Path, _: Path) -> None:
    for file in folder.iterdir():
        decode(file.read_bytes())


def run_records(folder: Path, _: Path) -> None:
    """As train, augment and evaluate read them."""
    for shard in tfrecords.shards(folder, "train"):
        input_pipeline.class_counts(shard, len(tiny.CLASSES))
    for record in tfrecords.read(folder, "train"):
        decode(record.encoded)


def run_decoder(folder: Path, _: Path) -> None:
    """Every step reads the records before TensorFlow does."""
    for shard in tfrecords.shards(folder, "train"):
        list(tfrecords.read_shard(shard, len(tiny.CLASSES)))
        for data in tfrecords.serialized(shard):
            with damaged_images_reported():
                record_decoder.decode(tf.constant(data))


def _kept(*endings: str) -> tuple[str, ...]:
    return tuple(name for name in ("dataset.json", "quarantine.jsonl", "label_map.pbtxt") if not name.endswith(endings))


TARGETS = (
    Target("weights .npz", arrays, weights("a.npz"), tests=5),
    Target("weights .tar.gz", packed, weights("zoo.tar.gz"), patience=CHILD, tests=4),
    Target("weights folder", lambda: [checkpoint()], weights(""), patience=CHILD, tests=4),
    Target("weights prefix", lambda: [checkpoint()], weights("model.ckpt"), patience=CHILD, tests=3),
    Target(
        "trained model",
        lambda: [trained()],
        lambda folder, out: detection_model.load(folder),
        ("pipeline.config",),
        patience=CHILD,
        tests=4,
    ),
    Target("tflite", tflite_files, run_tflite, patience=CHILD, tests=8),
    Target("tflite labels", tflite_files, run_labels, tests=200),
    Target("pictures, TensorFlow", pictures, run_pictures, tests=200),
    Target("records for training", lambda: [records()], run_records, _kept(), tests=200),
    Target("records, TensorFlow", lambda: [records()], run_decoder, _kept(), tests=200),
)
