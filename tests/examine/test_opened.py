# environment: train
"""Files of class names, and files that are no detector."""

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.examine import opened

LABELS = {
    "one a line": (b"cat\nbig dog\n", ["cat", "big dog"]),
    "windows": (b"\xef\xbb\xbfcat\r\ndog\r\n\r\n", ["cat", "dog"]),
    "numbered": (b"0 cat\n1 big dog\n", ["cat", "big dog"]),
    "numbered with colons": (b"0: cat\n1: dog", ["cat", "dog"]),
    "some begin with a number": (b"7 up\ncola", ["7 up", "cola"]),
    "background of question marks": (b"???\ncat", ["cat"]),
    "background": (b"background\ncat", ["cat"]),
    "empty": (b"", []),
}


@pytest.mark.parametrize(("content", "names"), LABELS.values(), ids=LABELS)
def test_read_labels(tmp_path, content, names):
    (tmp_path / "labels.txt").write_bytes(content)
    assert opened.read_labels(tmp_path / "labels.txt") == names


def test_labels_of_a_label_map(tmp_path):
    (tmp_path / "m.pbtxt").write_text("item { id: 1 name: 'cat' }\nitem { id: 2 name: 'dog' }")
    assert opened.read_labels(tmp_path / "m.pbtxt") == ["cat", "dog"]


def test_labels_that_are_no_text(tmp_path):
    (tmp_path / "labels.txt").write_bytes(b"\xff\xfe\x00c")
    with pytest.raises(UserError, match="no UTF-8 text"):
        opened.read_labels(tmp_path / "labels.txt")


def test_where_labels_are_looked_for(tmp_path):
    file = tmp_path / "m.tflite"
    assert opened.labels(file, "", []) == []
    (tmp_path / "labelmap.txt").write_text("beside")
    assert opened.labels(file, "", []) == ["beside"]
    assert opened.labels(file, "", ["inside"]) == ["inside"]
    (tmp_path / "given.txt").write_text("given")
    assert opened.labels(file, str(tmp_path / "given.txt"), ["inside"]) == ["given"]
    with pytest.raises(UserError, match="does not exist"):
        opened.labels(file, str(tmp_path / "none.txt"), [])


FILES = {"text": b"hello", "empty": b"", "onnx": b"\x08\x07\x12\x07pytorch"}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_that_is_no_detector(tmp_path, content):
    (tmp_path / "m.bin").write_bytes(content)
    with pytest.raises(UserError, match="is not a detector that can be examined"):
        opened.open_detector(tmp_path / "m.bin", [], 2, "")


def test_a_missing_detector(tmp_path):
    with pytest.raises(UserError, match="does not exist; expected a"):
        opened.open_detector(tmp_path / "m.tflite", [], 2, "")
