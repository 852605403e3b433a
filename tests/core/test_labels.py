"""Label maps survive writing and reading; what the OD API's own files look like is read."""

import pytest

from boxwright.core import labels
from boxwright.core.errors import UserError


@pytest.mark.parametrize("names", [["cat"], ["b", "a"], ['6" pipe', "back\\slash", "Äpfel", "item { id: 9 }", "a # b"]])
def test_round_trip(tmp_path, names):
    labels.write(names, tmp_path / "map.pbtxt")
    assert labels.read(tmp_path / "map.pbtxt") == names


def test_other_peoples_files(tmp_path):
    """Single quotes, comments, any order, display_name, as in the OD API's data/ folder."""
    text = "# two\nitem {\n  name: 'dog'\n  id: 2 # second\n}\nitem { id: 1 display_name: \"cat\" }\n"
    (tmp_path / "map.pbtxt").write_text(text)
    assert labels.read(tmp_path / "map.pbtxt") == ["cat", "dog"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("item { id: 0 name: 'a' }", r"ids are \[0\]"),
        ("item { id: 2 name: 'a' }", "expected 1..1"),
        ("item { id: 1 }", "no name"),
    ],
)
def test_refused(tmp_path, text, says):
    (tmp_path / "map.pbtxt").write_text(text)
    with pytest.raises(UserError, match=says):
        labels.read(tmp_path / "map.pbtxt")


def test_the_real_one(shared):
    names = labels.read(shared / "data/cards_voc/labelmap.pbtxt")
    assert names == ["nine", "ten", "jack", "queen", "king", "ace"]
