# environment: data
"""CVAT for images 1.1. The boxes of all shapes are worked out by hand."""

from math import sqrt

import pytest
from noticed import noticed

from boxwright.core.runtime.errors import UserError

META = """<version>1.1</version><meta><task><id>7</id><labels>
<label><name>nut</name><color>#fff</color><type>any</type><attributes></attributes></label>
<label><name>bolt</name></label><label><name>thread</name><parent>bolt</parent></label></labels></task></meta>"""


def xml(*images: str, meta: str = META) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<annotations>{meta}{"".join(images)}</annotations>'


def image(name: str, *shapes: str, more: str = "") -> str:
    return f'<image id="0" name="{name}" {more} width="64" height="48">{"".join(shapes)}</image>'


def box(label: str = "nut", more: str = "") -> str:
    return (
        f'<box label="{label}" source="manual" occluded="0" xtl="8.00" ytl="12.00" xbr="24.00" ybr="36.00" {more}'
        ' z_order="0"><attribute name="worn">false</attribute></box>'
    )


def test_boxes(made, convert):
    """The export of a task: images in `images/`, classes in <meta>. An image without shapes is background."""
    root = made(["images/a.jpg", "images/b.jpg", "images/c.jpg"], {
        "annotations.xml": xml(image("a.jpg", box(), box("bolt", 'rotation="0.00"')), image("b.jpg", box()), image("c.jpg"))
    })  # fmt: skip
    out = convert(root)
    assert out.manifest["format"] == "cvat"
    assert [c["name"] for c in out.manifest["classes"]] == ["bolt", "nut"]
    assert out.read()["images/a.jpg"].boxes_yxyx.ravel() == pytest.approx([0.25, 0.125, 0.75, 0.375] * 2)
    assert out.manifest["found"] == {"images": 3, "objects": 3} and out.quarantine == []
    assert out.notices["negatives"] == 1


HALF = (16 + 24) / sqrt(2) / 2
EIGHTH = (16 - HALF, 24 - HALF, 16 + HALF, 24 + HALF)
SHAPES = [
    # 16 x 24 around (16, 24): a quarter turn swaps the sides, an eighth makes both (16 + 24) / sqrt 2.
    ('<box label="nut" xtl="8" ytl="12" xbr="24" ybr="36" rotation="90.0"/>', (4, 16, 28, 32)),
    ('<box label="nut" xtl="8" ytl="12" xbr="24" ybr="36" rotation="45"/>', EIGHTH),
    ('<box label="nut" xtl="8" ytl="12" xbr="24" ybr="36" rotation="315"/>', EIGHTH),
    ('<polygon label="nut" points="8.0,20;24,12.5;16,36"/>', (8, 12.5, 24, 36)),
    ('<mask label="nut" rle="0, 16" left="8" top="12" width="4" height="4"/>', (8, 12, 12, 16)),
    ('<ellipse label="nut" cx="16" cy="24" rx="8" ry="12"/>', (8, 12, 24, 36)),
    ('<ellipse label="nut" cx="16" cy="24" rx="8" ry="12" rotation="90"/>', (4, 16, 28, 32)),
    # A circle is the same however it is turned.
    ('<ellipse label="nut" cx="16" cy="24" rx="8" ry="8" rotation="30"/>', (8, 16, 24, 32)),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "expected"), SHAPES)
def test_box_of_shape(made, read, shape, expected):
    data = read(made(["a.jpg"], {"annotations.xml": xml(image("a.jpg", shape))}))
    (item,) = data.images[0].objects
    assert (item.name, item.fault) == ("nut", None)
    assert item.box_xyxy == pytest.approx(expected)


def test_rotated_boxes_are_counted(made, read):
    rotated = box(more='rotation="12.5"')
    data = read(made(["a.jpg"], {"annotations.xml": xml(image("a.jpg", box(), rotated, rotated))}))
    assert noticed(data.notices) == {"rotated_boxes": 2}


def test_shapes_without_box_are_quarantined(made, convert):
    """Points and lines have no box. An image with only such shapes is not used as background. A tag is not an object."""
    others = '<points label="nut" points="1,2;3,4"/><polyline label="nut" points="1,2;3,4;5,6"/><tag label="bolt"/>'
    root = made(["a.jpg", "b.jpg"], {"annotations.xml": xml(image("a.jpg", box(), others), image("b.jpg", others))})
    out = convert(root)
    assert out.reasons("a.jpg") == [(1, "shape_without_box"), (2, "shape_without_box")]
    assert out.reasons("b.jpg") == [(None, "objects_rejected"), (0, "shape_without_box"), (1, "shape_without_box")]
    assert out.notices["shapes_without_box"] == 6
    texts = out.claims("shapes_without_box")
    assert texts == ["Shapes without a box are not used: 2 points, 2 polyline, 2 tag"]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ('<box label="" xtl="8" ytl="12" xbr="24" ybr="36"/>', "unknown_class"),
        ('<box label="nut" xtl="8" ytl="twelve" xbr="24" ybr="36"/>', "not_a_number"),
        ('<box label="nut" xtl="8" ytl="12" xbr="24"/>', "not_a_number"),
        ('<box label="nut" xtl="8" ytl="12" xbr="24" ybr="36" rotation="x"/>', "not_a_number"),
        ('<box label="nut" xtl="24" ytl="12" xbr="8" ybr="36"/>', "inverted"),
        ('<polygon label="nut" points="8,12;24,36"/>', "unreadable_annotation"),
        ('<polygon label="nut" points="8,12;24,36;1"/>', "unreadable_annotation"),
        ('<polygon label="nut"/>', "unreadable_annotation"),
    ],
)
def test_odd_shapes(made, convert, shape, reason):
    out = convert(made(["a.jpg"], {"annotations.xml": xml(image("a.jpg", box(), shape))}))
    assert out.reasons("a.jpg") == [(1, reason)]
    assert [notice["subject"] for notice in out.manifest["notices"] if notice["id"] == "unused_category"] == ["bolt"]


def test_subsets_are_splits(made, convert):
    """A project's export has a folder for each subset. Images of two subsets may have one name."""
    names = {"Train": "train", "Validation": "val", "Test": "test"}
    images = [image("a.jpg", box(), more=f'subset="{subset}" task_id="3"') for subset in names]
    root = made([f"images/{subset}/a.jpg" for subset in names], {"annotations.xml": xml(*images)})
    out = convert(root)
    assert {split: counts["images"] for split, counts in out.manifest["splits"].items()} == {
        "train": 1,
        "val": 1,
        "test": 1,
    }
    assert set(out.read()) == {f"images/{subset}/a.jpg" for subset in names} and out.quarantine == []


def test_splits_of_files_and_folders(made, read):
    """Each split can be a task of its own. A subset counts before a folder."""
    texts = {
        "train/annotations.xml": xml(image("a.jpg", box())),
        "valid/annotations.xml": xml(image("a.jpg", box()), image("b.jpg", box(), more='subset="Test"')),
        "annotations_test.xml": xml(image("c.jpg", box())),
        "all.xml": xml(image("dev/d.jpg", box())),
    }
    data = read(made(["train/images/a.jpg", "valid/a.jpg", "valid/b.jpg", "c.jpg", "dev/d.jpg"], texts))
    assert {i.filename: i.split for i in data.images} == {
        "train/images/a.jpg": "train", "valid/a.jpg": "val", "valid/b.jpg": "test", "c.jpg": "test", "dev/d.jpg": "val",
    }  # fmt: skip


def test_one_xml_as_data(made, read):
    root = made(["a.jpg", "b.jpg"], {"one.xml": xml(image("a.jpg", box())), "two.xml": xml(image("b.jpg", box()))})
    assert {i.filename: i.fault and i.fault.reason for i in read(root / "one.xml").images} == {
        "a.jpg": None,
        "b.jpg": "unlisted",
    }


def test_unused_and_missing(made, convert):
    """An unused class, an unlisted image, and a missing image."""
    root = made(["a.jpg", "stray.jpg"], {"annotations.xml": xml(image("a.jpg", box()), image("gone.jpg", box()))})
    out = convert(root, missing="quarantine")
    assert out.notices["unused_category"] == "bolt"
    assert out.reasons("stray.jpg") == [(None, "unlisted")]
    assert out.reasons("gone.jpg") == [(None, "missing"), (0, "image_rejected")]


TRACK = '<track id="0" label="nut"><box frame="0" outside="0" xtl="8" ytl="12" xbr="24" ybr="36"/></track>'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            xml(TRACK),
            r"annotations\.xml is `CVAT for video`, which has tracks .*; export the task again as `CVAT for images",
        ),
        (xml(), r"annotations\.xml is CVAT's xml and has no <image>; export the task again as `CVAT for images 1\.1`"),
    ],
)
def test_near_misses(made, read, text, says):
    root = made(["a.jpg"], {"annotations.xml": text})
    for data in (root, root / "annotations.xml"):
        with pytest.raises(UserError, match=f"holds no annotations: found .*{says}"):
            read(data)


def test_refuses_video_beside_images(made, read):
    root = made(["a.jpg"], {"a.xml": xml(image("a.jpg", box())), "clip.xml": xml(TRACK)})
    with pytest.raises(UserError, match=r"clip\.xml is `CVAT for video`.*; repair it, or move it out of the data"):
        read(root)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            xml(image("a.jpg", box()))[:-20],
            r"annotations\.xml is not valid xml: .*; export it again or repair that place",
        ),
        (xml(image("..", box())), r"annotations\.xml: image 0 has no usable name: '\.\.'; export it again"),
    ],
)
def test_damaged_xml(made, read, text, says):
    with pytest.raises(UserError, match=says):
        read(made(["a.jpg"], {"annotations.xml": text}))


def test_real_export(shared, convert):
    """Twelve images that a user of CVAT could not convert."""
    root = shared / "cases/10-cvat-images-xml/data"
    if not root.is_dir():
        pytest.skip("the shared cases are not here")
    out = convert(root)
    assert out.manifest["found"]["images"] == 12 and out.quarantine == []
    # <box label="nut" xtl="261.00" ytl="124.00" xbr="303.00" ybr="162.00"> in 320 x 240
    assert out.read()["images/part_000.jpg"].boxes_yxyx[0] == pytest.approx(
        [124 / 240, 261 / 320, 162 / 240, 303 / 320]
    )
