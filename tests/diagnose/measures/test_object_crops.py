# environment: data
"""Crops of objects with their surroundings, by hand."""

import numpy as np
import pytest

from boxwright.diagnose.measures import object_crops
from boxwright.diagnose.measures.object_crops import MARGIN, SIDE, Crops


def cut(pixels, objects):
    boxes = np.array([[y, x, y + h, x + w] for _, (x, y, w, h) in objects]) / [*pixels.shape, *pixels.shape]
    return object_crops.cut(pixels, boxes, np.array([class_id for class_id, _ in objects]))


def test_a_crop_is_the_box_and_a_third_around_it():
    """A white square of 24 px in an image of 72: the crop shows it pixel for pixel, and repeats the edge of the image."""
    pixels = np.zeros((72, 72), np.uint8)
    pixels[40:64, 48:72] = 255
    ((crop, class_id, alone),) = cut(pixels, [(2, [48, 40, 24, 24])])
    assert class_id == 2 and alone
    assert crop[MARGIN:-MARGIN, MARGIN:].min() == 1 and crop[:MARGIN].max() == 0 and crop[:, :MARGIN].max() == 0


def test_marks_objects_that_no_other_box_overlaps():
    touching = [(1, [0, 0, 20, 20]), (1, [20, 0, 20, 20]), (1, [30, 10, 20, 20])]
    assert [alone for *_, alone in cut(np.zeros((72, 72), np.uint8), touching)] == [True, False, False]


def test_compares_many_boxes_in_blocks(monkeypatch):
    monkeypatch.setattr(object_crops, "_AT_ONCE", 4)
    touching = [(1, [0, 0, 20, 20]), (1, [20, 0, 20, 20]), (1, [30, 10, 20, 20])]
    assert [alone for *_, alone in cut(np.zeros((72, 72), np.uint8), touching)] == [True, False, False]


def test_leaves_out_small_objects():
    assert list(cut(np.zeros((50, 50), np.uint8), [(1, [0, 0, 11, 30])])) == []


def test_measures_the_surroundings_of_objects():
    """Two objects of one image: the medians of their surroundings. The objects themselves do not count."""
    whole = SIDE + 2 * MARGIN
    pixels = np.full((3, whole, whole), 0.2, np.float32)
    pixels[1], pixels[2] = 0.4, 0.5
    pixels[2, : whole // 2] = 0.7
    pixels[:, MARGIN:-MARGIN, MARGIN:-MARGIN] = 1
    found = Crops(
        pixels, np.array([1, 1, 2]), np.ones(3, bool), np.array(["train"] * 3), np.array(["a.jpg", "a.jpg", "b.jpg"])
    )
    cat, dog = object_crops.backgrounds(found, ["cat", "dog"]).to_dict("records")
    assert (cat["filename"], cat["class"], dog["class"]) == ("a.jpg", "cat", "dog")
    assert (cat["brightness behind it"], cat["texture behind it"]) == pytest.approx((0.3, 0), abs=1e-6)
    assert (dog["brightness behind it"], dog["texture behind it"]) == pytest.approx((0.6, 0.1), abs=1e-6)
