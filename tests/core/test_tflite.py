# environment: train
"""Reading .tflite files, and refusing other files."""

import pytest

from boxwright.core import tflite
from boxwright.core.runtime.errors import UserError
from boxwright.export import tflite_metadata


def test_other_files_are_refused():
    with pytest.raises(UserError, match="not a TFLite file"):
        tflite.read_model(b"not a model, but long enough to be read")


def test_damaged_files_are_refused(tiny_export):
    data = (tiny_export / "tflite/int8.tflite").read_bytes()
    for damaged in (data[: len(data) // 2], data[:2000] + b"\xa5" * 2000 + data[4000:]):
        with pytest.raises(UserError, match="this TFLite file is damaged"):
            tflite.read_model(damaged)


def test_reads_the_labels_that_export_wrote(tiny_export):
    names = ["x\u2028y", "a\x0bb", "日本"]
    data = (tiny_export / "tflite/int8.tflite").read_bytes()
    assert tflite.labels(tflite_metadata.with_labels(data, names)) == names
