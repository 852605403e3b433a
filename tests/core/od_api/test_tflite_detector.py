# environment: train
"""The .tflite detector: the order of outputs does not matter, and inputs are quantised by the file's parameters."""

from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from boxwright.core import tflite
from boxwright.core.od_api.image_preprocessing import decode
from boxwright.core.od_api.tflite_detector import TfliteDetector, quantize
from boxwright.core.records import tfrecords as record_files
from boxwright.core.runtime.errors import UserError


@pytest.fixture(scope="module")
def image(tiny_records):
    return decode(next(record_files.read(tiny_records, "val")).encoded)


def reordered(data: bytes) -> bytes:
    """The same model with its outputs in reverse order."""
    model: Any = schema.ModelT.InitFromObj(tflite.read_model(data))
    model.subgraphs[0].outputs = model.subgraphs[0].outputs[::-1]
    model.signatureDefs = None
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.mark.parametrize("name", ["float32", "int8"])
def test_order_of_outputs_does_not_matter(tiny_export, tmp_path, image, name):
    file = tiny_export / f"tflite/{name}.tflite"
    other = tmp_path / "reordered.tflite"
    other.write_bytes(reordered(file.read_bytes()))
    for expected, found in zip(TfliteDetector(file)([image])[0], TfliteDetector(other)([image])[0], strict=True):
        np.testing.assert_array_equal(found, expected)


def test_float32_detects_as_the_trained_model(tiny_export, tiny_detector, image):
    ((boxes, scores, classes),) = TfliteDetector(tiny_export / "tflite/float32.tflite")([image])
    ((trained_boxes, trained_scores, trained_classes),) = tiny_detector([image])
    np.testing.assert_allclose(scores[:10], trained_scores[:10], atol=1e-4)
    np.testing.assert_allclose(boxes[:10], trained_boxes[:10], atol=1e-4)
    assert classes[:10].tolist() == trained_classes[:10].tolist()
    assert set(classes[scores > 0]) <= {1, 2} and (np.diff(scores) <= 0).all()


def test_quantised_by_hand():
    details = {"dtype": np.uint8, "quantization": (2 / 255, 128)}
    assert quantize(np.array([-1.2, -1.0, 0.0, 0.01, 1.0]), details).tolist() == [0, 0, 128, 129, 255]
    floats = {"dtype": np.float32, "quantization": (0.0, 0)}
    assert quantize(np.array([0.3]), floats).dtype == np.float32


def test_other_files_are_refused(tmp_path):
    file = tmp_path / "x.tflite"
    file.write_text("not a model, but long enough to be asked")
    with pytest.raises(UserError, match="not a TFLite file"):
        TfliteDetector(file)
