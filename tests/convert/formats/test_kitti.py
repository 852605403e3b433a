# environment: data
"""KITTI's txt labels. The boxes are worked out by hand."""

import pytest

from boxwright.core.runtime.errors import UserError

DONT_CARE = "DontCare -1 -1 -10 40.00 4.00 60.00 20.00 -1 -1 -1 -1000 -1000 -1000 -10"
CORNERS = "8.00 12.00 24.00 36.00"


def row(name: str = "Car", box: str = CORNERS, truncated: str = "0.00", more: str = "") -> str:
    return f"{name} {truncated} 0 -1.57 {box} 1.50 1.60 3.90 1.00 1.70 20.00 -1.60{more}"


def label(*rows: str) -> str:
    return "".join(f"{line}\n" for line in rows)


def objects(data) -> list[tuple]:
    return [(o.name, o.box_xyxy, o.fault and o.fault.reason) for o in data.images[0].objects]


def test_boxes(made, convert):
    """Rows as the devkit writes them. An image with an empty label is background."""
    root = made(["image_2/000001.png", "image_2/000002.jpg", "image_2/000003.png"], {
        "label_2/000001.txt": label(row(), row("Pedestrian", "16.00 6.00 40.00 30.00")),
        "label_2/000002.txt": label(row("Pedestrian")), "label_2/000003.txt": "",
    })  # fmt: skip
    out = convert(root)
    assert out.manifest["format"] == "kitti"
    assert [c["name"] for c in out.manifest["classes"]] == ["Car", "Pedestrian"]
    # In an image of 64x48: 12/48, 8/64, 36/48, 24/64 and 6/48, 16/64, 30/48, 40/64.
    expected = [0.25, 0.125, 0.75, 0.375, 0.125, 0.25, 0.625, 0.625]
    assert out.read()["image_2/000001.png"].boxes_yxyx.ravel() == pytest.approx(expected)
    assert out.manifest["found"] == {"images": 3, "objects": 3} and out.quarantine == []
    assert out.notices["negatives"] == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (row(), ("Car", (8, 12, 24, 36), None)),
        (row(more=" 0.93"), ("Car", (8, 12, 24, 36), None)),
        (row(box="8.5 12 2.4e1 36."), ("Car", (8.5, 12, 24, 36), None)),
        (row("Person_sitting").replace(" ", "\t"), ("Person_sitting", (8, 12, 24, 36), None)),
        (row(more=" 0.93 1"), ("Car", (0, 0, 0, 0), "unreadable_annotation")),
        ("Car 0.00 0 -1.57 8.00 12.00 24.00", ("Car", (0, 0, 0, 0), "unreadable_annotation")),
        ("Car", ("Car", (0, 0, 0, 0), "unreadable_annotation")),
        (row(box="8.00 twelve 24.00 36.00"), ("Car", (0, 0, 0, 0), "not_a_number")),
        (DONT_CARE, ("DontCare", (0, 0, 0, 0), "ignored_region")),
        ("DontCare -1 -1", ("DontCare", (0, 0, 0, 0), "ignored_region")),
    ],
)
def test_rows(made, read, line, expected):
    data = read(made(["a.png"], {"a.txt": label(row("Van"), "", line)}))
    assert objects(data) == [("Van", (8, 12, 24, 36), None), expected]


def test_truncated(made, read):
    """The share of the object outside of the image; -1 in a detector's output."""
    root = made(["a.png"], {"a.txt": label(*(row(truncated=share) for share in ("0.00", "0.25", "1.00", "-1")))})
    assert [o.truncated for o in read(root).images[0].objects] == [False, True, True, False]


def test_damaged_rows_are_quarantined(made, convert):
    nan = row(box="8.00 nan 24.00 36.00")
    rows = (row(), "Car 0.00 0 -1.57 8.00", row(box="8 x 24 36"), nan, row(box="24 12 8 36"), row(box="70 12 80 36"))
    out = convert(made(["a.png"], {"a.txt": label(*rows)}))
    reasons = ["unreadable_annotation", "not_a_number", "not_a_number", "inverted", "outside"]
    assert out.reasons("a.png") == list(enumerate(reasons, 1))
    assert out.quarantine[0]["value"] == "5 columns, expected 15 or 16"
    assert out.manifest["found"] == {"images": 1, "objects": 6}


def test_dont_care(made, convert):
    """DontCare is counted and is not a class. An image with only DontCare is not background: it may show objects."""
    root = made(["image_2/1.png", "image_2/2.png"], {
        "label_2/1.txt": label(row(), DONT_CARE, DONT_CARE.lower()), "label_2/2.txt": label(DONT_CARE),
    })  # fmt: skip
    out = convert(root)
    assert [c["name"] for c in out.manifest["classes"]] == ["Car"]
    assert out.reasons("image_2/1.png") == [(1, "ignored_region"), (2, "ignored_region")]
    assert out.reasons("image_2/2.png") == [(None, "objects_rejected"), (0, "ignored_region")]
    assert out.notices["ignored_regions"] == 3 and "unused_category" not in out.notices


def test_a_label_without_image(made, convert):
    """The label counts as a missing image with its objects, even if its only row is damaged."""
    root = made(
        ["image_2/1.png"], {f"label_2/{name}.txt": label(row()) for name in (1, 2)} | {"label_2/3.txt": "Car 0.0"}
    )
    with pytest.raises(UserError, match=r"2 images with annotated objects are missing: image_2/2\.png, image_2/3\.png"):
        convert(root)
    out = convert(root, missing="quarantine")
    assert out.reasons("image_2/2.png") == [(None, "missing"), (0, "image_rejected")]
    assert out.reasons("image_2/3.png") == [(None, "missing"), (0, "image_rejected")]
    assert out.manifest["found"] == {"images": 3, "objects": 3}


def test_an_image_without_label(made, convert):
    """KITTI's test images have no labels, and neither have the images of its other cameras. They are not background."""
    pictures = ["training/image_2/1.png", "training/image_3/1.png", "testing/image_2/1.png"]
    out = convert(made(pictures, {"training/label_2/1.txt": label(row())}))
    assert set(out.read()) == {"training/image_2/1.png"}
    assert out.reasons("training/image_3/1.png") == out.reasons("testing/image_2/1.png") == [(None, "unlabelled")]


def test_places_and_splits(made, read):
    """Labels beside images, `labels` beside `images`, a folder named like a split. Other txt files are not labels."""
    pictures = ["a.png", "x/images/b.jpg", "training/image_2/c.png", "val/image_2/c.png"]
    labels = ["a.txt", "x/labels/b.txt", "training/label_2/c.txt", "val/label_2/c.txt"]
    calibration = (
        "P0: 7.2e+02 0.0e+00 6.0e+02 0.0e+00 0.0e+00 7.2e+02 1.8e+02 0.0e+00 0.0e+00 0.0e+00 1.0e+00 0.0e+00\n"
    )
    others = {"training/calib/c.txt": calibration, "classes.txt": "Car\n", "ImageSets/train.txt": "c\n"}
    data = read(made(pictures, dict.fromkeys(labels, label(row())) | others))
    assert {i.filename: (i.split, i.fault) for i in data.images} == {
        "a.png": (None, None), "x/images/b.jpg": (None, None), "training/image_2/c.png": ("train", None),
        "val/image_2/c.png": ("val", None),
    }  # fmt: skip
    assert [notice.items for notice in data.notices] == [("x",)]  # a folder beside those of splits


def test_lists_of_numbers_give_the_splits(made, read):
    """OpenPCDet and mmdetection3d write them."""
    labels = {f"training/label_2/00000{n}.txt": label(row()) for n in range(4)}
    lists = {
        "ImageSets/train.txt": "000000\n000002\n",
        "ImageSets/val.txt": "000001\n",
        "ImageSets/test.txt": "000009\n",
    }
    data = read(made([f"training/image_2/00000{n}.png" for n in range(4)], labels | lists))
    assert {i.filename[-5:]: (i.split, i.fault and i.fault.reason) for i in data.images} == {
        "0.png": ("train", None), "2.png": ("train", None), "1.png": ("val", None), "3.png": ("train", None),
        "9.jpg": ("test", "missing"),
    }  # fmt: skip


def test_two_labels_of_one_image(made, read):
    data = read(made(["image_2/a.png"], {"image_2/a.txt": label(row()), "label_2/a.txt": label(row("Van"))}))
    assert [(i.filename, [o.name for o in i.objects]) for i in data.images] == [("image_2/a.png", ["Car", "Van"])]
    assert [notice.id for notice in data.notices] == ["listings_differ"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings(made, read, encoding):
    data = read(made(["a.png"], {"a.txt": label(row("Straße")).encode(encoding)}))
    assert objects(data) == [("Straße", (8, 12, 24, 36), None)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Car 0.00 0 8.0 12.0 24.0", "6 columns, expected 15 or 16"),
        (row(box="8.00 twelve 24.00 36.00"), "could not convert string to float: 'twelve'"),
    ],
)
def test_near_misses(made, read, line, says):
    with pytest.raises(UserError, match=rf"holds no annotations: .*; a\.txt looks like a KITTI label, .*: {says}"):
        read(made(["a.png"], {"a.txt": label(line)}))
