# environment: train
"""Files of class names, and where they are looked for."""

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.evaluate import label_files

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
    assert label_files.read(tmp_path / "labels.txt") == names


def test_labels_of_a_label_map(tmp_path):
    (tmp_path / "m.pbtxt").write_text("item { id: 1 name: 'cat' }\nitem { id: 2 name: 'dog' }")
    assert label_files.read(tmp_path / "m.pbtxt") == ["cat", "dog"]


def test_labels_that_are_no_text(tmp_path):
    (tmp_path / "labels.txt").write_bytes(b"\xff\xfe\x00c")
    with pytest.raises(UserError, match="no UTF-8 text"):
        label_files.read(tmp_path / "labels.txt")


def test_where_labels_are_looked_for(tmp_path):
    file = tmp_path / "m.tflite"
    assert label_files.names_of(file, "", []) == []
    (tmp_path / "labelmap.txt").write_text("beside")
    assert label_files.names_of(file, "", []) == ["beside"]
    assert label_files.names_of(file, "", ["inside"]) == ["inside"]
    (tmp_path / "given.txt").write_text("given")
    assert label_files.names_of(file, str(tmp_path / "given.txt"), ["inside"]) == ["given"]
    with pytest.raises(UserError, match="does not exist"):
        label_files.names_of(file, str(tmp_path / "none.txt"), [])
