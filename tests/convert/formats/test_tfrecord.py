# environment: data
"""TFRecords of the OD API's own scripts and of other tools."""

import gzip
import io

import numpy as np
import pytest
from PIL import Image

from boxwright.core.runtime.errors import UserError

BOX = [0.25, 0.125, 0.75, 0.375]


def test_reads_its_own_records(coco, convert):
    """Images, boxes, classes and splits are the same."""
    objects = [[1, [8, 12, 16, 24]], [2, [1, 2, 3.5, 40]]]
    first = convert(coco({f"{n}.jpg": objects[: 1 + n % 2] for n in range(8)}), "first")
    again = convert(first.records, "again")
    assert again.manifest["format"] == "tfrecord" and again.manifest["split_by"] == "given"
    assert again.boxes() == first.boxes()
    assert {n: r.encoded for n, r in again.read().items()} == {n: r.encoded for n, r in first.read().items()}
    assert again.manifest["splits"] == first.manifest["splits"]
    assert again.quarantine == []


@pytest.fixture
def write(tmp_path):
    """Writes shards of examples: {shard: [{feature: values}, ...]}."""
    import tensorflow as tf
    from tensorflow.core.example.example_pb2 import Example

    def write(shards: dict[str, list[dict | bytes]]):
        (tmp_path / "od").mkdir(exist_ok=True)
        for name, examples in shards.items():
            with tf.io.TFRecordWriter(str(tmp_path / "od" / name)) as file:
                for content in examples:
                    file.write(content if isinstance(content, bytes) else serialized(content))
        return tmp_path / "od"

    def serialized(content: dict) -> bytes:
        example = Example()
        for feature, values in content.items():
            kind = {bytes: "bytes_list", int: "int64_list", float: "float_list"}[type(values[0])]
            getattr(example.features.feature[f"image/{feature}"], kind).value.extend(values)
        return example.SerializeToString()

    return write


def example(name: str, *, label: int, **changes) -> dict:
    noise = np.random.default_rng(label).integers(0, 256, (48, 64, 3), np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(noise).save(encoded, "JPEG")
    sides = dict(zip(("ymin", "xmin", "ymax", "xmax"), BOX, strict=True))
    content = {"filename": [name.encode()], "encoded": [encoded.getvalue()], "width": [64], "height": [48]}
    content |= {f"object/bbox/{side}": [value] for side, value in sides.items()}
    return content | {"object/class/label": [label]} | changes


TEXT = {"object/class/text": [b"dog"]}


def test_reads_records_of_other_tools(write, convert):
    """Class numbers with a label map, repeated names, absolute and hostile names, damaged records."""
    texts = {"object/class/text": [b"dog"]}
    root = write({
        "cards_train.record-00000-of-00001": [
            example("a.jpg", label=1), example("a.jpg", label=2), example("/data/b.jpg", label=2, **texts),
            example("nine.jpg", label=9), example("short.jpg", label=1, **{"object/bbox/xmax": [0.4, 0.5]}), b"garbage\xff",
        ],
        "cards_val.record": [example("../../c.jpg", label=1), example("empty.jpg", label=1, encoded=[b""])],
    })  # fmt: skip
    (root / "map.pbtxt").write_text("item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }")
    out = convert(root, missing="quarantine")
    assert out.boxes() == {
        "a.jpg": [("cat", *BOX)], "a~2.jpg": [("dog", *BOX)], "data/b.jpg": [("dog", *BOX)],
        "short.jpg": [("cat", 0.25, 0.125, 0.75, pytest.approx(0.4))], "c.jpg": [("cat", *BOX)],
    }  # fmt: skip
    assert {s: c["images"] for s, c in out.manifest["splits"].items()} == {"train": 4, "val": 1, "test": 0}
    assert out.reasons("nine.jpg") == [(None, "objects_rejected"), (0, "unknown_class")]
    assert out.reasons("short.jpg") == [(1, "unknown_class")]
    assert out.reasons("empty.jpg") == [(None, "undecodable"), (0, "image_rejected")]
    assert out.reasons("cards_train.record-00000-of-00001#5") == [(None, "unreadable_annotation")]


def test_records_of_one_picture_are_one_image(write, convert):
    """Some scripts write a record for each row of a csv, and so for each object. In another split, the picture stays apart."""
    left = {"object/bbox/xmin": [0.0]}
    root = write({
        "train.record": [
            example("a.jpg", label=1, **TEXT), example("a.jpg", label=1, **TEXT, **left), example("b.jpg", label=2, **TEXT),
        ],
        "val.record": [example("a.jpg", label=1, **TEXT)],
    })  # fmt: skip
    out = convert(root)
    assert {name: len(boxes) for name, boxes in out.boxes().items()} == {"a.jpg": 2, "b.jpg": 1, "a~2.jpg": 1}
    assert out.quarantine == []


def test_label_map_with_holes(write, convert):
    """mscoco_label_map.pbtxt is one. The classes that occur get new numbers."""
    root = write({"train.record": [example("a.jpg", label=44), example("b.jpg", label=90)]})
    items = ((44, "/m/04dr76w", "bottle"), (46, "/m/09tvcd", "wine glass"), (90, "/m/012xff", "toothbrush"))
    text = "".join(f'item {{ name: "{key}" id: {n} display_name: "{name}" }}' for n, key, name in items)
    (root / "mscoco_label_map.pbtxt").write_text(text)
    out = convert(root)
    assert out.boxes() == {"a.jpg": [("bottle", *BOX)], "b.jpg": [("toothbrush", *BOX)]}


def test_names_that_no_disk_takes(write, convert):
    """A name longer than 255 bytes, one that is also a folder, and two that differ in an escaped character."""
    names = ["x" * 300 + ".jpg", "x" * 300 + ".png", "猫" * 100 + ".jpg", "x", "x/y.jpg", "x%2Fy.jpg"]
    root = write({"train.record": [example(name, label=n, **TEXT) for n, name in enumerate(names, 1)]})
    assert set(convert(root).read()) == set(names)


def test_truncated_records(write, convert):
    root = write({"train.tfrecord": [example("a.jpg", label=1), example("b.jpg", label=1)]})
    whole = (root / "train.tfrecord").read_bytes()
    (root / "train.tfrecord").write_bytes(whole[:-9])
    with pytest.raises(UserError, match=r"train\.tfrecord is truncated"):
        convert(root)


def test_names_unreadable_records(write, read, convert):
    """Without the error, their images would be lost beside other records. An empty file loses nothing."""
    root = write({"train.tfrecord": [example("a.jpg", label=1, **{"object/class/text": [b"cat"]})]})
    whole = (root / "train.tfrecord").read_bytes()
    cases = {
        "val.tfrecord.gz": (gzip.compress(whole), "is compressed; unpack it"),
        "val.record": (gzip.compress(whole), "is compressed; unpack it"),
        "val.record-00000-of-00001": (whole[:100], "is truncated; write it again"),
    }
    for name, (content, why) in cases.items():
        (root / name).write_bytes(content)
        with pytest.raises(UserError, match=f"{name} {why}.*; repair it, or move it out of the data"):
            read(root)
        (root / "train.tfrecord").rename(root / "aside")
        with pytest.raises(UserError, match=f"holds no annotations: found .*; {name} {why}"):
            read(root)
        (root / "aside").rename(root / "train.tfrecord")
        (root / name).unlink()
    (root / "val.tfrecord").write_bytes(b"")
    (root / "model.ckpt.data-00000-of-00001").write_bytes(b"weights" * 9)
    assert len(read(root).images) == 1
    (root / "train.tfrecord").unlink()
    with pytest.raises(UserError, match=r"val\.tfrecord is empty"):
        read(root)
