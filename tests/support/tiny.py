# environment: data
"""`write` makes records that a small model learns in seconds. Needs TensorFlow, so the data or the train environment."""

import io
import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from boxwright.core import labels
from boxwright.core.records import tfrecords

HEIGHT, WIDTH = 120, 160
CLASSES = ("box", "pole")
# Each picture has one object per class: (height, width) in pixels, and colour.
OBJECTS = (((40, 40), (220, 40, 40)), ((64, 16), (40, 60, 220)))
SHARDS = 2


def write(folder: Path, images: dict[str, int]) -> None:
    """Writes a folder like convert's, with these numbers of images per split. The images are the same every time."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for split, count in images.items():
        for shard in range(SHARDS):
            with tf.io.TFRecordWriter(str(folder / tfrecords.shard_name(split, shard, SHARDS))) as writer:
                for index in range(shard, count, SHARDS):
                    writer.write(example(f"{split}{index}.jpg", *picture(random)))
    labels.write(CLASSES, folder / tfrecords.LABEL_MAP)
    (folder / tfrecords.MANIFEST).write_text(json.dumps(manifest(images)))
    (folder / tfrecords.QUARANTINE).write_text("")


def picture(random: np.random.Generator) -> tuple[bytes, list[tuple[float, ...]]]:
    """A JPEG of grey noise with objects at random places, and their boxes, yxyx in 0..1."""
    pixels = random.integers(90, 130, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    boxes_yxyx = []
    for (height, width), colour in OBJECTS:
        top, left = int(random.integers(0, HEIGHT - height)), int(random.integers(0, WIDTH - width))
        pixels[top : top + height, left : left + width] = colour
        boxes_yxyx.append((top / HEIGHT, left / WIDTH, (top + height) / HEIGHT, (left + width) / WIDTH))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
    return buffer.getvalue(), boxes_yxyx


def example(name: str, jpeg: bytes, boxes_yxyx: list[tuple[float, ...]], height=HEIGHT, width=WIDTH) -> bytes:
    """A tf.train.Example in the OD API's schema."""
    sides = zip(("ymin", "xmin", "ymax", "xmax"), zip(*boxes_yxyx, strict=True), strict=True)
    values = {
        "image/height": [height],
        "image/width": [width],
        "image/filename": [name.encode()],
        "image/source_id": [name.encode()],
        "image/key/sha256": [name.encode()],
        "image/encoded": [jpeg],
        "image/format": [b"jpeg"],
        **{f"image/object/bbox/{side}": list(places) for side, places in sides},
        "image/object/class/label": list(range(1, len(CLASSES) + 1)),
        "image/object/class/text": [name.encode() for name in CLASSES],
        "image/object/is_crowd": [0] * len(CLASSES),
    }
    features = tf.train.Features(feature={key: feature(value) for key, value in values.items()})
    return tf.train.Example(features=features).SerializeToString(deterministic=True)


def feature(values: list) -> tf.train.Feature:
    if isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if isinstance(values[0], int):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def manifest(images: dict[str, int]) -> dict:
    """The content of dataset.json as convert would write it."""
    total = sum(images.values())
    return {
        "digest": "tiny",
        "format": "made by the tests",
        "source": "",
        "classes": [{"id": i, "name": name} for i, name in enumerate(CLASSES, 1)],
        "splits": {split: summary(images.get(split, 0)) for split in ("train", "val", "test")},
        "found": {"images": total, "objects": len(CLASSES) * total},
        "quarantined": {"images": {}, "objects": {}},
        "notices": [],
        "split_by": "given",
    }


def summary(images: int) -> dict:
    """The entry of a split."""
    per_class = dict.fromkeys(CLASSES, images)
    return {
        "images": images,
        "objects": len(CLASSES) * images,
        "per_class": per_class,
        "shards": SHARDS if images else 0,
    }
