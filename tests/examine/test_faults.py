# environment: train
"""Planted faults in the use of a detector that is exact: each is named, and none is named where there is none."""

from dataclasses import replace

import numpy as np
import pytest
import square_detector

from boxwright.examine import trial
from boxwright.examine.reading.reading import Feeding, Reading
from boxwright.examine.running.tflite_source import TfliteSource

SOUND = Reading(feeding=Feeding(), classes=(1, 2, 3))


def fed(**changed) -> Reading:
    return replace(SOUND, feeding=replace(SOUND.feeding, **changed))


ROTATED = (3, 1, 2)
# What the user does wrong -> the hypothesis that names it, and a part of its title.
USES = {
    "BGR": (fed(channels="BGR"), "channels", "expects RGB images, and is fed BGR"),
    "0..1": (fed(scaling="unit"), "scaling", "expects pixels in -1..1, and is fed 0..1"),
    "0..255": (fed(scaling="pixels"), "scaling", "expects pixels in -1..1, and is fed 0..255"),
    "xyxy": (replace(SOUND, order="xyxy"), "box_order", "ymin, xmin, ymax, xmax, and are read as xmin"),
    "pixels": (replace(SOUND, unit="input pixels"), "box_unit", "fractions of the image, and are read as pixels"),
    "one too low": (replace(SOUND, classes=(0, 1, 2)), "class_order", "too low by one"),
    "other order": (replace(SOUND, classes=(2, 1, 3)), "class_order", "another order"),
    "threads": (fed(threads=2), "threads", "With 2 threads"),
}
# What is wrong in the file.
FILES = {
    "cap": ({"max_detections": 2}, "gives only 2 detections"),
    "threshold": ({"nms_score_threshold": 0.8}, "score below 0.8"),
    "strict suppression": ({"nms_iou_threshold": 0.2}, "removes objects that touch"),
}
TWO = {
    "BGR and class order": (replace(fed(channels="BGR"), classes=ROTATED), {"channels", "class_order"}),
    "xyxy and 0..255": (replace(fed(scaling="pixels"), order="xyxy"), {"scaling", "box_order"}),
    "pixels and class order": (replace(SOUND, unit="input pixels", classes=(2, 1, 3)), {"box_unit", "class_order"}),
}


@pytest.fixture(scope="module")
def squares(square_tflite) -> TfliteSource:
    return TfliteSource(square_tflite, 3)


def named(found) -> set[str]:
    return {name for one in found for name in one.hypothesis.split("+")}


def test_nothing_is_named_for_a_sound_use(squares, trial_of, square_records):
    tried = trial_of(squares, square_records)
    reading, found, lost = trial.faults(tried, SOUND)
    assert (reading, found) == (SOUND, [])
    assert tried.ap(SOUND) > 0.95
    assert {"channels", "scaling", "box_order", "box_unit", "class_order", "fit"} <= {one.hypothesis for one in lost}


@pytest.mark.parametrize(("use", "name", "title"), USES.values(), ids=USES)
def test_a_wrong_use_is_named(squares, trial_of, square_records, use, name, title):
    tried = trial_of(squares, square_records)
    reading, found, _ = trial.faults(tried, use)
    assert [one.hypothesis for one in found] == [name]
    assert title in found[0].other.title
    assert tried.ap(reading) == pytest.approx(tried.ap(SOUND), abs=0.001)


@pytest.mark.parametrize(("options", "title"), FILES.values(), ids=FILES)
def test_a_setting_of_the_file_is_named(square_tflite, tmp_path, trial_of, square_records, options, title):
    file = tmp_path / "other.tflite"
    file.write_bytes(square_detector.with_options(square_tflite.read_bytes(), **options))
    _, found, _ = trial.faults(trial_of(TfliteSource(file, 3), square_records), SOUND)
    assert [one.hypothesis for one in found] == ["suppression"]
    assert title in found[0].other.title


@pytest.mark.parametrize(("use", "names"), TWO.values(), ids=TWO)
def test_two_faults_are_named(squares, trial_of, square_records, use, names):
    _, found, _ = trial.faults(trial_of(squares, square_records), use)
    assert named(found) == names


def test_a_stretched_image_is_named(squares, trial_of, wide_records):
    tried = trial_of(squares, wide_records)
    assert trial.faults(tried, fed(fit="letterbox"))[1] == []
    _, found, _ = trial.faults(tried, SOUND)
    assert [(one.hypothesis, "border" in one.other.title) for one in found] == [("fit", True)]


def test_a_file_with_boxes_in_pixels_is_named(square_tflite, tmp_path, trial_of, square_records):
    file = tmp_path / "pixels.tflite"
    pixels = square_detector.anchors() * np.float32(square_detector.SIDE)
    file.write_bytes(square_detector.with_anchors(square_tflite.read_bytes(), pixels))
    _, found, _ = trial.faults(trial_of(TfliteSource(file, 3), square_records), SOUND)
    assert [one.hypothesis for one in found] == ["box_unit"]
    assert "boxes are in pixels" in found[0].other.title
