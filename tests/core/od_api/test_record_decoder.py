# environment: train
"""Our decoder equals the OD API's: value, shape and type of every tensor."""

from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001  (first: the OD API does not import without it)

import io
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from object_detection.builders import decoder_builder
from object_detection.protos import input_reader_pb2
from PIL import Image

from boxwright.core.od_api import record_decoder

YMIN, XMIN, YMAX, XMAX = (0.1, 0.0, 0.3), (0.2, 0.0, 0.3), (0.5, 1.0, 0.4), (0.9, 1.0, 0.35)


def _example(mode="RGB", kind="JPEG", objects=3, **options) -> bytes:
    """An example with the features that convert writes (see tests/convert). One object is a crowd, the next is difficult."""
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    Image.fromarray(noise).convert(mode).save(file, kind, **options)
    one = {"height": [24], "width": [32], "source_id": [b"7"], "key/sha256": [b"aa"], "encoded": [file.getvalue()]}
    one |= {"filename": ["d/ä.jpg".encode()], "format": [kind.lower().encode()]}
    many = {"bbox/ymin": YMIN, "bbox/xmin": XMIN, "bbox/ymax": YMAX, "bbox/xmax": XMAX, "area": (215.0, 768.0, 3.84)}
    many |= {"class/label": (2, 1, 2), "class/text": (b"b", b"a", b"b"), "truncated": (0, 0, 0)}
    many |= {"is_crowd": (1, 0, 0), "difficult": (0, 1, 0), "view": (b"Unspecified",) * 3}
    values = one | {f"object/{name}": value[:objects] for name, value in many.items()}
    kinds = {name: value[0] for name, value in (one | {f"object/{n}": v for n, v in many.items()}).items()}
    features = {f"image/{name}": _feature(kinds[name], value) for name, value in values.items()}
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def _feature(like, values) -> tf.train.Feature:
    if isinstance(like, bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if isinstance(like, int):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


@pytest.mark.parametrize(
    "example",
    [
        _example(),
        _example("L"),
        _example("L", "PNG"),
        _example("RGB", "PNG", objects=1),
        _example(progressive=True, objects=0),
    ],
    ids=["rgb", "grey", "grey png", "png, one object", "progressive, no objects"],
)
def test_decodes_like_the_od_api(example):
    reader: Any = vars(input_reader_pb2)["InputReader"]()
    reader.tf_record_input_reader.SetInParent()
    expected = decoder_builder.build(reader).decode(tf.constant(example))
    pixels = expected.pop("image")
    found, encoded = record_decoder.decode(tf.constant(example))
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == value.dtype, name
        np.testing.assert_array_equal(found[name], value, err_msg=name)
    np.testing.assert_array_equal(tf.io.decode_image(encoded, 3, expand_animations=False), pixels)


def test_the_flags_are_those_of_their_objects():
    found, _ = record_decoder.decode(tf.constant(_example()))
    assert found["groundtruth_is_crowd"].numpy().tolist() == [True, False, False]
    assert found["groundtruth_difficult"].numpy().tolist() == [0, 1, 0]
    assert found["groundtruth_classes"].numpy().tolist() == [2, 1, 2]
    np.testing.assert_allclose(found["groundtruth_area"], [215, 768, 3.84], rtol=1e-6)
    np.testing.assert_allclose(found["groundtruth_boxes"][0], [0.1, 0.2, 0.5, 0.9], rtol=1e-6)
