# environment: data
"""Turned boxes become the upright box around each; shapes without a box of their own get the box around them."""

import math

import pytest


def turned(x, y, width, height, radians):
    """Left, top, right, bottom around a turned rectangle, from its four corners, inside of 320x240 pixels."""
    turn = complex(math.cos(radians), math.sin(radians))
    corners = [complex(x, y) + turn * complex(dx * width / 2, dy * height / 2) for dx in (-1, 1) for dy in (-1, 1)]
    xs, ys = [corner.real for corner in corners], [corner.imag for corner in corners]
    return max(min(xs), 0), max(min(ys), 0), min(max(xs), 320), min(max(ys), 240)


def test_rotation_of_cvat_in_coco(read_case):
    """In frame 0: 110x24 at 113, 155 by 90 degrees, and at 25, 91 by 120 degrees (height 110 sin 60 + 24 cos 60 = 107)."""
    read = read_case("01")
    assert read.boxes()["images/frame_000000.jpg"] == [("plank", 42, 49, 118, 157), ("plank", 156, 112, 180, 222)]
    assert (read.stored, read.reasons) == (24, {})
    assert read.claim("rotated_boxes").startswith("24 boxes are rotated")


def test_robndbox_of_rolabelimg(read_case):
    read = read_case("26")
    expected = {
        name: sorted(
            (kind, *map(round, turned((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, 0.35)))
            for kind, left, top, right, bottom in objects
        )
        for name, objects in read.truth().items()
    }
    for name, objects in read.boxes().items():
        for found, right in zip(objects, expected[name], strict=True):
            assert found[0] == right[0]
            assert found[1:] == pytest.approx(right[1:], abs=1)  # roLabelImg stores half pixels
    assert (read.stored, read.reasons) == (34, {})
    assert read.claim("rotated_boxes").startswith("34 boxes are rotated")


def test_polygon_without_bndbox(read_case):
    assert read_case("94").is_right()


def test_coco_boxes_of_five_numbers(refusal):
    """Every angle is 0.3: radians or degrees."""
    said = refusal("57")
    assert "34 of 34 annotations have a bbox of 5 numbers (first: [261.0, 124.0, 42.0, 38.0, 0.3])" in said
    assert "degrees or radians" in said


def test_corners_of_yolo(read_case):
    assert read_case("96").is_right()
