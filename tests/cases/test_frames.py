# environment: data
"""Cases of images that have another size, or another turn, than when they were labelled."""

import parts
import pytest


def test_exchanged_sides_are_read(read_case):
    read = read_case("48")
    assert read.is_right() and read.reasons == {}
    assert "annotated 240x320, the file is 320x240" in read.claim("sides_exchanged")
    assert "Width and height are exchanged" in read.claim("sides_exchanged")


def test_boxes_of_resized_images_are_scaled(read_case):
    read = read_case("49")
    assert read.is_right() and read.reasons == {}
    assert "all by the factor 0.25" in read.claim("boxes_scaled")


@pytest.mark.parametrize("size", ["annotated", "1280x960", "4x", "stretched"])
def test_boxes_for_scales(read_case, size):
    assert read_case("49", boxes_for=size).is_right()


@pytest.mark.parametrize("size", ["1280x960", "4x"])
def test_boxes_for_scales_without_claimed_sizes(read_case, size):
    assert read_case("49b", boxes_for=size).is_right()


def test_boxes_of_larger_images_are_refused(refusal):
    said = refusal("49b")
    assert "34 of 34 boxes lie beyond the images" in said and "about 3.96 times as large" in said
    assert "--boxes-for 1280x960" in said


def test_whole_pixels_show_the_stored_frame(read_case):
    """Orientation 6 turns the stored 320x240 pixels. The boxes of YOLO are whole pixels there only."""
    read = read_case("47")
    assert (read.stored, read.reasons) == (34, {})
    assert all((r.width, r.height) == parts.SIZE for r in read.converted.read().values())
    assert ("nut", 261, 124, 303, 162) in read.boxes()["IMG_0.JPG"]
    assert all(tool in read.claim("exif_frame_found") for tool in ("labelImg", "darknet", "Yolo_mark"))


def test_boxes_for_chooses_the_upright_frame(read_case):
    read = read_case("47", boxes_for="upright")
    assert all((r.width, r.height) == (240, 320) for r in read.converted.read().values())
    assert "exif_frame_found" not in read.notices
