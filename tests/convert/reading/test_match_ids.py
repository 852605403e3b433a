# environment: data
"""Ids that the lists of a COCO json write in different forms."""

import json

import pytest

BOX = [8, 12, 16, 24]


def document(number, image_id, category, category_id):
    images = [{"id": number, "file_name": "images/a.jpg"}, {"id": "other", "file_name": "b.jpg"}]
    annotations = [{"image_id": image_id, "category_id": category_id, "bbox": list(map(str, BOX))}]
    return {"images": images, "annotations": annotations, "categories": [{"id": category, "name": "cat"}]}


@pytest.mark.parametrize(
    ("number", "image_id", "category", "category_id", "kinds"),
    [
        (1, "1", 1, 1, ["images"]),
        ("1", 1, "1", 1, ["images", "categories"]),
        ("000001", 1, 1, " 1 ", ["images", "categories"]),
        (1, "0001", 1, "1.0", ["images"]),
        (7, "a.jpg", 1, "cat", ["images", "categories"]),
        (7, "images/a.jpg", 1, 1, ["images"]),
        (7, "a", 1, 1, ["images"]),
        (1, 1, 1, 1, []),
    ],
)
def test_ids_are_matched_by_value(made, read, number, image_id, category, category_id, kinds):
    if category_id == "1.0":
        category_id = 1.0
    text = json.dumps(document(number, image_id, category, category_id))
    data = read(made(["images/a.jpg", "b.jpg"], {"set.json": text}))
    found = {image.filename: [(item.name, item.box_xyxy) for item in image.objects] for image in data.images}
    assert found == {"images/a.jpg": [("cat", (8, 12, 24, 36))], "b.jpg": []}
    assert [(notice.id, notice.subject) for notice in data.notices] == [("ids_matched", kind) for kind in kinds]
    assert data.orphans == []


@pytest.mark.parametrize("image_id", [2, "2", "c.jpg", None, [1], 1.5, "", "1e0"])
def test_an_id_that_fits_nothing_stays_unknown(made, read, image_id):
    data = read(made(["images/a.jpg", "b.jpg"], {"set.json": json.dumps(document(1, image_id, 1, 1))}))
    assert [(orphan.reason, orphan.value) for orphan in data.orphans] == [("unknown_image", f"image_id {image_id}")]
    assert data.notices == []


def test_an_id_with_two_meanings_is_not_matched(made, read):
    text = document(1, "01", 1, 1)
    text["images"][1]["id"] = "1"
    assert len(read(made(["images/a.jpg", "b.jpg"], {"set.json": json.dumps(text)})).orphans) == 1


def test_some_ids_of_a_list_fit_a_name_by_chance(made, read):
    text = document(7, "a", 1, 1)
    text["annotations"] += [{"image_id": "z", "category_id": 1, "bbox": BOX}]
    assert len(read(made(["images/a.jpg", "b.jpg"], {"set.json": json.dumps(text)})).orphans) == 2
