# environment: train
"""Orders and units of boxes, and the window of an image in the input, worked out by hand."""

import numpy as np
import pytest

from boxwright.examine.reading import boxes, detections, pixels
from boxwright.examine.reading.reading import Feeding, Reading
from boxwright.examine.running.raw import Detector, Raw

# One box: y 10 to 30, x 20 to 60.
ORDERS = {
    "yxyx": (10, 20, 30, 60),
    "xyxy": (20, 10, 60, 30),
    "cxcywh": (40, 20, 40, 20),
    "xywh": (20, 10, 40, 20),
}


@pytest.mark.parametrize(("order", "numbers"), ORDERS.items(), ids=ORDERS)
def test_corners(order, numbers):
    assert boxes.corners(np.array([numbers]), order).tolist() == [[10, 20, 30, 60]]


@pytest.mark.parametrize("order", ORDERS)
def test_corners_of_no_box(order):
    assert boxes.corners(np.zeros((0, 4)), order).shape == (0, 4)


# Image (height, width), input (height, width) -> window yxyx as fractions of the input.
WINDOWS = {
    "same shape": ((100, 100), (50, 50), [0, 0, 1, 1]),
    "wide": ((50, 100), (100, 100), [0.25, 0, 0.75, 1]),
    "tall": ((100, 50), (100, 100), [0, 0.25, 1, 0.75]),
    "wide input": ((100, 100), (50, 100), [0, 0.25, 1, 0.75]),
    # 3 x 100 becomes 2 x 64 (1.92 is rounded); (64 - 2) // 2 = 31 rows lie above.
    "thin": ((3, 100), (64, 64), [31 / 64, 0, 33 / 64, 1]),
    "one pixel": ((1, 1000), (64, 64), [31 / 64, 0, 32 / 64, 1]),
    "odd border": ((95, 100), (100, 100), [0.02, 0, 0.97, 1]),
}


def takes(height: int, width: int, **more) -> Detector:
    return Detector(kind="ssd", height=height, width=width, takes="float32", scaling="symmetric", **more)


@pytest.mark.parametrize(("image", "frame", "expected"), WINDOWS.values(), ids=WINDOWS)
def test_window(image, frame, expected):
    assert pixels.window(image, takes(*frame), Feeding(fit="letterbox")).tolist() == pytest.approx(expected)
    assert pixels.window(image, takes(*frame), Feeding()).tolist() == [0, 0, 1, 1]
    assert pixels.window(image, takes(0, 0), Feeding(fit="letterbox")).tolist() == [0, 0, 1, 1]


def test_a_border_keeps_the_pixels_of_the_image():
    image = np.full((50, 100, 3), 200, np.uint8)
    whole = pixels.tensor(image, takes(100, 100), Feeding(fit="letterbox", scaling="pixels"))
    assert whole.shape == (1, 100, 100, 3)
    assert (whole[0, :25] == 114).all() and (whole[0, 25:75] == 200).all() and (whole[0, 75:] == 114).all()


# Scaling -> the value of a pixel of 255, and of 51.
RANGES = {"symmetric": (1, -0.6), "unit": (1, 0.2), "pixels": (255, 51)}


@pytest.mark.parametrize(("scaling", "expected"), RANGES.items(), ids=RANGES)
def test_range_of_the_pixels(scaling, expected):
    image = np.array([[[255, 51, 51]]], np.uint8)
    red, green, blue = pixels.tensor(image, takes(1, 1), Feeding(scaling=scaling)).ravel()
    assert (red, green, blue) == pytest.approx((expected[0], expected[1], expected[1]))
    swapped = pixels.tensor(image, takes(1, 1), Feeding(scaling=scaling, channels="BGR")).ravel()
    assert swapped == pytest.approx([blue, green, red])


def test_a_quantised_input_is_quantised():
    detector = Detector(kind="ssd", height=1, width=1, takes="uint8", quantization=(1 / 128, 128), scaling="symmetric")
    # 255 -> 1.0 -> 128 + 128, clipped to 255; 0 -> -1.0 -> -128 + 128.
    assert pixels.tensor(np.array([[[255, 0, 0]]], np.uint8), detector, Feeding()).ravel().tolist()[:2] == [255, 0]


# Unit of the numbers (20, 10, 60, 30), xyxy, on an image of 100 x 200 pixels and an input of 50 x 50 -> yxyx as fractions.
UNITS = {
    "fractions": ([0.1, 0.05, 0.3, 0.15], [0.05, 0.1, 0.15, 0.3]),
    "input pixels": ([20, 10, 60, 30], [0.2, 0.4, 0.6, 1.2]),
    "image pixels": ([20, 10, 60, 30], [0.1, 0.1, 0.3, 0.3]),
}


@pytest.mark.parametrize(("unit", "case"), UNITS.items(), ids=UNITS)
def test_units(unit, case):
    given, expected = case
    raw = Raw(boxes=np.array([given]), scores=np.array([0.9]), classes=np.array([0]))
    reading = Reading(feeding=Feeding(), order="xyxy", unit=unit, classes=(1,))
    found = detections.read(raw, takes(50, 50), reading, (100, 200))
    assert found.boxes_yxyx.tolist()[0] == pytest.approx(expected)


def test_boxes_of_a_bordered_input_are_of_the_image():
    # The image fills rows 0.25 to 0.75: y 0.5 to 0.75 of the input is y 0.5 to 1 of the image.
    raw = Raw(boxes=np.array([[0.5, 0, 0.75, 1]]), scores=np.array([0.9]), classes=np.array([0]))
    reading = Reading(feeding=Feeding(fit="letterbox"), classes=(1,))
    found = detections.read(raw, takes(100, 100), reading, (50, 100))
    assert found.boxes_yxyx.tolist()[0] == pytest.approx([0.5, 0, 1, 1])


def test_detections_that_are_not_of_the_data_are_left_out():
    found = detections.Detections(
        boxes_yxyx=np.array([[0, 0, 1.5, 1], [0, 0, np.nan, 1], [0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]),
        scores=np.array([0.9, 0.9, np.inf, 0.9, 0.9]),
        numbers=np.array([0, 0, 0, 1, 9]),
    )
    kept, scores, ids = detections.with_classes(found, Reading(feeding=Feeding(), classes=(2, 0)))
    # Number 1 is no class of the data, number 9 is none of the detector. The first box is clipped.
    assert (kept.tolist(), scores.tolist(), ids.tolist()) == ([[0, 0, 1, 1]], [0.9], [2])
