# environment: data
"""Every format preserves boxes. `tests/fuzz` damages the annotations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxwright.convert.formats.coco import _object as coco_object
from boxwright.convert.formats.csv import boxes as csv_boxes
from boxwright.convert.formats.csv.columns import EXACT
from boxwright.convert.formats.yolo import label_files
from boxwright.convert.formats.yolo.label_files import Rows
from boxwright.convert.objects import voc_shapes
from boxwright.convert.reading import source

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
    return voc_shapes.object_of(
        ElementTree.fromstring(f"<object><name>cat</name><bndbox>{text}</bndbox></object>"), voc_shapes.Shapes(origin)
    )


def as_devkit(box, width, height) -> source.Object:
    return as_voc(box, width, height, origin=1)


def as_yolo(box, width, height) -> source.Object:
    left, top, right, bottom = box
    numbers = ((left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height)
    return label_files.row_object(["0", *map(repr, numbers)], Rows({0: "cat"}))


def as_csv(box, width, height) -> source.Object:
    item = csv_boxes.item(dict(zip(EXACT.box, map(str, box), strict=True)) | {"class": "cat"}, EXACT)
    assert item
    return item


@pytest.mark.parametrize("write", [as_coco, as_polygon, as_runs, as_voc, as_devkit, as_yolo, as_csv])
@given(boxes())
def test_boxes_survive(write, drawn):
    """A box that is written in a format is read back as the same box."""
    from boxwright.convert.plan import box_checks

    width, height, box = drawn
    item = write(box, width, height)
    assert item.name == "cat" and item.fault is None
    stored, clipped, fault, _ = box_checks.check(item, width, height, fractions=write is as_yolo, fix="fail")
    assert stored and fault is None and not clipped
    top, left, bottom, right = stored
    assert (left * width, top * height, right * width, bottom * height) == pytest.approx(box, abs=1e-6)
