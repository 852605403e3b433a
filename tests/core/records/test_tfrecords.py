# environment: data
"""TFRecords from TensorFlow, read without TensorFlow."""

import struct

import numpy as np
import pytest
import tensorflow as tf

from boxwright.core.records import tfrecords
from boxwright.core.records.example_proto import Example
from boxwright.core.runtime.errors import UserError


def example(name: str, boxes: list[list[float]], crowd: list[int] | None = None) -> bytes:
    built = tf.train.Example()
    features = built.features.feature
    features["image/filename"].bytes_list.value.append(name.encode())
    features["image/encoded"].bytes_list.value.append(b"pixels")
    features["image/key/sha256"].bytes_list.value.append(b"0a1b")
    features["image/height"].int64_list.value.append(48)
    features["image/width"].int64_list.value.append(64)
    for i, side in enumerate(("ymin", "xmin", "ymax", "xmax")):
        features[f"image/object/bbox/{side}"].float_list.value.extend(box[i] for box in boxes)
    features["image/object/class/label"].int64_list.value.extend(range(1, len(boxes) + 1))
    features["image/object/is_crowd"].int64_list.value.extend(crowd or [])
    return built.SerializeToString()


def write(path, *examples):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for data in examples:
            writer.write(data)


def test_a_picture_that_cannot_be_decoded_is_named():
    with pytest.raises(UserError, match=r"b\.jpg cannot be decoded .* with --pixels decode"):
        tfrecords.parse(example("b.jpg", [])).picture("L")


def test_read(tmp_path):
    """Boxes come back as (n, 4) y first; shards are read in order; crowd flags are optional."""
    boxes = [[0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 1.0, 1.0]]
    write(tmp_path / tfrecords.shard_name("train", 1, 2), example("c.jpg", []))
    write(tmp_path / tfrecords.shard_name("train", 0, 2), example("ä.jpg", boxes, [0, 1]), example("b.jpg", boxes[:1]))
    first, second, third = tfrecords.read(tmp_path, "train")
    assert [r.filename for r in (first, second, third)] == ["ä.jpg", "b.jpg", "c.jpg"]
    assert (first.height, first.width, first.encoded, first.sha256) == (48, 64, b"pixels", "0a1b")
    assert np.allclose(first.boxes_yxyx, boxes) and first.boxes_yxyx.dtype == np.float32
    assert first.is_crowd.tolist() == [False, True] and second.is_crowd.tolist() == [False]
    assert third.boxes_yxyx.shape == (0, 4) and third.class_ids.shape == (0,)
    assert list(tfrecords.read(tmp_path, "val")) == []


def test_shards_have_their_order_whatever_the_disks(tmp_path):
    names = [tfrecords.shard_name("train", number, 12) for number in range(12)]
    for name in names[::2] + names[::-2]:
        (tmp_path / name).touch()
    assert [shard.name for shard in tfrecords.shards(tmp_path, "train")] == names


def test_the_message_is_tensorflows():
    """Parsed and serialized again, with lists of every kind, packed or not."""
    whole = example("ä.jpg", [[0.1, 0.2, 0.3, 0.4]], [1])
    # a: [7, 300], each number with its own tag, as before proto3.
    numbers = b"\x08\x07\x08\xac\x02"
    feature = b"\x1a" + bytes([len(numbers)]) + numbers
    entry = b"\x0a\x01a\x12" + bytes([len(feature)]) + feature
    features = b"\x0a" + bytes([len(entry)]) + entry
    unpacked = b"\x0a" + bytes([len(features)]) + features
    for data in (whole, b"", unpacked):
        assert Example.FromString(data).SerializeToString(deterministic=True) == tf.train.Example.FromString(
            data
        ).SerializeToString(deterministic=True)
    assert list(Example.FromString(unpacked).features.feature["a"].int64_list.value) == [7, 300]


def test_serialized_equals_tensorflow(tmp_path):
    path = tmp_path / "test-00000-of-00001.tfrecord"
    write(path, b"", b"a", b"x" * 70_000)
    assert list(tfrecords.serialized(path)) == [t.numpy() for t in tf.data.TFRecordDataset(str(path))]


@pytest.mark.parametrize("cut", [1, 4, 5, 9])
def test_cut_off(tmp_path, cut):
    path = tmp_path / "test-00000-of-00001.tfrecord"
    write(path, b"abcdef")
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(UserError, match="truncated; write it again"):
        list(tfrecords.serialized(path))


def test_cut_off_header(tmp_path):
    path = tmp_path / "test-00000-of-00001.tfrecord"
    write(path, b"abcdef")
    path.write_bytes(path.read_bytes() + struct.pack("<I", 7))
    with pytest.raises(UserError, match="truncated"):
        list(tfrecords.serialized(path))


@pytest.mark.parametrize("at", [0, 7, 8, 11, 12, 17, 18, 21])  # length, its checksum, data, their checksum
def test_damaged_byte(tmp_path, at):
    path = tmp_path / "test-00000-of-00001.tfrecord"
    write(path, b"abcdef")
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        list(tfrecords.serialized(path))


@pytest.mark.parametrize("read", [tfrecords.manifest, tfrecords.classes])
def test_a_folder_that_convert_did_not_write(tmp_path, read):
    with pytest.raises(UserError, match=r"no such file; expected the dataset\.json that `boxwright convert` wrote"):
        read(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", "{", '{"digest": "0123', "{}", "[]", '{"classes": []}', b"\xff\xfe{\0}\0"])
def test_a_manifest_that_is_cut_or_another_file(tmp_path, text):
    (tmp_path / tfrecords.MANIFEST).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError, match=r"dataset\.json is .*: run `boxwright convert` again"):
        tfrecords.manifest(tmp_path)


def test_a_manifest_that_is_a_folder(tmp_path):
    (tmp_path / tfrecords.MANIFEST).mkdir()
    with pytest.raises(UserError, match=r"dataset\.json cannot be read: Is a directory"):
        tfrecords.manifest(tmp_path)
