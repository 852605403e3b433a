# environment: data
"""Label maps are read back as written, and files in the OD API's style can be read."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxwright.core import labels
from boxwright.core.runtime.errors import UserError


def read(tmp_path, text):
    file = tmp_path / "map.pbtxt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [item.class_name for item in labels.read(file)]


@pytest.mark.parametrize("names", [["cat"], ["b", "a"], ['6" pipe', "back\\slash", "Äpfel", "item { id: 9 }", "a # b"]])
def test_round_trip(tmp_path, names):
    labels.write(names, tmp_path / "map.pbtxt")
    assert [item.name for item in labels.read(tmp_path / "map.pbtxt")] == names


DIRECTION_MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
VISIBLE = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters=DIRECTION_MARKS)


@given(st.lists(st.text(VISIBLE), unique=True))
def test_round_trip_of_any_text(tmp_path, names):
    labels.write(names, tmp_path / "map.pbtxt")
    assert [item.name for item in labels.read(tmp_path / "map.pbtxt")] == names


def test_a_person_can_read_what_is_written(tmp_path):
    labels.write(["猫"], tmp_path / "map.pbtxt")
    assert (tmp_path / "map.pbtxt").read_text(encoding="utf-8") == 'item {\n  name: "猫"\n  id: 1\n}\n'


def test_reads_other_peoples_files(tmp_path):
    """With single quotes, comments, any order and display_name, as in the OD API's data/ folder."""
    text = "# two\nitem {\n  name: 'dog'\n  id: 2 # second\n}\nitem { id: 1 display_name: \"cat\" }\n"
    assert read(tmp_path, text) == ["cat", "dog"]


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (r"""{ id: 1 name: "driver\'s cab" }""", "driver's cab"),
        (r"""{ id: 1 name: 'driver\'s cab' }""", "driver's cab"),
        (r"""{ id: 1 name: "caf\303\251" }""", "café"),
        ("""{ id: 1 name: "traffic " 'light' }""", "traffic light"),
        ('< id: 1 name: "a" >', "a"),
        (': { id: 1, name: "a" };', "a"),
        ('{ name: "a" id: 1 keypoints { id: 3 label: "nose" } frequency: RARE new_one: 2 }', "a"),
        ('{ name: "/m/01g317" id: 1 display_name: "person" }', "person"),
        ('{ id: 0 name: "background" } item { id: 1 name: "a" }', "a"),
    ],
)
def test_reads_whatever_the_text_format_allows(tmp_path, item, name):
    assert read(tmp_path, f"item {item}") == [name]


def test_reads_a_byte_order_mark(tmp_path):
    assert read(tmp_path, 'item { id: 1 name: "a" }'.encode("utf-8-sig")) == ["a"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("item { id: 0 name: 'a' }", "the ids of 1 classes go from 0 to 0; expected 1..1"),
        ("item { id: 2 name: 'a' }", "expected 1..1"),
        ("item { id: 1 name: 'a' } item { id: 5 name: 'b' }", "2 classes go from 1 to 5; .*Renumber the items, or leave"),
        ("item { id: 1 }", "no name: `item { id: 1 }`"),
        ("item { name: 'a' }", "no id"),
        ("item { id: 1 name: 'a' } item { id: 1 name: 'b' }", "several items have the id 1; give each"),
        ("item { id: 1 name: 'a' } item { id: 2 name: 'a' }", "several items have the name 'a'; give each"),
        ("item { id: 1 name: 'a'", "is not a label map .*: expected one `item"),
        ("item { id: one name: 'a' }", "is not a label map"),
        ("item {" * 5000, "is not a label map"),
        ("item { id: 1 name: 'a' }".encode("utf-16"), "save it as UTF-8"),
    ],
)  # fmt: skip
def test_refuses_wrong_label_maps(tmp_path, text, says):
    with pytest.raises(UserError, match=says):
        read(tmp_path, text)


@pytest.mark.parametrize("name", ["", "nowhere.pbtxt"])
def test_refuses_a_folder_and_a_missing_file(tmp_path, name):
    with pytest.raises(UserError, match=r"cannot be read: .*; give the file of a label map"):
        labels.read(tmp_path / name)


@given(st.binary() | st.text(alphabet="item{}<>:id 12name\"'\\#\n[]"))
def test_any_file_is_read_or_refused(tmp_path, text):
    with contextlib.suppress(UserError):
        read(tmp_path, text)


def test_items_may_have_ids_with_gaps(tmp_path):
    (tmp_path / "map.pbtxt").write_text("item { id: 90 name: 'toothbrush' } item { id: 1 name: 'person' }")
    assert labels.items(tmp_path / "map.pbtxt") == [(90, "toothbrush", ""), (1, "person", "")]


def test_reads_mscoco_label_map(shared):
    names = [item.class_name for item in labels.read(shared / "data/cards_voc/labelmap.pbtxt")]
    assert names == ["nine", "ten", "jack", "queen", "king", "ace"]
