# environment: data
"""YOLO's lists of class names, and class numbers that the list lacks."""

import pytest

from boxwright.core.runtime.errors import UserError

YAML = "train: images/train\nval: images/val\nnames: {}\n"


@pytest.fixture
def numbered(made, read):
    """Reads images with one object of each of these class numbers, in train and val. texts: other files."""

    def numbered(train, val=(), texts=None):
        numbers = {f"train/{i}": n for i, n in enumerate(train)} | {f"val/{i}": n for i, n in enumerate(val)}
        labels = {f"labels/{name}.txt": f"{number} 0.5 0.5 0.2 0.2\n" for name, number in numbers.items()}
        return read(made([f"images/{name}.jpg" for name in numbers], labels | (texts or {})))

    return numbered


def classes(data) -> list[str]:
    return [item.name for image in data.images for item in image.objects]


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        ("[cat, dog]", r"the labels count classes from 1: .* Write the numbers into data\.yaml"),
        ("{1: cat, 2: dog}", None),
        ("{2: cat, 3: dog}", r"the labels count classes from 1, and .* from 2 \(2\.\.3\)"),
    ],
)
def test_numbers_from_one(numbered, names, texts):
    yaml = {"data.yaml": YAML.format(names)}
    if texts is None:
        assert classes(numbered([1, 2, 1], [1], yaml)) == ["cat", "dog", "cat", "cat"]
    else:
        with pytest.raises(UserError, match=texts):
            numbered([1, 2, 1] if "3" not in names else [1, 2, 2], [1], yaml)


def test_one_split_counts_from_one(numbered):
    says = (
        r"the labels of val count classes from 1: .* Subtract 1 from the first number of each row of the labels of val"
    )
    with pytest.raises(UserError, match=says):
        numbered([0, 1] * 6, [1, 2] * 6, {"data.yaml": YAML.format("[cat, dog]")})


@pytest.mark.parametrize(
    ("train", "val", "whose"),
    [([0, 15] * 6, [0, 1] * 6, "train"), ([0, 1] * 20, [0, 15] * 6, "val"), ([0, 15] * 6, [0, 15] * 6, "")],
)
def test_another_list(numbered, train, val, whose):
    says = rf"^the labels {f'of {whose} ' if whose else ''}are of another list of classes: .*`15 0\.5 0\.5 0\.2 0\.2` in 1\.txt"
    with pytest.raises(UserError, match=says):
        numbered(train, val, {"data.yaml": YAML.format("[cat, dog]")})


def test_another_list_in_the_data_is_named(numbered):
    texts = {"data.yaml": YAML.format("[cat, dog]"), "classes.txt": "\n".join(f"class {n}" for n in range(17))}
    with pytest.raises(UserError, match=r"classes\.txt has names for all of them"):
        numbered([15, 16] * 3, [15], texts)


def test_a_few_unknown_numbers_are_said(numbered):
    data = numbered([0, 1] * 10 + [7], [0, 1] * 5, {"data.yaml": YAML.format("[cat, dog]")})
    (claim,) = [notice.claim for notice in data.notices if notice.id == "unknown_class_numbers"]
    assert "1 of 31 label rows have a number that data.yaml lacks (7; it has 0..1)" in claim


def test_known_numbers_say_nothing(numbered):
    data = numbered([0, 1, 1], [1, 1], {"data.yaml": YAML.format("[cat, dog, bird]")})
    assert not {notice.id for notice in data.notices} & {"unknown_class_numbers", "names_in_other_order"}


@pytest.mark.parametrize(
    "name", ["parts.names", "cfg/Obj.names", "coco.names", "Classes.txt", "labels.txt", "labels/train/classes.txt"]
)
def test_lists_of_names(numbered, name):
    assert classes(numbered([0, 1], (), {name: "cat\ndog\n"})) == ["cat", "dog"]


def test_a_list_that_grew(numbered):
    """labelImg adds a name when it is first used, and each folder has its own list."""
    texts = {"labels/train/classes.txt": "cat\n", "labels/val/classes.txt": "cat\ndog\n"}
    assert classes(numbered([0], [1], texts)) == ["cat", "dog"]


@pytest.mark.parametrize(
    "texts",
    [
        {"labels/train/classes.txt": "cat\ndog\n", "labels/val/classes.txt": "dog\ncat\n"},
        {"parts.names": "cat\ndog\n", "coco.names": "person\ncar\nbus\n"},
    ],
)
def test_lists_that_differ(numbered, texts):
    with pytest.raises(UserError, match="number the classes differently: class 0 is"):
        numbered([0], [1], texts)


def test_a_label_is_no_list(made, read):
    data = read(made(["labels.jpg"], {"labels.txt": "0 0.5 0.5 0.2 0.2\n", "classes.txt": "cat\n"}))
    assert classes(data) == ["cat"]


def test_another_order_is_said(numbered):
    data = numbered([0, 1], [0], {"data.yaml": YAML.format("[cat, dog]"), "classes.txt": "dog\ncat\n"})
    assert classes(data) == ["cat", "dog", "cat"]
    (claim,) = [notice.claim for notice in data.notices if notice.id == "names_in_other_order"]
    assert "data.yaml and classes.txt number 2 classes differently" in claim
