# environment: train
"""A detector that finds coloured squares exactly, as a .tflite file, and records of images with such squares.

Its input is 64 x 64 pixels. Its 49 anchors are the squares of 16 pixels at every 8th pixel. The score of a class is 1 for a
square of its colour, and less for a paler one. Red and blue exchanged, or another range of pixels, leave it blind.
"""

import io
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tflite_files
import tiny
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers
from PIL import Image

from boxwright.core import labels, tflite
from boxwright.core.records import tfrecords

SIDE, SQUARE, STEP, PLACES = 64, 16, 8, 7
COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "yellow": (255, 255, 0)}
CLASSES = tuple(COLOURS)
GRAY = 114
OPTIONS = {
    "max_detections": 100, "max_classes_per_detection": 1, "detections_per_class": 100, "use_regular_nms": True,
    "nms_score_threshold": 1e-8, "nms_iou_threshold": 0.6, "num_classes": 3,
    "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0,
}  # fmt: skip


def anchors() -> np.ndarray:
    """(49, 4) centre y, centre x, height, width, as fractions."""
    starts = np.arange(PLACES) * STEP / SIDE
    y, x = (one.ravel() + SQUARE / SIDE / 2 for one in np.meshgrid(starts, starts, indexing="ij"))
    return np.stack([y, x, *[np.full(PLACES**2, SQUARE / SIDE)] * 2], 1).astype(np.float32)


def scores(image: Any, order: tuple[int, ...] = (0, 1, 2)) -> Any:
    """(1, 49, 3) scores of the colours. image: (1, 64, 64, 3) in -1..1. order: of the class numbers."""
    means = tf.reshape(tf.nn.avg_pool2d(image, SQUARE, STEP, "VALID"), (1, PLACES**2, 1, 3))
    colours = tf.constant([COLOURS[CLASSES[i]] for i in order], tf.float32) / 127.5 - 1
    return tf.nn.relu(1 - 2 * tf.reduce_sum(tf.square(means - colours), axis=-1))


def tflite_bytes(order: tuple[int, ...] = (0, 1, 2)) -> bytes:
    """The file. order: of its class numbers."""
    signature = " ".join(
        ['name: "TFLite_Detection_PostProcess"']
        + [f'attr {{ key: "{name}" value {{ {_value(value)} }} }}' for name, value in OPTIONS.items()]
    )

    @tf.function(experimental_implements=signature)
    def detect(codes, class_scores, grid):
        return tuple(tf.constant(0.0, name=name) for name in ("boxes", "classes", "scores", "count"))

    @tf.function(input_signature=[tf.TensorSpec((1, SIDE, SIDE, 3), tf.float32)])
    def infer(image):
        found = scores(image, order)
        given = detect(found[..., :1] * tf.zeros(4), found, tf.constant(anchors()))
        return dict(zip("0123", given, strict=True))

    module: Any = tf.Module()
    module.infer = infer
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=infer)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.allow_custom_ops = True
        return converter.convert()


def _value(value: float) -> str:
    return f"b: {str(value).lower()}" if isinstance(value, bool) else f"{'if'[isinstance(value, float)]}: {value}"


def with_options(data: bytes, **changed: float) -> bytes:
    """The file with other settings of its detection op."""
    return tflite_files.changed(data, lambda model: _set_options(model, changed))


def _set_options(model: Any, changed: dict[str, float]) -> None:
    op = model.subgraphs[0].operators[-1]
    op.customOptions = np.frombuffer(flexbuffers.Dumps(OPTIONS | changed), np.uint8)


def with_anchors(data: bytes, other: np.ndarray) -> bytes:
    """The file with other anchors: (49, 4) centre y, centre x, height, width."""

    def change(model: schema.ModelT) -> None:
        graph: Any = model.subgraphs[0]  # pyright: ignore[reportOptionalSubscript]  (the file has one)
        tensor = graph.tensors[graph.operators[-1].inputs[2]]
        model.buffers[tensor.buffer].data = np.frombuffer(other.astype("<f4").tobytes(), np.uint8)  # pyright: ignore[reportOptionalSubscript]

    return tflite_files.changed(data, change)


def with_labels(data: bytes, names: tuple[str, ...], file: str = tflite.LABELS) -> bytes:
    """The file with class names inside."""
    import zipfile

    whole = io.BytesIO(data)
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr(file, "\n".join(names))
    return whole.getvalue()


def write_records(folder: Path, images: int = 24, letterboxed: bool = False, classes=CLASSES) -> Path:
    """Records whose val split has images with five squares, of which two touch. letterboxed: 48 rows of 64 pixels, else 64."""
    folder.mkdir()
    random = np.random.default_rng(0)
    pictures = [picture(random, letterboxed) for _ in range(images)]
    with tf.io.TFRecordWriter(str(folder / tfrecords.shard_name("val", 0, 1))) as writer:
        for number, one in enumerate(pictures):
            writer.write(_example(f"{number:03}.png", *one))
    labels.write(classes, folder / tfrecords.LABEL_MAP)
    drawn = Counter(classes[class_id - 1] for _, squares in pictures for class_id, *_ in squares)
    per_class = {name: drawn[name] for name in classes}
    counts = {"images": images, "objects": 5 * images, "per_class": per_class, "shards": 1}
    named = [{"id": i, "name": name} for i, name in enumerate(classes, 1)]
    manifest = tiny.manifest({"val": images})
    manifest = manifest | {"classes": named, "splits": {**_empty(classes), "val": counts}}
    (folder / tfrecords.MANIFEST).write_text(json.dumps(manifest))
    (folder / tfrecords.QUARANTINE).write_text("")
    return folder


def _empty(classes: tuple[str, ...]) -> dict[str, Any]:
    nothing = {"images": 0, "objects": 0, "per_class": dict.fromkeys(classes, 0), "shards": 0}
    return dict.fromkeys(("train", "test"), nothing)


def picture(random: np.random.Generator, letterboxed: bool) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
    """Pixels, and (class id, row, column) of each square. The first two squares overlap at an IoU of 1/3."""
    cut = STEP if letterboxed else 0
    pixels = np.full((SIDE, SIDE, 3), GRAY, np.uint8)
    rows = (1, PLACES - 1) if letterboxed else (0, PLACES)
    placed: list[tuple[int, int, int]] = []
    while len(placed) < 5:
        row, column, name = int(random.integers(*rows)), int(random.integers(0, PLACES)), int(random.integers(3))
        touching = len(placed) == 1
        if touching:
            (_, row, column), name = (0, placed[0][1], placed[0][2] + (1 if placed[0][2] < 3 else -1)), placed[0][0] - 1
        if touching or all(abs(row - r) > 1 or abs(column - c) > 1 for _, r, c in placed):
            pale = 1.0 if touching or not placed else float(random.choice([1, 0.85, 0.7]))
            colour = GRAY + pale * (np.array(COLOURS[CLASSES[name]]) - GRAY)
            pixels[row * STEP : row * STEP + SQUARE, column * STEP : column * STEP + SQUARE] = colour.round()
            placed.append((name + 1, row, column))
    return pixels[cut : SIDE - cut], [(name, row - cut // STEP, column) for name, row, column in placed]


def _example(name: str, pixels: np.ndarray, squares: list[tuple[int, int, int]]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    height, width = pixels.shape[:2]
    tops, lefts = (np.array([one[i] for one in squares]) * STEP for i in (1, 2))
    sides = {
        "ymin": tops / height,
        "xmin": lefts / width,
        "ymax": (tops + SQUARE) / height,
        "xmax": (lefts + SQUARE) / width,
    }
    values = {
        "image/height": [height], "image/width": [width], "image/filename": [name.encode()],
        "image/source_id": [name.encode()], "image/key/sha256": [name.encode()], "image/encoded": [file.getvalue()],
        "image/format": [b"png"], "image/object/class/label": [one[0] for one in squares],
        **{f"image/object/bbox/{side}": place.tolist() for side, place in sides.items()},
    }  # fmt: skip
    features = tf.train.Features(feature={key: tiny.feature(value) for key, value in values.items()})
    return tf.train.Example(features=features).SerializeToString(deterministic=True)
