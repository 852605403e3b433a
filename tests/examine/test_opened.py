# environment: train
"""Files that are no detector."""

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.examine import opened

FILES = {"text": b"hello", "empty": b"", "onnx": b"\x08\x07\x12\x07pytorch"}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_that_is_no_detector(tmp_path, content):
    (tmp_path / "m.bin").write_bytes(content)
    with pytest.raises(UserError, match="is not a detector that can be examined"):
        opened.open_detector(tmp_path / "m.bin", [], 2, "")


def test_a_missing_detector(tmp_path):
    with pytest.raises(UserError, match="does not exist; expected a"):
        opened.open_detector(tmp_path / "m.tflite", [], 2, "")
