# environment: data
"""Damaged annotation files end in images and reasons, or in a UserError. Every format preserves boxes."""

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from boxwright.convert.formats import csv, voc
from boxwright.convert.formats.coco import _object as coco_object
from boxwright.convert.formats.yolo import label_files
from boxwright.convert.formats.yolo.label_files import Rows
from boxwright.convert.plan import example_plan
from boxwright.convert.reading import detect_format, source
from boxwright.convert.splits.assign_splits import assign_splits
from boxwright.core.runtime.errors import UserError

# The same damage each time, so that a change is judged by itself; with BOXWRIGHT_FUZZ=10 new damage, ten times as much.
MORE = int(os.environ.get("BOXWRIGHT_FUZZ", 1))
FRACTIONS = {"train": 0.7, "val": 0.15, "test": 0.15}
COCO = json.dumps({
    "images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [8, 12, 16, 24], "iscrowd": 0},
        {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[8, 12, 24, 12, 24, 36]]},
        {"id": 3, "image_id": 1, "category_id": 1, "segmentation": {"size": [48, 64], "counts": "T5=lT1"}},
    ],
    "categories": [{"id": 1, "name": "cat", "supercategory": "animal"}],
})  # fmt: skip
VOC = """<annotation><filename>a.jpg</filename><size><width>64</width><height>48</height></size><object><name>cat</name>
<bndbox><xmin>8</xmin><ymin>12</ymin><xmax>24</xmax><ymax>36</ymax></bndbox></object></annotation>"""
CVAT = """<annotations><meta><task><labels><label><name>cat</name></label></labels></task></meta>
<image id="0" name="a.jpg" width="64" height="48"><box label="cat" xtl="8" ytl="12" xbr="24" ybr="36" rotation="30"/>
<polygon label="cat" points="8,12;24,12;24,36"/><ellipse label="cat" cx="16" cy="24" rx="8" ry="12"/></image></annotations>"""
LABELME = json.dumps({
    "shapes": [
        {"label": "cat", "points": [[8, 12], [24, 36]], "shape_type": "rectangle", "group_id": None},
        {"label": "cat", "points": [[8, 12], [24, 12], [24, 36]], "shape_type": "polygon", "group_id": 1},
        {"label": "cat", "points": [[20, 20], [23, 24]], "shape_type": "circle", "group_id": 1},
    ],
    "imagePath": "a.jpg", "imageData": None, "imageHeight": 48, "imageWidth": 64,
})  # fmt: skip
# format: {file: text}, of which one at a time is damaged
SETS = {
    "coco": {"set.json": COCO},
    "voc": {"a.xml": VOC, "ImageSets/Main/train.txt": "a 1\n"},
    "yolo": {"a.txt": "0 0.25 0.5 0.25 0.5\n0 0.1 0.2 0.3 0.2 0.3 0.6\n", "data.yaml": "train: .\nnc: 1\nnames: [cat]\n"},
    "darknet": {
        "obj.data": "train = train.txt\nnames = n.names\n", "n.names": "cat\n", "train.txt": "a.jpg\n",
        "a.txt": "0 .5 .5 .1 .1",
    },
    "cvat": {"annotations.xml": CVAT},
    "labelme": {"a.json": LABELME},
    "csv": {"set.csv": "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,64,48,cat,8,12,24,36\n"},
}  # fmt: skip
# Bytes, and pieces that parsers trip over.
PIECES = st.one_of(
    st.binary(min_size=1, max_size=4),
    st.sampled_from([
        b"nan", b"1e999", b"-1", b"null", b"{}", b"[]", b'"', b"<", b">", b"\0", b"\\u0000", b"\\ud800", b"..", b"/", b"true",
        b"\xff\xfe", b"&x;", b"999999999999999999999999", b"\n", b",", b"0", b" ", b"-", b"\xc2\xb2", b"1" * 400,
    ]),
)  # fmt: skip


@st.composite
def damages(draw):
    """Up to three edits: (position in 0..1, bytes to delete, bytes to insert)."""
    edit = st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(st.just(b""), PIECES))
    return draw(st.lists(edit, min_size=1, max_size=3))


def damaged(content: bytes, edits) -> bytes:
    for where, gone, piece in edits:
        start = int(where * len(content))
        content = content[:start] + piece + content[start + gone :]
    return content


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    from PIL import Image

    root = tmp_path_factory.mktemp("fuzz")
    for name, texts in SETS.items():
        for file, text in texts.items():
            (root / name / file).parent.mkdir(parents=True, exist_ok=True)
            (root / name / file).write_text(text)
        Image.new("RGB", (64, 48)).save(root / name / "a.jpg")
    return root


def planned(root: Path) -> example_plan.Plan | None:
    try:
        found = detect_format.read(detect_format.open_folder(root))
        made = example_plan.build(found, fix="clip", missing="quarantine")
        return assign_splits(made, data="", fractions=FRACTIONS, seed=0, group="", how="decode", processes=1)
    except UserError:
        return None


@pytest.mark.parametrize(("kind", "file"), [(kind, file) for kind, texts in SETS.items() for file in texts])
def test_damaged_annotations(folders, tmp_path, kind, file):
    root = tmp_path / kind
    shutil.copytree(folders / kind, root)
    assert planned(root), "the undamaged set is read"
    whole = (root / file).read_bytes()

    @settings(max_examples=150 * MORE)
    @given(damages())
    @example([(0.0, 5, b"/")])
    def ends_well(edits):
        (root / file).write_bytes(damaged(whole, edits))
        done = planned(root)
        if done:
            stored = sum(len(image.objects) for image in done.images)
            assert stored + sum(r.object is not None for r in done.rejects) == done.found_objects
            assert len(done.images) + sum(r.object is None for r in done.rejects) == done.found_images
            json.dumps([r.file + r.value for r in done.rejects], ensure_ascii=False).encode()
            json.dumps([image.filename for image in done.images] + done.classes, ensure_ascii=False).encode()

    ends_well()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["size", "counts", "id"]), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = {
    "images": ("id", "file_name", "width", "height"),
    "annotations": ("image_id", "category_id", "bbox", "segmentation", "iscrowd"),
    "categories": ("id", "name", "supercategory"),
}


def test_any_json_in_any_field_of_coco(folders, tmp_path):
    root = tmp_path / "coco"
    shutil.copytree(folders / "coco", root)
    places = st.sampled_from([(key, field) for key, fields in FIELDS.items() for field in fields])

    @settings(max_examples=300 * MORE)
    @given(places, JSON, st.booleans())
    @example(("images", "width"), "wide", False)
    @example(("annotations", "category_id"), [1], False)
    def ends_well(place, value, without_box):
        document = json.loads(COCO)
        key, field = place
        document[key][0] |= {field: value} | (
            {"bbox": None} if without_box and key == "annotations" and field != "bbox" else {}
        )
        (root / "set.json").write_text(json.dumps(document))
        planned(root)

    ends_well()


SIDE = st.integers(1, 4000)


@st.composite
def boxes(draw):
    """(image width, height, box as left, top, right, bottom) in whole pixels, inside the image and not empty."""
    width, height = draw(SIDE), draw(SIDE)
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return width, height, (left, top, draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height)))


def as_coco(box, width, height) -> source.Object:
    left, top, right, bottom = box
    return coco_object({"category_id": 1, "bbox": [left, top, right - left, bottom - top]}, {1: "cat"})


def as_polygon(box, width, height) -> source.Object:
    left, top, right, bottom = box
    corners = [left, top, right, top, right, bottom, left, bottom]
    return coco_object({"category_id": 1, "segmentation": [corners]}, {1: "cat"})


def as_runs(box, width, height) -> source.Object:
    left, top, right, bottom = box
    columns = [height * left + top, bottom - top] + [height - (bottom - top), bottom - top] * (right - left - 1)
    runs = {"size": [height, width], "counts": columns}
    return coco_object({"category_id": 1, "segmentation": runs}, {1: "cat"})


def as_voc(box, width, height, origin: float = 0) -> source.Object:
    from xml.etree import ElementTree

    left, top, right, bottom = box
    sides = {"xmin": left + origin, "ymin": top + origin, "xmax": right, "ymax": bottom}
    text = "".join(f"<{side}>{value}</{side}>" for side, value in sides.items())
    return voc._object(ElementTree.fromstring(f"<object><name>cat</name><bndbox>{text}</bndbox></object>"), origin)


def as_devkit(box, width, height) -> source.Object:
    return as_voc(box, width, height, origin=1)


def as_yolo(box, width, height) -> source.Object:
    left, top, right, bottom = box
    numbers = ((left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height)
    return label_files.row_object(["0", *map(repr, numbers)], Rows({0: "cat"}))


def as_csv(box, width, height) -> source.Object:
    return csv._object(dict(zip(("xmin", "ymin", "xmax", "ymax"), map(str, box), strict=True)) | {"class": "cat"})


@pytest.mark.parametrize("write", [as_coco, as_polygon, as_runs, as_voc, as_devkit, as_yolo, as_csv])
@given(boxes())
def test_boxes_survive(write, drawn):
    """A box that is written in a format is read back as the same box."""
    from boxwright.convert.plan import box_checks

    width, height, box = drawn
    item = write(box, width, height)
    assert item.name == "cat" and item.fault is None
    stored, clipped, fault = box_checks.check(item, width, height, fractions=write is as_yolo, fix="fail")
    assert stored and fault is None and not clipped
    top, left, bottom, right = stored
    assert (left * width, top * height, right * width, bottom * height) == pytest.approx(box, abs=1e-6)
