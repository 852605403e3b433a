# environment: data
"""VIA's json and csv. The boxes of all shapes are worked out by hand. `test_via_classes` has the choice of the class."""

import json
from math import pi

import pytest
from noticed import noticed
from via_files import RECT, images, project, region, table, version_3

from boxwright.core.runtime.errors import UserError

BOX = ("nut", (8, 12, 24, 36))
EXPORTS = {
    "VIA 2 json": {"via_region_data.json": json.dumps(images(a=[region()], b=[]))},
    "VIA 1 json": {"via_region_data.json": json.dumps(images(a={"0": region()}, b={}))},
    "a list": {"annotations.json": json.dumps(list(images(a=[region()], b=[]).values()))},
    "a project": {"via_project.json": project(images(a=[region()], b=[]), label={"nut": "", "bolt": ""})},
    "VIA 2 csv": {"via.csv": table(("a.jpg", 1, RECT, {"label": "nut"}), ("b.jpg", 0, {}, {}))},
    "VIA 1 csv": {"via.csv": table(("a.jpg", 1, RECT, {"label": "nut"}), ("b.jpg", 0, {}, {}), first="#filename")},
    "a project of VIA 3": {"project.json": version_3(([2, 8, 12, 16, 24], {"1": "7"}))},
    "a csv of Excel": {
        "via.csv": table(("a.jpg", 1, RECT, {"label": "nut"}), ("b.jpg", 0, {}, {}), separator=";").encode("utf-8-sig")
    },
}


@pytest.mark.parametrize("texts", EXPORTS.values(), ids=EXPORTS)
def test_every_export(made, read, texts):
    """An image without regions is background."""
    data = read(made(["a.jpg", "b.jpg"], texts))
    assert data.format == "via"
    assert {i.filename: [(o.name, o.box_xyxy) for o in i.objects] for i in data.images} == {"a.jpg": [BOX], "b.jpg": []}
    assert data.notices == [] and not any(i.fault for i in data.images)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (RECT, (8, 12, 24, 36)),
        ({"name": "circle", "cx": 20, "cy": 20, "r": 5.5}, (14.5, 14.5, 25.5, 25.5)),
        ({"name": "ellipse", "cx": 20, "cy": 20, "rx": 8, "ry": 4}, (12, 16, 28, 24)),
        ({"name": "ellipse", "cx": 20, "cy": 20, "rx": 8, "ry": 4, "theta": pi / 2}, (16, 12, 24, 28)),
        ({"name": "polygon", "all_points_x": [8, 24, 16], "all_points_y": [20, 12, 36]}, (8, 12, 24, 36)),
        ({"name": "rect", "x": "8", "y": "12", "width": "16", "height": "24"}, (8, 12, 24, 36)),
    ],
)
def test_box_of_shape(made, read, shape, expected):
    data = read(made(["a.jpg"], {"via.json": json.dumps(images(a=[region(shape)]))}))
    (item,) = data.images[0].objects
    assert item.fault is None and item.box_xyxy == pytest.approx(expected)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (region({"name": "point", "cx": 1, "cy": 2}), "shape_without_box"),
        (region({"name": "polyline", "all_points_x": [1, 2], "all_points_y": [1, 2]}), "shape_without_box"),
        (region({}), "shape_without_box"),
        (region({"name": "rect", "x": 8, "y": 12, "width": 16}), "unreadable_annotation"),
        (region({"name": "rect", "x": "left", "y": 12, "width": 16, "height": 2}), "unreadable_annotation"),
        (region({"name": "polygon", "all_points_x": [8, 24], "all_points_y": [20, 12]}), "unreadable_annotation"),
        (region({"name": "polygon", "all_points_x": 8, "all_points_y": [20, 12, 3]}), "unreadable_annotation"),
        (region({"name": "polygon", "all_points_x": [8, 9, 10], "all_points_y": [20, 12]}), "unreadable_annotation"),
        (region({**RECT, "width": 0}), "zero_area"),
        (region({**RECT, "x": 900}), "outside"),
        (region({**RECT, "x": float("nan")}), "not_a_number"),
        ({"region_attributes": {"label": "nut"}}, "unreadable_annotation"),
        ("no region", "unreadable_annotation"),
        (region(RECT, label=""), "unknown_class"),
        (region(RECT, label={"nut": True, "bolt": True}), "unknown_class"),
    ],
)
def test_odd_regions(made, convert, odd, reason):
    out = convert(made(["a.jpg"], {"via.json": json.dumps(images(a=[region(), odd]))}))
    assert out.reasons("a.jpg") == [(1, reason)]


@pytest.mark.parametrize("cell", ['"{""name"": ""rect"""', '"[1, 2]"', "rect"])
def test_damaged_cell(made, convert, cell):
    good = table(("a.jpg", 2, RECT, {"label": "nut"}))
    out = convert(made(["a.jpg"], {"via.csv": f'{good}a.jpg,1,"{{}}",2,1,{cell},"{{""label"": ""nut""}}"\n'}))
    assert out.reasons("a.jpg") == [(1, "unreadable_annotation")]


@pytest.mark.parametrize(
    ("xy", "expected"),
    [
        ([2, 8, 12, 16, 24], (8, 12, 24, 36)),
        ([3, 20, 20, 5], (15, 15, 25, 25)),
        ([4, 20, 20, 8, 4], (12, 16, 28, 24)),
        ([7, 8, 20, 24, 12, 16, 36], (8, 12, 24, 36)),
        ([8, 8, 20, 16, 12, 24, 30, 12, 36], (8, 12, 24, 36)),
        ([1, 3, 4], "shape_without_box"),
        ([5, 3, 4, 6, 7], "shape_without_box"),
        ([6, 3, 4, 6, 7, 8, 8], "shape_without_box"),
        ([2, 8, 12], "unreadable_annotation"),
        ([99, 8, 12], "unreadable_annotation"),
        (["x"], "unreadable_annotation"),
        ("x", "unreadable_annotation"),
    ],
)
def test_shapes_of_version_3(made, read, xy, expected):
    data = read(made(["a.jpg", "b.jpg"], {"p.json": version_3((xy, {"1": "7"}))}))
    (item,) = data.images[0].objects
    assert (item.fault.reason if item.fault else item.box_xyxy) == expected


def test_values_of_version_3(made, read):
    """A checkbox has several options; an attribute of the whole image has no place."""
    shape = [2, 8, 12, 16, 24]
    regions = [(shape, {"1": "8"}), (shape, {"2": "1,2", "1": "7"}), ([], {"3": "s1"})]
    data = read(made(["a.jpg", "b.jpg"], {"p.json": version_3(*regions)}), column="scan")
    assert ([o.name for o in data.images[0].objects], data.images[0].group) == (["bolt", "nut"], "s1")


def test_shapes_without_box_are_counted(made, read):
    shapes = [region({"name": "point", "cx": 1, "cy": 2}), region({"name": "polyline"}), region()]
    data = read(made(["a.jpg"], {"via.json": json.dumps(images(a=shapes))}))
    assert noticed(data.notices) == {"shapes_without_box": 2}


def test_two_entries_of_one_image_are_merged(made, read):
    """A file that was added to the project again has another size in its key."""
    again = {"a.jpg-1": images(a=[region({**RECT, "x": 9})])["a.jpg99"]}
    data = read(made(["a.jpg"], {"via.json": json.dumps(images(a=[region()]) | again)}))
    assert [[o.box_xyxy[0] for o in i.objects] for i in data.images] == [[8, 9]]


def test_all_exports_of_one_project_are_merged(made, read):
    """The csv and the json have the numbers of the options, and only the project knows what they stand for."""
    metadata = images(a=[region(RECT, type="1")], b=[region(RECT, type="2")])
    rows = [("a.jpg", 1, RECT, {"type": "1"}), ("b.jpg", 1, RECT, {"type": "2"})]
    data = read(made(["a.jpg", "b.jpg"], {
        "via_project.json": project(metadata, type={"1": "nut", "2": "bolt"}), "via.json": json.dumps(metadata),
        "via.csv": table(*rows),
    }))  # fmt: skip
    assert {i.filename: [o.name for o in i.objects] for i in data.images} == {"a.jpg": ["nut"], "b.jpg": ["bolt"]}
    assert noticed(data.notices) == {"listings_merged": 4}


def test_splits_of_folders_and_names(made, read):
    """As Matterport's balloons: a json beside the images of each split."""
    one = json.dumps(images(a=[region()]))
    root = made(["train/a.jpg", "val/a.jpg", "c.jpg"], {
        "train/via_region_data.json": one, "val/via_region_data.json": one,
        "via_test.json": json.dumps(images(c=[region()])),
    })  # fmt: skip
    assert {i.filename: (i.split, len(i.objects)) for i in read(root).images} == {
        "train/a.jpg": ("train", 1), "val/a.jpg": ("val", 1), "c.jpg": ("test", 1),
    }  # fmt: skip


def test_group_is_an_attribute_of_the_image(made, read):
    found = images(a=[region()])
    found["a.jpg99"]["file_attributes"] = {"scan": "s1"}
    assert read(made(["a.jpg"], {"via.json": json.dumps(found)}), column="scan").images[0].group == "s1"


def test_missing_and_unlisted_images(made, convert):
    root = made(["a.jpg", "c.jpg"], {"via.json": json.dumps(images(a=[region()], b=[region()]))})
    out = convert(root, missing="quarantine")
    assert (out.reasons("b.jpg"), out.reasons("c.jpg")) == (
        [(None, "missing"), (0, "image_rejected")],
        [(None, "unlisted")],
    )


@pytest.mark.parametrize(
    ("name", "found"), [("images/..", []), ("a\0.jpg", []), ("\ud800.jpg", []), ("c.jpg", 5), ("c.jpg", "regions")]
)
def test_odd_images(made, convert, name, found):
    odd = {"filename": name, "size": 1, "regions": found}
    out = convert(made(["a.jpg", "c.jpg"], {"via.json": json.dumps(images(a=[region()]) | {"odd": odd})}))
    assert set(out.read()) == {"a.jpg"}
    assert "unreadable_annotation" in [line["reason"] for line in out.quarantine]


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("via.json", json.dumps(images(a=[region()]))[:-20], r"via\.json is not valid json"),
        ("via.json", json.dumps(images(a=[region()]) | {"b.jpg": 5}), r"'b\.jpg' is 5; expected an image"),
        ("via.json", json.dumps({"shape_attributes": RECT}), r"has VIA's shape_attributes, and no regions"),
        ("via.json", version_3(kind=4), r"via\.json is a VIA 3 project with videos; save their frames as images"),
        ("via.csv", "# VIA\n# CSV_HEADER = metadata_id,file_list\n", r"via\.csv is the csv of VIA 3, .* give the project"),
        ("via.csv", table(("", 0, {}, {})), r"line 2 has no filename; write one or delete the line"),
        ("via.csv", table(("a.jpg", 1, RECT, {}), first="file"), r"column region_shape_attributes, and no column filename"),
        ("via.csv", table(("a.jpg", 1, RECT, {}), first='"filename'), r"its first row has no column|in line 1 is never closed"),
        ("via.csv", table(("a.jpg", 1, RECT, {})) + 'b.jpg,"', r"via\.csv is not a valid csv: a quote in line 3 is never"),
    ],
)  # fmt: skip
def test_what_is_not_read(made, read, file, content, says):
    with pytest.raises(UserError, match=says):
        read(made(["a.jpg"], {file: content}))
