# environment: data
"""labelme json. The boxes of all shapes are worked out by hand."""

import base64
import json
from typing import Any

import pytest
from noticed import noticed

from boxwright.core.runtime.errors import UserError

CORNERS = [[8.0, 12.0], [24.0, 36.0]]


def shape(kind: str | None = "rectangle", points: Any = CORNERS, label: Any = "nut", **more) -> dict:
    found = {"label": label, "points": points, "group_id": None, "description": "", "flags": {}, "mask": None}
    return found | ({} if kind is None else {"shape_type": kind}) | more


def text(name: str, *shapes: Any, **changes) -> str:
    found = {
        "version": "5.5.0", "flags": {}, "shapes": list(shapes), "imagePath": name, "imageData": None, "imageHeight": 48,
        "imageWidth": 64,
    }  # fmt: skip
    return json.dumps(found | changes)


def test_boxes(made, convert):
    """Files as labelme writes them: json beside the images. An image without shapes is background."""
    root = made(["a.jpg", "b.jpg", "c.jpg"], {
        "a.json": text("a.jpg", shape(), shape(points=CORNERS[::-1], label="bolt")),
        "b.json": text("b.jpg", shape()), "c.json": text("c.jpg"),
    })  # fmt: skip
    out = convert(root)
    assert out.manifest["format"] == "labelme"
    assert [c["name"] for c in out.manifest["classes"]] == ["bolt", "nut"]
    assert out.read()["a.jpg"].boxes_yxyx.ravel() == pytest.approx([0.25, 0.125, 0.75, 0.375] * 2)
    assert out.manifest["found"] == {"images": 3, "objects": 3} and out.quarantine == []
    assert out.notices["negatives"] == 1


@pytest.mark.parametrize(
    ("kind", "points", "expected"),
    [
        ("rectangle", [[24, 36], [8, 12]], (8, 12, 24, 36)),
        ("rectangle", [[8, 12], [24, 12], [24, 36], [8, 36]], (8, 12, 24, 36)),
        ("polygon", [[8, 20], [24, 12.5], [16, 36]], (8, 12.5, 24, 36)),
        (None, [[8, 20], [24, 12.5], [16, 36]], (8, 12.5, 24, 36)),
        # A radius of 5: 3 to the right and 4 down.
        ("circle", [[20, 20], [23, 24]], (15, 15, 25, 25)),
        # Pixels 8 to 23 and 12 to 35.
        ("mask", [[8, 12], [23, 35]], (8, 12, 24, 36)),
        ("rotation", [[16, 12], [24, 24], [16, 36], [8, 24]], (8, 12, 24, 36)),
    ],
)
def test_box_of_shape(made, read, kind, points, expected):
    data = read(made(["a.jpg"], {"a.json": text("a.jpg", shape(kind, points))}))
    (item,) = data.images[0].objects
    assert (item.name, item.box_xyxy, item.fault) == ("nut", expected, None)


def test_parts_of_one_object(made, read):
    """Shapes of one label and one group_id; those without group_id are objects of their own."""
    parts = [shape(points=[[2, 3], [5, 6]], group_id=1), shape(points=[[20, 30], [40, 45]], group_id=1)]
    others = [shape(group_id=1, label="bolt"), shape(), shape()]
    data = read(made(["a.jpg"], {"a.json": text("a.jpg", *parts, *others)}))
    assert [(o.name, o.box_xyxy) for o in data.images[0].objects] == [
        ("nut", (2, 3, 40, 45)), ("bolt", (8, 12, 24, 36)), ("nut", (8, 12, 24, 36)), ("nut", (8, 12, 24, 36)),
    ]  # fmt: skip


def test_difficult(made, read):
    """X-AnyLabeling writes labelme's format with a `difficult` flag."""
    root = made(["a.jpg"], {"a.json": text("a.jpg", shape(difficult=True), shape(difficult=False))})
    assert [o.difficult for o in read(root).images[0].objects] == [True, False]


def test_shapes_without_box_are_quarantined(made, convert):
    """An image with nothing else is not used as background."""
    others = [shape("point", [[1, 2]]), shape("linestrip", [[1, 2], [3, 4]]), shape("point", [[3, 4]])]
    root = made(["a.jpg", "b.jpg"], {"a.json": text("a.jpg", shape(), *others), "b.json": text("b.jpg", *others)})
    out = convert(root)
    assert out.reasons("a.jpg") == [(n, "shape_without_box") for n in (1, 2, 3)]
    assert out.reasons("b.jpg")[0] == (None, "objects_rejected")
    texts = out.claims("shapes_without_box")
    assert texts == ["Shapes without a box are not used: 2 linestrip, 4 point"]


def test_rotated_boxes_are_counted(made, read):
    turned = shape("rotation", [[16, 12], [24, 24], [16, 36], [8, 24]])
    data = read(made(["a.jpg"], {"a.json": text("a.jpg", turned, shape(), turned)}))
    assert noticed(data.notices) == {"rotated_boxes": 2}


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (shape(label=""), "unknown_class"),
        (shape(label=None), "unknown_class"),
        ("no shape", "unknown_class"),
        (shape(points=[[8, 12]]), "unreadable_annotation"),
        (shape(points=None), "unreadable_annotation"),
        (shape(points=5), "unreadable_annotation"),
        (shape(points=[[8, "x"], [1, 2]]), "unreadable_annotation"),
        (shape("polygon", [[8, 12], [24, 36]]), "unreadable_annotation"),
        (shape("circle", [[8, 12]]), "unreadable_annotation"),
        (shape(points=[[8, 12], [8, 36]]), "zero_area"),
        (shape(points=[[8, 12], [float("nan"), 36]]), "not_a_number"),
    ],
)
def test_odd_shapes(made, convert, odd, reason):
    out = convert(made(["a.jpg"], {"a.json": text("a.jpg", shape(), odd)}))
    assert out.reasons("a.jpg") == [(1, reason)]


@pytest.mark.parametrize(
    "content", [text("a.jpg", shape())[:-30], text("a.jpg", shape()).replace("[{", "{").replace("}]", "}")]
)
def test_damaged_json(made, convert, content):
    """The image of a damaged json is quarantined, as with a damaged VOC xml."""
    out = convert(made(["a.jpg", "b.jpg"], {"a.json": content, "b.json": text("b.jpg", shape())}))
    assert out.reasons("a.jpg") == [(None, "unreadable_annotation")]
    assert set(out.read()) == {"b.jpg"}


def test_where_images_lie(made, read):
    """imagePath is relative to the json; it can have backslashes, an old name, or be a path on another machine."""
    root = made(["img/a.jpg", "json/new.jpg", "other/c.jpg", "train/d.jpg", "val/d.jpg"], {
        "json/a.json": text("..\\img\\a.jpg", shape()), "json/new.json": text("old.jpg", shape()),
        "json/c.json": text(r"C:\Users\me\c.jpg", shape()), "train/d.json": text("d.jpg", shape()),
        "val/d.json": text("/home/me/set/d.jpg", shape()),
    })  # fmt: skip
    data = read(root)
    assert {i.filename: (i.split, i.fault) for i in data.images} == {
        "img/a.jpg": (None, None), "json/new.jpg": (None, None), "other/c.jpg": (None, None), "train/d.jpg": ("train", None),
        "val/d.jpg": ("val", None),
    }  # fmt: skip


def test_size_and_images_without_json(made, convert):
    root = made(["a.jpg", "b.jpg", "c.jpg"], {
        "a.json": text("a.jpg", shape(), imageHeight=None), "b.json": text("b.jpg", shape(), imageHeight=99),
    })  # fmt: skip
    out = convert(root)
    assert set(out.read()) == {"a.jpg"}
    assert out.reasons("b.jpg") == [(None, "size_mismatch"), (0, "image_rejected")]
    assert out.reasons("c.jpg") == [(None, "unlabelled")]


def test_two_json_of_one_image_are_merged(made, read):
    root = made(["a.jpg"], {
        "a.json": text("a.jpg", shape()), "a_2.json": text("a.jpg", shape(), shape(label="bolt")),
    })  # fmt: skip
    data = read(root)
    assert [[o.name for o in i.objects] for i in data.images] == [["nut", "bolt"]]
    assert noticed(data.notices) == {"listings_differ": 1}


def test_missing_image(made, convert):
    root = made(["a.jpg"], {"a.json": text("a.jpg", shape()), "b.json": text("b.jpg", shape())})
    out = convert(root, missing="quarantine")
    assert out.reasons("b.jpg") == [(None, "missing"), (0, "image_rejected")]


def with_pixels(*names: str) -> dict[str, str]:
    pixels = base64.b64encode(b"pixels").decode()
    return {f"{name}.json": text(f"{name}.jpg", shape(), imageData=pixels) for name in names}


def test_all_pixels_in_the_json_only(made, read):
    with pytest.raises(
        UserError, match=r"2 images have no file; .* \(first a\.json\)\. Write each image beside its json"
    ):
        read(made(["other/z.jpg"], with_pixels("a", "b")))


def test_some_pixels_in_the_json_only(made, convert):
    root = made(["a.jpg"], with_pixels("a", "b", "c"))
    with pytest.raises(
        UserError, match=r"2 images .* are missing: b\.jpg, c\.jpg; .* imageData is the content of that file"
    ):
        convert(root)
    out = convert(root, missing="quarantine")
    assert out.notices["pixels_in_json"] == 2
    assert out.reasons("b.jpg") == [(None, "missing"), (0, "image_rejected")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (text("a.jpg", shape())[:60] + '"points": [[8', r"a\.json is not valid json"),
        (
            text("a.jpg", shape()).replace("imagePath", "path"),
            r"a\.json has shapes and no imagePath, which labelme json has",
        ),
    ],
)
def test_near_misses(made, read, content, says):
    with pytest.raises(UserError, match=f"holds no annotations: found .*{says}"):
        read(made(["a.jpg"], {"a.json": content}))


def test_truncated_json(made, convert):
    """imagePath follows the shapes, so a truncated file lacks it. Its image has the same name."""
    root = made(["a.jpg", "b.jpg"], {"a.json": text("a.jpg", shape()), "b.json": text("b.jpg", shape())[:90]})
    assert convert(root).reasons("b.jpg") == [(None, "unreadable_annotation")]


def test_real_files(shared, convert):
    root = shared / "cases/13-labelme/data"
    if not root.is_dir():
        pytest.skip("the shared cases are not here")
    out = convert(root)
    assert out.manifest["found"]["images"] == 12 and out.quarantine == []
    first = json.loads((root / "part_000.json").read_text())
    (left, top), (right, bottom) = first["shapes"][0]["points"]
    expected = [
        top / first["imageHeight"],
        left / first["imageWidth"],
        bottom / first["imageHeight"],
        right / first["imageWidth"],
    ]
    assert out.read()["part_000.jpg"].boxes_yxyx[0] == pytest.approx(expected)
