# environment: data
"""Labels of YOLO and lists of YOLO and VOC that have other names than the images."""

import unicodedata

import pytest
from convert_sets import LABEL, VOC

MANY = range(12)
YAML = "train: images/train\nval: images/val\nnames: [cat]\n"


def objects(data) -> dict[str, int | str]:
    """By file: how many objects the image has, or the reason why it is not used."""
    return {image.filename: image.fault.reason if image.fault else len(image.objects) for image in data.images}


def respelled(data) -> int:
    return sum(len(notice.items) for notice in data.notices if notice.id == "other_spelling")


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("images/1.jpg", "labels/1.jpg.txt"),
        ("images/1.jpg", "labels/1.JPG.txt"),
        ("images/IMG_1.jpg", "labels/img_1.txt"),
        ("images/1.jpg.jpg", "labels/1.txt"),
        ("images/my pic 1.jpg", "labels/0a1b2c3d-my_pic_1.txt"),
        ("images/0a1b2c3d-my_pic_1.jpg", "labels/my pic 1.txt"),
        ("images/my pic 1.jpg", "labels/0a1b2c__my%20pic%201.txt"),
        ("train/images/1.jpg", "train/labels/1.jpg.txt"),
        ("1.jpg", "1.jpg.txt"),
        ("pictures/the-old-harbour.jpg", "text/the-old-harbour.txt"),
    ],
)
@pytest.mark.parametrize("beside", [True, False], ids=["some are right", "none is right"])
def test_labels(made, read, image, label, beside):
    texts = {label: LABEL, "classes.txt": "cat"} | ({"images/z.txt": LABEL} if beside else {})
    data = read(made([image, *(["images/z.jpg"] if beside else [])], texts))
    assert objects(data) == {image: 1} | ({"images/z.jpg": 1} if beside else {})
    assert respelled(data) == 1


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (["images/1.jpg"], ["text/1.jpg.txt"]),
        (["images/a.jpg"], ["labels/b.txt"]),
        (["images/A.png", "images/a.png"], ["labels/a.jpg.txt"]),
        (["images/pic.jpg"], ["labels/pic.png.txt", "labels/PIC.txt"]),
        (["images/train/pic.jpg"], ["labels/val/pic.jpg.txt"]),
        (["images/pic.jpg"], ["labels/pic_2.txt"]),
    ],
    ids=["common name", "other name", "two images", "two labels", "other split", "number"],
)
def test_labels_that_are_not_certain(made, read, images, labels):
    data = read(
        made([*images, "images/z.jpg"], dict.fromkeys([*labels, "images/z.txt"], LABEL) | {"classes.txt": "cat"})
    )
    assert [objects(data)[image] for image in images] == [0] * len(images)
    assert [objects(data)[label] for label in labels] == ["missing"] * len(labels)


def test_labels_of_one_split_have_another_suffix(made, read):
    """The names of val are those of train, too."""
    files = [f"images/{split}/{n}.jpg" for split in ("train", "val") for n in MANY]
    labels = {f"labels/train/{n}.txt": LABEL for n in MANY} | {f"labels/val/{n}.jpg.txt": LABEL for n in MANY}
    data = read(made(files, labels | {"data.yaml": YAML}))
    assert objects(data) == dict.fromkeys(files, 1) and respelled(data) == 12


def test_an_image_without_objects_stays_background(made, read):
    labels = {f"labels/{n}.jpg.txt": LABEL for n in MANY if n}
    data = read(made([f"images/{n}.jpg" for n in MANY], labels | {"classes.txt": "cat"}))
    assert objects(data) == {f"images/{n}.jpg": int(n > 0) for n in MANY}


def test_labels_of_images_that_no_list_names(made, read):
    texts = {"train.txt": "images/a.jpg", "data.yaml": "train: train.txt\nnames: [cat]\n"}
    data = read(made(["images/a.jpg", "images/b.jpg"], texts | {"labels/a.txt": LABEL, "labels/b.jpg.txt": LABEL}))
    assert objects(data) == {"images/a.jpg": 1, "images/b.jpg": "unlisted"}


def test_labels_without_any_image_name_what_comes_near(made, convert):
    root = made(["images/harbour_1.jpg"], {"labels/harbor_1.txt": LABEL, "classes.txt": "cat"})
    with pytest.raises(
        Exception, match=r"missing: labels/harbor_1\.txt \(near .*: images/harbour_1\.jpg\); correct the names"
    ):
        convert(root)


def test_jpegimages_have_labels_beside_them(made, read):
    root = made(
        ["VOC/JPEGImages/1.jpg", "b/JPEGImages/2.jpg"], {"VOC/labels/1.txt": LABEL, "b/JPEGImages/2.txt": LABEL}
    )
    data = read(root)
    assert objects(data) == {"VOC/JPEGImages/1.jpg": 1, "b/JPEGImages/2.jpg": 1} and respelled(data) == 0


@pytest.mark.parametrize(
    "prefix",
    ["/content/darknet/build/x64/data/obj/", "C:\\darknet\\data\\obj\\", "data/obj/", "../obj/", "https://h.example/obj/",
     "/data/local-files/?d=obj/"],
)  # fmt: skip
def test_foreign_prefixes_in_lists(made, read, prefix):
    texts = {"obj.data": "train = data/train.txt\nvalid = data/test.txt\nnames = data/obj.names\n", "obj.names": "cat"}
    texts |= {f"pictures/{n}.txt": LABEL for n in MANY}
    texts |= {"train.txt": "".join(f"{prefix}{n}.JPG\n" for n in MANY if n > 2)}
    texts |= {"test.txt": "".join(f"{prefix}{n}.JPG\n" for n in range(3))}
    data = read(made([f"pictures/{n}.jpg" for n in MANY], texts))
    assert objects(data) == {f"pictures/{n}.jpg": 1 for n in MANY} and respelled(data) == 12
    assert {image.split for image in data.images if image.filename in ("pictures/0.jpg", "pictures/2.jpg")} == {"val"}


def test_listed_images_that_are_gone(made, read):
    texts = {"train.txt": "images/1.jpg\nimages/2.jpg\n", "data.yaml": "train: train.txt\nnames: [cat]\n"}
    data = read(made(["images/1.jpg", "more/2.jpg"], texts | {"images/1.txt": LABEL, "more/2.txt": LABEL}))
    assert objects(data) == {"images/1.jpg": 1, "images/2.jpg": "missing", "more/2.jpg": "unlisted"}


@pytest.mark.parametrize("decomposed", ["xml", "image", "list", "image, xml"])
def test_lists_of_voc_in_unicodes_other_form(made, read, decomposed):
    composed = "sch\u00f6n"
    names = {
        what: unicodedata.normalize("NFD" if what in decomposed else "NFC", composed)
        for what in ("xml", "image", "list")
    }
    texts = {f"Annotations/{names['xml']}.xml": VOC, "Annotations/b.xml": VOC}
    texts |= {"ImageSets/Main/train.txt": names["list"], "ImageSets/Main/val.txt": "b"}
    data = read(made([f"JPEGImages/{names['image']}.jpg", "JPEGImages/b.jpg"], texts))
    assert objects(data) == {f"JPEGImages/{names['image']}.jpg": 1, "JPEGImages/b.jpg": 1}
    assert [image.split for image in data.images] == ["train", "val"]


def test_lists_of_voc_have_the_names_of_the_xml(made, read):
    texts = {"Annotations/a1b2c3d4-my_pic.xml": VOC, "Annotations/b.xml": VOC}
    texts |= {"ImageSets/Main/train.txt": "b", "ImageSets/Main/val.txt": "a1b2c3d4-my_pic"}
    data = read(made(["JPEGImages/my pic.jpg", "JPEGImages/b.jpg"], texts))
    assert {image.filename: image.split for image in data.images} == {
        "JPEGImages/my pic.jpg": "val",
        "JPEGImages/b.jpg": "train",
    }
