"""What COCO exports leave out or write otherwise."""

import json

import pytest


def change(root, **changes):
    document = json.loads((root / "instances.json").read_text())
    (root / "instances.json").write_text(json.dumps(document | changes))


def test_boxes_of_segmentations(coco, convert):
    """An absent, null or empty bbox is derived; a given one counts; without either the object has no box."""
    root = coco({"a.jpg": [], "b.jpg": []})
    square = [[8, 12, 24, 12, 24, 36, 8, 36]]
    runs = {"size": [48, 64], "counts": [8 * 48 + 12, 24, 24, 24, 2616]}
    objects = [
        {"segmentation": square},
        {"segmentation": square, "bbox": None},
        {"segmentation": runs, "bbox": [], "iscrowd": 1},
        {"segmentation": square, "bbox": [0, 0, 32, 24]},
        {"segmentation": []},
        {},
    ]
    places = [{"image_id": 1, "category_id": 1} | o for o in objects]
    change(root, annotations=[p | {"image_id": 1 + (i == 1)} for i, p in enumerate(places)])
    out = convert(root)
    boxes = out.read()["images/a.jpg"].boxes_yxyx
    expected = [0.25, 0.125, 0.75, 0.375, 0.25, 0.125, 0.75, 0.15625, 0, 0, 0.5, 0.5]
    assert boxes.ravel() == pytest.approx(expected, abs=1e-6)
    assert out.read()["images/b.jpg"].boxes_yxyx[0] == pytest.approx([0.25, 0.125, 0.75, 0.375])
    assert out.reasons("images/a.jpg") == [(3, "no_box"), (4, "no_box")]


def test_cvat(coco, convert):
    """As CVAT exports it: ids with holes, `licenses`, attributes, empty segmentations, pictures in a folder of the subset."""
    categories = [
        {"id": i, "name": name, "supercategory": ""} for i, name in ((3, "zebra"), (70, "ant"), (9, "unused"))
    ]
    extra = {"segmentation": [], "area": 384.0, "iscrowd": 0, "attributes": {"occluded": False, "rotation": 0.0}}
    annotations = [
        {"id": 5, "image_id": 40, "category_id": 70, "bbox": [8.0, 12.0, 16.0, 24.0]} | extra,
        {"id": 9, "image_id": 7, "category_id": 3, "bbox": [8.0, 12.0, 16.0, 24.0]} | extra,
    ]
    images = [
        {"id": i, "width": 64, "height": 48, "file_name": n, "license": 0, "flickr_url": "", "date_captured": 0}
        for i, n in ((40, "a.jpg"), (7, "b.jpg"))
    ]
    root = coco({"default/a.jpg": [], "default/b.jpg": []})
    (root / "annotations").mkdir()
    (root / "instances.json").rename(root / "annotations/instances_default.json")
    document = {"licenses": [{"name": "", "id": 0, "url": ""}], "info": {}, "categories": categories}
    text = json.dumps(document | {"images": images, "annotations": annotations})
    (root / "annotations/instances_default.json").write_text(text)
    out = convert(root)
    assert [c["name"] for c in out.manifest["classes"]] == ["ant", "zebra"]
    found = {name: list(record.class_ids) for name, record in out.read().items()}
    assert found == {"images/default/a.jpg": [1], "images/default/b.jpg": [2]}
    assert out.notices["unused_category"] == "unused"
    assert out.quarantine == []
