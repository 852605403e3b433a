# environment: data
"""Class ids from names or from a given label map, and several data sets with one label map."""

import shutil

import pytest

from boxwright.convert.reading import merge_datasets
from boxwright.core import labels
from boxwright.core.runtime.errors import UserError

BOX = [8, 12, 16, 24]
ITEM = "item {{ id: {} name: '{}' }}\n"


def ids(out) -> dict[str, int]:
    return {c["name"]: c["id"] for c in out.manifest["classes"]}


def test_ids_follow_sorted_names(coco, convert):
    """The order and the ids in the annotations do not matter."""
    out = convert(coco({"a.jpg": [[1, BOX], [2, BOX]]}, names=("zebra", "Ant")))
    assert ids(out) == {"Ant": 1, "zebra": 2}


def test_given_label_map(coco, convert, tmp_path):
    """The ids and the unused classes of the label map are kept."""
    root = coco({"a.jpg": [[1, BOX], [2, BOX]]}, names=("zebra", "ant"))
    given = tmp_path / "map.pbtxt"
    given.write_text("".join(ITEM.format(*pair) for pair in ((2, "ant"), (1, "zebra"), (3, "bee"))))
    out = convert(root, label_map=str(given))
    assert ids(out) == {"zebra": 1, "ant": 2, "bee": 3}
    assert [item.name for item in labels.read(out.records / "label_map.pbtxt")] == ["zebra", "ant", "bee"]
    assert list(out.read()["images/a.jpg"].class_ids) == [1, 2]
    assert out.notices["unused_category"] == "bee"


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([(1, "zebra")], r"--label-map lacks 'ant', which the annotations use; it has 'zebra'"),
        ([(1, "zebra"), (2, "Ant")], "'Ant' and 'ant'"),
        ([(0, "zebra"), (1, "ant")], r"the ids of 2 classes go from 0 to 1; expected 1..2"),
        ([], "lacks 'ant', 'zebra', .* it has no class"),
    ],
)
def test_refuses_wrong_label_maps(coco, convert, tmp_path, pairs, says):
    root = coco({"a.jpg": [[1, BOX], [2, BOX]]}, names=("zebra", "ant"))
    (tmp_path / "map.pbtxt").write_text("".join(ITEM.format(*pair) for pair in pairs))
    with pytest.raises(UserError, match=says):
        convert(root, label_map=str(tmp_path / "map.pbtxt"))


def test_missing_label_map(coco, convert):
    with pytest.raises(UserError, match=r"nowhere\.pbtxt: there is no such file"):
        convert(coco({"a.jpg": [[1, BOX]]}), label_map="nowhere.pbtxt")


def test_several_data_sets(coco, convert, tmp_path, picture):
    """The two sets have different formats and an image name in common. Notices begin with the name of the set."""
    first = coco({"a.jpg": [[2, BOX]], "b.jpg": [[9, BOX]]}, names=("dog", "cat"))
    second = tmp_path / "more"
    picture(second / "images/a.jpg")
    (second / "images/a.txt").write_text("0 0.25 0.5 0.25 0.5\n")
    (second / "classes.txt").write_text("bee\n")
    out = convert(f"{first}, {second}")
    assert out.manifest["format"] == "coco+yolo"
    assert ids(out) == {"bee": 1, "cat": 2}
    found = {name: list(record.class_ids) for name, record in out.read().items()}
    assert found == {"coco/images/a.jpg": [2], "more/images/a.jpg": [1]}
    assert out.reasons("coco/images/b.jpg") == [(None, "objects_rejected"), (0, "unknown_class")]


def test_data_sets_with_one_name(coco, convert, tmp_path):
    first = coco({"a.jpg": [[1, BOX]]})
    shutil.copytree(first, tmp_path / "other/coco")
    out = convert(f"{first},{tmp_path / 'other/coco'}")
    assert set(out.read()) == {"coco-1/images/a.jpg", "coco-2/images/a.jpg"}


def test_comma_in_a_folder_name(coco, convert, tmp_path):
    root = coco({"a.jpg": [[1, BOX]]}).rename(tmp_path / "one, two")
    assert set(convert(root).read()) == {"images/a.jpg"}


def test_refuses_wrong_data_sets(coco, convert, tmp_path):
    root = coco({"a.jpg": [[1, BOX]]})
    for data, says in ((f"{root},{root}/", "is given twice"), (f"{root},{tmp_path}/no", "no does not exist")):
        with pytest.raises(UserError, match=says):
            convert(data)


def test_classes_clash_between_data_sets(coco, convert, tmp_path):
    first = coco({"a.jpg": [[1, BOX]]}).rename(tmp_path / "first")
    with pytest.raises(UserError, match="'Cat' and 'cat'"):
        convert(f"{first},{coco({'b.jpg': [[1, BOX]]}, names=('Cat',))}")


def test_numbered_names_do_not_collide(tmp_path):
    folders = [tmp_path / name for name in ("one/x", "other/x", "x-1")]
    for folder in folders:
        folder.mkdir(parents=True)
    assert merge_datasets._names(folders) == ["x-2", "x-3", "x-1"]
