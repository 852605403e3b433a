# environment: data
"""COCO annotations with turned boxes, in images of 64x48 pixels."""

import json

import pytest
from noticed import noticed

from boxwright.core.runtime.errors import UserError


@pytest.fixture
def objects(coco, read):
    """The objects of one image with these annotations, and the notices."""

    def objects(*annotations):
        root = coco({"a.jpg": []}, annotations=[{"image_id": 1, "category_id": 1} | a for a in annotations])
        data = read(root)
        return data.images[0].objects, noticed(data.notices)

    return objects


def test_attribute_rotation(objects):
    """20x10 around 30, 20, turned by 90 degrees, is 10x20."""
    found, said = objects({"bbox": [20, 15, 20, 10], "attributes": {"rotation": 90.0}})
    assert found[0].box_xyxy == pytest.approx((25, 10, 35, 30))
    assert said["rotated_boxes"] == 1


@pytest.mark.parametrize("rotation", [0, 0.0, 360.0, True, "90", "left", None, [90], {"x": 1}])
def test_attributes_that_turn_nothing(objects, rotation):
    found, said = objects({"bbox": [20, 15, 20, 10], "attributes": {"rotation": rotation}})
    assert found[0].box_xyxy == (20, 15, 40, 25)
    assert "rotated_boxes" not in said


def test_outline_of_the_box_as_it_was_drawn(objects):
    outline = [20, 15, 40, 15, 40, 25, 20, 25]
    found, _ = objects({"bbox": [20, 15, 20, 10], "segmentation": [outline], "attributes": {"rotation": 90}})
    assert found[0].box_xyxy == pytest.approx((25, 10, 35, 30))


def test_outline_that_was_turned_already(objects):
    outline = [25, 10, 35, 10, 35, 30, 25, 30]
    found, said = objects(
        {"bbox": [25, 10, 10, 20], "segmentation": [[*outline, 25, 10]], "attributes": {"rotation": 90}}
    )
    assert found[0].box_xyxy == (25, 10, 35, 30)
    assert "rotated_boxes" not in said


def test_corners_as_bbox(objects):
    found, said = objects({"bbox": [30, 10, 40, 20, 30, 30, 20, 20]})
    assert found[0].box_xyxy == (20, 10, 40, 30)
    assert said["rotated_boxes"] == 1


def test_five_numbers_with_an_outline(objects):
    """The outline needs no unit."""
    found, _ = objects({"bbox": [30, 20, 20, 10, 0.3], "segmentation": [[25, 10, 35, 10, 35, 30, 25, 30]]})
    assert found[0].box_xyxy == (25, 10, 35, 30)


# Left, top of 10x10 at the left and top edges, and of one in the middle.
CORNERS = [(0, 0), (0, 20), (0, 38), (54, 0), (54, 38), (30, 0), (30, 20)]


@pytest.mark.parametrize(("shift", "way"), [(0, "left top corner"), (5, "center")])
def test_corner_or_center_by_the_edges(coco, read, shift, way):
    boxes = [{"image_id": 1, "category_id": 1, "bbox": [x + shift, y + shift, 10, 10, 90]} for x, y in CORNERS]
    data = read(coco({"a.jpg": []}, annotations=boxes))
    assert [item.box_xyxy[:2] for item in data.images[0].objects] == [pytest.approx(corner) for corner in CORNERS]
    (notice,) = [n for n in data.notices if n.id == "rotated_boxes"]
    assert f"{way}, size, angle in degrees" in notice.claim


def test_corner_or_center_undecided(coco, read):
    boxes = [{"image_id": 1, "category_id": 1, "bbox": [30, 20, 10, 10, 90]}] * 5
    with pytest.raises(UserError, match="x and y may be the center or the left top corner"):
        read(coco({"a.jpg": []}, annotations=boxes))


def test_a_few_boxes_of_five_numbers_are_quarantined(objects):
    found, said = objects({"bbox": [30, 20, 20, 10, 0.3]}, *[{"bbox": [30, 20, 20, 10 + i]} for i in range(9)])
    assert found[0].fault == ("unreadable_annotation", "bbox of 5 numbers, expected 4: [30, 20, 20, 10, 0.3]")
    assert "rotated_boxes" not in said


@pytest.mark.parametrize("bbox", [[1, 2, 3], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, "a"], [1] * 100_000])
def test_other_lengths_are_no_missing_numbers(objects, bbox):
    found, _ = objects({"bbox": bbox})
    assert found[0].fault.reason == "unreadable_annotation"
    assert json.dumps(bbox)[:4] in found[0].fault.value


def test_five_numbers_without_an_angle(coco, read):
    boxes = [{"image_id": 1, "category_id": 1, "bbox": [x, y, 10, 10, 0]} for x, y in CORNERS]
    data = read(coco({"a.jpg": []}, annotations=boxes))
    assert [item.box_xyxy[:2] for item in data.images[0].objects] == [pytest.approx(corner) for corner in CORNERS]
    assert "rotated_boxes" not in noticed(data.notices)


def test_a_fifth_number_may_be_a_score(coco, read):
    boxes = [{"image_id": 1, "category_id": 1, "bbox": [x, y, 10, 10, 0.9]} for x, y in CORNERS]
    with pytest.raises(UserError, match="the fifth may also be a score"):
        read(coco({"a.jpg": []}, annotations=boxes))


@pytest.mark.parametrize(
    ("fields", "count"), [({"rotation": 30.0}, 1), ({"angle": -5}, 1), ({"rotation": 0}, None), ({}, None)]
)
def test_an_angle_beside_the_bbox_is_said(objects, fields, count):
    """Tools disagree whether the bbox lies around the turned box."""
    found, said = objects({"bbox": [20, 15, 20, 10]} | fields)
    assert found[0].box_xyxy == (20, 15, 40, 25)
    assert said.get("rotation_ignored") == count
