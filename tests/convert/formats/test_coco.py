# environment: data
"""COCO exports that leave values out or write them differently."""

import json

import pytest

from boxwright.core.runtime.errors import UserError


def change(root, **changes):
    document = json.loads((root / "instances.json").read_text())
    (root / "instances.json").write_text(json.dumps(document | changes))


def test_boxes_of_segmentations(coco, convert):
    """An absent, null or empty bbox is that of the segmentation. Without both, the object has no box."""
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


@pytest.mark.parametrize(
    ("flag", "crowd"),
    [
        (1, True),
        (True, True),
        ("1", True),
        (0, False),
        ("0", False),
        (None, False),
        (float("nan"), False),
        ([1], False),
    ],
)
def test_crowds(coco, read, flag, crowd):
    root = coco({"a.jpg": [], "b.jpg": []})
    change(root, annotations=[{"image_id": 1, "category_id": 1, "bbox": [8, 12, 16, 24], "iscrowd": flag}])
    assert [o.crowd for i in read(root).images for o in i.objects] == [crowd]


@pytest.mark.parametrize("name", [".", "..", "/", "images/..", "a\\.."])
def test_names_that_are_no_file(coco, convert, name):
    root = coco({"a.jpg": [[1, [8, 12, 16, 24]]], "b.jpg": [[1, [8, 12, 16, 24]]]})
    (root / "instances.json").write_text((root / "instances.json").read_text().replace('"b.jpg"', json.dumps(name)))
    out = convert(root)
    assert out.reasons(name) == [(None, "unreadable_annotation"), (0, "image_rejected")]
    assert set(out.read()) == {"images/a.jpg"}


def test_ids_of_more_than_64_bits_stay_apart(coco, read):
    """Some tools write a time in microseconds as the id."""
    root, first = coco({"a.jpg": [], "b.jpg": []}), 20261126164142123456
    images = [
        {"id": first + i, "file_name": name, "width": 64, "height": 48} for i, name in enumerate(("a.jpg", "b.jpg"))
    ]
    place = {"image_id": first + 1, "category_id": first, "bbox": [8, 12, 16, 24]}
    change(
        root, images=images, annotations=[place], categories=[{"id": first + i, "name": n} for i, n in enumerate("xy")]
    )
    assert {i.file.name: [o.name for o in i.objects] for i in read(root).images} == {"a.jpg": [], "b.jpg": ["x"]}


@pytest.mark.parametrize("names", [("cat", ""), ("cat", " ")])
def test_blank_class(coco, read, names):
    with pytest.raises(UserError, match=r"categories\[1\] is .*expected id and name"):
        read(coco({"a.jpg": []}, names))


def entry(number: int, **size) -> dict:
    return {"id": number, "file_name": "a.jpg"} | size


SIZE = {"width": 64, "height": 48}


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [(SIZE, {}, True), ({}, SIZE, True), (SIZE, {"width": 64}, True), (SIZE, SIZE | {"width": 99}, False)],
)
def test_size_missing_in_one_json(made, read, first, second, merged):
    """The image has the objects of both, and the size that one of them claims."""
    boxes = [[8, 12, 16, 24], [1, 2, 3, 4]]
    texts = {
        f"{n}_train.json": json.dumps({
            "images": [entry(1, **size)], "categories": [{"id": 1, "name": "cat"}],
            "annotations": [{"image_id": 1, "category_id": 1, "bbox": boxes[n]}],
        })
        for n, size in enumerate((first, second))
    }  # fmt: skip
    images = read(made(["a.jpg"], texts)).images
    assert [len(i.objects) for i in images] == ([2] if merged else [1, 1])
    assert images[0].size == (64, 48)


def test_json_of_all_images_beside_split_jsons(made, read):
    """The json of all images is read first and gives no splits. The splits of the other files count."""

    def document(*names):
        images = [{"id": n, "file_name": f"{n}.jpg"} | SIZE for n in names]
        objects = [{"image_id": n, "category_id": 1, "bbox": [8, 12, 16, 24]} for n in names]
        return json.dumps({"images": images, "annotations": objects, "categories": [{"id": 1, "name": "cat"}]})

    texts = {"all": document(0, 1, 2), "train": document(0), "val": document(1)}
    data = read(made([f"images/{n}.jpg" for n in range(3)], {f"annotations/{n}.json": t for n, t in texts.items()}))
    assert [(i.split, len(i.objects), i.fault) for i in data.images] == [
        ("train", 1, None),
        ("val", 1, None),
        (None, 1, None),
    ]
    assert [n.id for n in data.notices] == ["listings_merged"]


def test_listing_with_a_split_wins_over_one_without(made, read):
    """The order of reading does not matter."""
    for names in (("all.json", "train.json"), ("a_train.json", "all.json")):
        texts = {
            name: json.dumps({
                "images": [entry(1, width=width, height=48)], "annotations": [], "categories": [{"id": 1, "name": "cat"}],
            })
            for name, width in zip(names, (64, 65), strict=True)
        }  # fmt: skip
        root = made(["a.jpg"], texts)
        assert {i.split: i.fault and i.fault.reason for i in read(root).images} == {
            "train": None,
            None: "duplicate_image",
        }
        for name in names:
            (root / name).unlink()
