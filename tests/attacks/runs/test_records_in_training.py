# environment: train
"""Records of a stranger in train and evaluate: an image or example that TensorFlow refuses is a sentence."""

import io
import struct

import pytest
import tensorflow as tf
from PIL import Image

from boxwright.core.od_api.image_preprocessing import damaged_images_reported, decode
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError
from boxwright.train.loop import input_pipeline


def png(width: int = 8, height: int = 6) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (width, height)).save(output, "PNG")
    return output.getvalue()


DAMAGED = {
    "no image": b"pixels",
    "empty": b"",
    "a PNG that is cut off": png(64, 48)[:60],
    "a JPEG that is cut off": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "a PNG of gigapixels": png()[:16] + struct.pack(">II", 60_000, 60_000) + png()[24:],
}


@pytest.mark.parametrize("encoded", DAMAGED.values(), ids=DAMAGED)
def test_an_image_that_tensorflow_refuses(encoded):
    with pytest.raises(UserError, match="damaged and cannot be decoded"):
        decode(encoded)


def test_an_example_that_tensorflow_refuses():
    features = {"image/encoded": tf.io.FixedLenFeature([], tf.string)}
    with pytest.raises(UserError, match="cannot be decoded"), damaged_images_reported():
        tf.io.parse_single_example(b"", features)


@pytest.mark.parametrize("class_id", [0, -1, 3, 1 << 62])
def test_a_class_that_the_label_map_lacks(tmp_path, class_id):
    """Such an id was the size of an array."""
    built = tf.train.Example()
    features = built.features.feature
    for name, value in {"filename": b"a", "encoded": png(), "key/sha256": b"0"}.items():
        features[f"image/{name}"].bytes_list.value.append(value)
    for name, number in {"height": 6, "width": 8, "object/class/label": class_id}.items():
        features[f"image/{name}"].int64_list.value.append(number)
    for side in ("ymin", "xmin", "ymax", "xmax"):
        features[f"image/object/bbox/{side}"].float_list.value.append(0.5)
    file = tmp_path / "train-00000-of-00001.tfrecord"
    file.write_bytes(b"".join(tfrecords.framed(built.SerializeToString())))
    with pytest.raises(UserError, match=r"record 0 is not one that this version of convert writes \(class id"):
        input_pipeline.class_counts(file, classes=2)
