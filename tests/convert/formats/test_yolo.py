# environment: data
"""YOLO sets with odd lists, names, places and rows."""

import pytest
from noticed import noticed

from boxwright.core.runtime.errors import UserError

LABEL = "0 0.25 0.5 0.25 0.5\n"
BOX = (0.125, 0.25, 0.375, 0.75)


def found(data) -> dict[str, tuple]:
    """Split and number of objects of every image, or its reason code."""
    return {i.filename: i.fault.reason if i.fault else (i.split, len(i.objects)) for i in data.images}


@pytest.mark.parametrize(
    "lists",
    [
        {"train.txt": "images/a.jpg\n", "val.txt": "./images/b.jpg\n"},
        {"train.txt": "images\\a.jpg\r\n", "valid.txt": "\ufeff.\\images\\b.jpg\r\n"},
        {"train.txt": "\n images/a.jpg \n", "dev.txt": "images/b.jpg"},
        {"splits/Train.TXT": "images/a.jpg", "splits/validation_set.txt": "images/b.jpg"},
    ],
)
def test_lists_without_configuration(made, read, lists):
    pictures = [f"images/{name}.jpg" for name in "abc"]
    labels = {f"labels/{name}.txt": LABEL for name in "abc"}
    data = read(made(pictures, lists | labels | {"classes.txt": "cat\n"}))
    assert found(data) == dict(zip(pictures, [("train", 1), ("val", 1), "unlisted"], strict=True))


def test_list_of_names_with_spaces(made, read):
    lists = {"train.txt": "my images/a b.jpg\n", "val.txt": "my images/c.jpg\n"}
    data = read(made(["my images/a b.jpg", "my images/c.jpg"], lists | {"my images/a b.txt": LABEL}))
    assert found(data) == {"my images/a b.jpg": ("train", 1), "my images/c.jpg": ("val", 0)}


def test_label_named_like_a_split(made, read):
    data = read(made(["train.jpg", "b.jpg"], {"train.txt": LABEL, "b.txt": LABEL}))
    assert found(data) == {"train.jpg": (None, 1), "b.jpg": (None, 1)}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("[yes, no]", ["yes", "no"]),
        ("[on, 12:30, 1e3, 0x1F, 2026-99-99]", ["on", "12:30", "1e3", "0x1F", "2026-99-99"]),
        ("{0: off, 1: 'null'}", ["off", "null"]),
        ("[a, b, a]", "the class 'a' is listed twice"),
        ("{0: a, 1: a}", "the class 'a' is listed twice"),
        ("{0: }", "class 0 has no name"),
        ("[a, ~]", "class 1 has no name"),
        ("[a, ' ']", "class 1 has no name"),
        ("[[cat], dog]", r"names is \[\['cat'\], 'dog'\]; expected a list"),
        ("&n [cat, *n]", r"data\.yaml cannot be read as YAML: found unconstructable recursive node in line 2"),
        ("cat", "names is 'cat'; expected a list"),
    ],
)
def test_names(made, read, names, expected):
    root = made(["a.jpg"], {"data.yaml": f"train: .\nnames: {names}\n", "a.txt": LABEL})
    if isinstance(expected, list):
        assert read(root).categories == expected
    else:
        with pytest.raises(UserError, match=expected):
            read(root)


def test_blank_line_among_darknet_names(made, read):
    """A blank line would shift the numbers of the later names."""
    texts = {"obj.data": "names = obj.names\ntrain = train.txt", "train.txt": "a.jpg", "a.txt": LABEL}
    root = made(["a.jpg"], texts | {"obj.names": "cat\ndog\n\n"})
    assert read(root).categories == ["cat", "dog"]
    (root / "obj.names").write_text("cat\n\ndog\n")
    with pytest.raises(UserError, match=r"obj\.names: class 1 has no name"):
        read(root)


@pytest.mark.parametrize(("nc", "said"), [("2", None), ("3", 2), ("many", 2)])
def test_number_of_names(made, read, nc, said):
    root = made(["a.jpg"], {"data.yaml": f"train: .\nnc: {nc}\nnames: [a, b]\n", "a.txt": LABEL})
    assert noticed(read(root).notices).get("nc_differs") == said


@pytest.mark.parametrize(
    ("places", "splits", "said"),
    [
        ("train: images\nval: images", ["train", "train"], {"val_is_train": 2}),
        ("train: images\nval: images/b", ["train", "train"], {"val_is_train": 1}),
        ("train: images/a\nval: images/b\ntest: images/b", ["train", "val"], {"test_is_val": 1}),
        ("train: images/a\nval: images/b", ["train", "val"], {}),
        ("train: images/a\nval: [images/a, images/b]", ["train", "val"], {}),
        ("train: images/a\nvalidation: images/b\ntest: null", ["train", "val"], {}),
    ],
)
def test_splits_with_the_same_images(made, read, places, splits, said):
    labels = {"labels/a/1.txt": LABEL, "labels/b/2.txt": LABEL}
    root = made(["images/a/1.jpg", "images/b/2.jpg"], labels | {"data.yaml": f"{places}\nnames: [cat]\n"})
    data = read(root)
    assert [i.split for i in data.images if i.fault is None] == splits
    assert {code: value for code, value in noticed(data.notices).items() if "_is_" in code} == said


@pytest.mark.parametrize(
    "texts",
    [
        {"data.yaml": "path: .\\\ntrain: .\\images\nnames: [cat]\n"},
        {"data.yaml": "train: lists\\train.txt\nnames: [cat]\n", "lists/train.txt": ".\\images\\a.jpg\n"},
        {"obj.data": "names = .\\cfg\\obj.names\ntrain = lists\\train.txt\n", "cfg/obj.names": "cat",
         "lists/train.txt": "images\\a.jpg"},
    ],
)  # fmt: skip
def test_backslashes(made, read, texts):
    data = read(made(["images/a.jpg"], texts | {"labels/a.txt": LABEL}))
    assert found(data) == {"images/a.jpg": ("train", 1)}


@pytest.mark.parametrize(
    "texts",
    [
        {"data.yaml": "path: {link}\ntrain: images\nnames: [cat]\n"},
        {"data.yaml": "train: {link}/images\nnames: [cat]\n"},
        {"data.yaml": "train: train.txt\nnames: [cat]\n", "train.txt": "{link}/images/a.jpg\n"},
    ],
)
@pytest.mark.parametrize("inner", [False, True], ids=["", "images are a link, too"])
def test_absolute_paths_through_a_link(made, read, tmp_path, texts, inner):
    link = tmp_path / "link"
    texts = {name: text.replace("{link}", str(link)) for name, text in texts.items()}
    root = made(["images/a.jpg"], texts | {"labels/a.txt": LABEL})
    link.symlink_to(root)
    if inner:
        (root / "images").rename(tmp_path / "far")
        (root / "images").symlink_to(tmp_path / "far")
    for data in (root, link):
        assert found(read(data, follow_links=inner)) == {"images/a.jpg": ("train", 1)}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"data.yaml": "path: /content/ds\ntrain: train.txt\nnames: [cat]\n", "train.txt": "/content/ds/images/a.jpg\n"},
         ("train", 1)),
        ({"data.yaml": "train: /content/ds/images\nnames: [cat]\n"}, ("train", 1)),
        ({"obj.data": "names = /home/me/darknet/cfg/obj.names\ntrain = C:\\my\\set\\train.txt\n", "cfg/obj.names": "cat",
          "train.txt": "C:\\my\\set\\images\\a.jpg\n"}, ("train", 1)),
        ({"data.yaml": "train: train.txt\nnames: [cat]\n", "train.txt": "/home/me/set/images/a.jpg\n"}, ("train", 1)),
        ({"data.yaml": "train: train.txt\nnames: [cat]\n", "train.txt": "/content/ds/a.jpg\n"}, ("train", 1)),
        ({"data.yaml": "train: /\nnames: [cat]\n"}, None),
    ],
    ids=["list", "folder", "darknet, Windows", "the data folder's name", "another folder", "no end"],
)  # fmt: skip
def test_absolute_paths_from_another_machine(made, read, texts, expected):
    """The data folder is called `set`."""
    root = made(["images/a.jpg"], texts | {"labels/a.txt": LABEL})
    if expected:
        assert found(read(root))["images/a.jpg"] == expected
    else:
        with pytest.raises(UserError, match="outside of --data"):
            read(root)


def test_listed_images_outside_have_labels_there(made, read, tmp_path, picture):
    picture(tmp_path / "far/images/b.jpg")
    (tmp_path / "far/labels").mkdir()
    (tmp_path / "far/labels/b.txt").write_text(LABEL)
    lists = {
        "train.txt": f"images/a.jpg\n{tmp_path}/far/images/b.jpg\n",
        "data.yaml": "train: train.txt\nnames: [cat]\n",
    }
    data = read(made(["images/a.jpg"], lists | {"labels/a.txt": LABEL}), follow_links=True)
    assert found(data) == {"images/a.jpg": ("train", 1), "../far/images/b.jpg": ("train", 1)}


def test_refuses_images_outside_the_data(made, read):
    root = made(
        ["ds/images/a.jpg"], {"ds/labels/a.txt": LABEL, "cfg/data.yaml": "path: ../ds\ntrain: images\nnames: [cat]\n"}
    )
    with pytest.raises(
        UserError, match=rf"names {root}/ds/images for train, outside of --data; give --data {root}, the"
    ):
        read(root / "cfg")
    assert found(read(root)) == {"ds/images/a.jpg": ("train", 1)}


@pytest.mark.parametrize(
    ("image", "label"),
    [("Images/a.jpg", "Labels/a.txt"), ("images/x/a.jpg", "LABELS/X/a.txt"), ("IMAGES/a.jpg", "labels/a.TXT"),
     ("a.JPG", "a.Txt")],
)  # fmt: skip
def test_upper_case_folders_and_suffixes(made, read, image, label):
    assert found(read(made([image], {label: LABEL}))) == {image: (None, 1)}


def test_names_are_case_sensitive(made, read):
    data = read(made(["a.jpg", "A.jpg"], {"a.txt": LABEL}))
    assert found(data) == {"a.jpg": (None, 1), "A.jpg": (None, 0)}


def test_refuses_labels_in_the_wrong_folder(made, read):
    root = made(["img/i0.jpg", "img/i1.jpg"], {"txt/i0.txt": LABEL, "txt/i1.txt": LABEL, "classes.txt": "cat"})
    says = r"none of the 2 label files lies where .* \(first: txt/i0\.txt of img/i0\.jpg\); move the labels beside the images"
    with pytest.raises(UserError, match=says):
        read(root)


KEYPOINTS = ".45 .45 2 .55 .55 1"


@pytest.mark.parametrize(
    ("shape", "row", "box"),
    [
        ("[2, 3]", f"0 .25 .5 .25 .5 {KEYPOINTS}", BOX),
        ("[3, 2]", f"0 .25 .5 .25 .5 {KEYPOINTS}", BOX),
        ("[2, 3]", "0 .25 .5 .25 .5", BOX),
        ("[2, 3]", "0 .25 .5 .25 .5 .1 .1", "6 numbers, expected 4 or 10: 0 .25 .5 .25 .5 .1 .1"),
        (None, f"0 .25 .5 .25 .5 {KEYPOINTS[:-1]}.5", (0.25, 0.45, 2, 0.55)),
    ],
)
def test_pose_rows(made, read, shape, row, box):
    """Without kpt_shape, such a row looks like a polygon."""
    yaml = "train: .\nnames: [cat]\n" + (f"kpt_shape: {shape}\n" if shape else "")
    item = read(made(["a.jpg"], {"data.yaml": yaml, "a.txt": row})).images[0].objects[0]
    if isinstance(box, str):
        assert item.fault.value == box
    elif shape:
        assert item.fault is None and item.box_xyxy == pytest.approx(box)


@pytest.mark.parametrize("shape", ["17", "[17]", "[a, b]"])
def test_refuses_wrong_kpt_shape(made, read, shape):
    root = made(["a.jpg"], {"data.yaml": f"train: .\nnames: [cat]\nkpt_shape: {shape}\n", "a.txt": LABEL})
    with pytest.raises(UserError, match=r"kpt_shape is .*; expected the number of points"):
        read(root)


@pytest.mark.parametrize("folder", ["training_set", "Train-Set", "trainset", "train2017", "training set2"])
def test_split_folders(made, read, folder):
    pictures = [f"{folder}/a.jpg", "validation_set/b.jpg", "test_set/c.jpg", "dataset/d.jpg"]
    data = read(made(pictures, {p.replace("jpg", "txt"): LABEL for p in pictures}))
    assert [found(data)[p] for p in pictures] == [("train", 1), ("val", 1), ("test", 1), (None, 1)]
