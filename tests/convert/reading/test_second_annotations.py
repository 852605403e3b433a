# environment: data
"""An image that is annotated twice, in every format."""

import json

import pytest
from noticed import noticed

XML = "<annotation><size><width>64</width><height>48</height></size>{}</annotation>"
OBJECT = "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>2</ymin><xmax>20</xmax><ymax>30</ymax></bndbox></object>"


def voc(*lefts, name="cat"):
    return XML.format("".join(OBJECT.format(name, left) for left in lefts))


def labelme(*lefts, path="a.jpg", width=64):
    shapes = [{"label": "cat", "shape_type": "rectangle", "points": [[left, 2], [20, 30]]} for left in lefts]
    return json.dumps({"shapes": shapes, "imagePath": path, "imageWidth": width, "imageHeight": 48})


def coco(*lefts, name="a.jpg", width=64):
    boxes = [{"image_id": 1, "category_id": 1, "bbox": [left, 2, 20 - left, 28]} for left in lefts]
    images = [{"id": 1, "file_name": name, "width": width, "height": 48}]
    return json.dumps({"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cat"}]})


def csv(*rows):
    lines = [f"{name},64,48,cat,{left},2,20,30\n" for name, left in rows]
    return "filename,width,height,class,xmin,ymin,xmax,ymax\n" + "".join(lines)


def yolo(*lefts):
    return "".join(f"0 {(left + 20) / 128} {32 / 96} {(20 - left) / 64} {28 / 48}\n" for left in lefts)


# The first annotation has the objects at 1 and 15; the second one at 1 and 5.
TWICE = {
    "voc in two folders": (["JPEGImages/a.jpg"], {"A/a.xml": voc(1, 15), "B/a.xml": voc(1, 5)}),
    "voc beside the image and elsewhere": (["images/a.jpg"], {"images/a.xml": voc(1, 15), "second/a.xml": voc(1, 5)}),
    "labelme": (["a.jpg"], {"a.json": labelme(1, 15), "a_2.json": labelme(1, 5)}),
    "coco": (["images/a.jpg"], {"1.json": coco(1, 15), "2.json": coco(1, 5)}),
    "csv": (["images/a.jpg"], {"1.csv": csv(("a.jpg", 1), ("a.jpg", 15)), "2.csv": csv(("a.jpg", 1), ("a.jpg", 5))}),
    "csv with two names": (
        ["images/a.jpg"], {"1.csv": csv(*(("a.jpg", 1), ("a.jpg", 15)), *(("images/a.jpg", 1), ("images/a.jpg", 5)))},
    ),
    "yolo": (
        ["images/a.jpg", "images/b.jpg"],
        {"labels/a.txt": yolo(1, 15), "images/a.txt": yolo(1, 5), "labels/b.txt": yolo(3), "classes.txt": "cat\n"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", TWICE)
def test_objects_of_both_annotations_are_stored(made, convert, kind):
    out = convert(made(*TWICE[kind]))
    (boxes,) = [boxes for name, boxes in out.boxes().items() if name.endswith("a.jpg")]
    assert [round(box[2] * 64) for box in boxes] == [1, 5, 15]
    assert out.quarantine == []
    assert "1 image is annotated more than once" in out.claims("listings_differ")[0]
    assert "1 object was added" in out.claims("listings_differ")[0]


def test_equal_annotations_are_one(made, read):
    data = read(made(["a.jpg"], {"a.json": labelme(1, 15), "copy/a.json": labelme(1, 15, path="../a.jpg")}))
    assert [len(image.objects) for image in data.images] == [2]
    assert noticed(data.notices) == {"listings_merged": 1.0}


def test_boxes_that_were_drawn_twice_are_said(made, read):
    data = read(made(["a.jpg"], {"a.json": labelme(1.0), "a_2.json": labelme(1.5)}))
    (notice,) = data.notices
    assert "1 of them lies on an object of the same class" in notice.claim
    assert (notice.severity, len(data.images[0].objects)) == ("high", 2)


def test_annotations_with_other_sizes_are_quarantined(made, read):
    data = read(made(["images/a.jpg"], {"1.json": coco(1), "2.json": coco(5, width=128)}))
    assert [i.fault for i in data.images] == [
        None,
        ("duplicate_image", "annotated 128x48, and 64x48 in another annotation of it"),
    ]


def test_an_image_in_two_splits_is_quarantined_in_one(made, read):
    data = read(made(["images/a.jpg"], {"train.json": coco(1), "val.json": coco(5)}))
    assert [(i.split, i.fault) for i in data.images] == [
        ("train", None),
        ("val", ("duplicate_image", "also listed in train")),
    ]


def test_a_copied_json_belongs_to_the_image_of_its_name(made, read):
    """labelme's users copy a json and rename it; imagePath still names the first image."""
    data = read(made(["a.jpg", "b.jpg"], {"a.json": labelme(1), "b.json": labelme(5)}))
    assert [(i.filename, [o.box_xyxy[0] for o in i.objects]) for i in data.images] == [("a.jpg", [1]), ("b.jpg", [5])]
    assert noticed(data.notices) == {"image_path_of_another": 1.0}


def test_two_lists_of_one_folder_are_given_as_data(made, convert):
    root = made(
        ["images/a.jpg", "images/b.jpg"], {"1.json": coco(1), "2.json": coco(5), "3.json": coco(7, name="b.jpg")}
    )
    out = convert(",".join(str(root / f"{number}.json") for number in (1, 2, 3)))
    assert {name: [round(box[2] * 64) for box in boxes] for name, boxes in out.boxes().items()} == {
        "1/images/a.jpg": [1, 5], "3/images/b.jpg": [7],
    }  # fmt: skip
    assert out.quarantine == []
