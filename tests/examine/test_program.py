# environment: train
"""The detections of a program tell how it feeds the detector."""

import json
from dataclasses import replace

import pytest

from boxwright.examine import program
from boxwright.examine.reading.reading import Feeding, Reading
from boxwright.examine.running.detections_json import JsonSource
from boxwright.examine.running.tflite_source import TfliteSource

SOUND = Reading(feeding=Feeding(), classes=(1, 2, 3))
WAYS = {
    "as expected": (Feeding(), False),
    "BGR": (Feeding(channels="BGR"), True),
}


@pytest.fixture(scope="module")
def squares(square_tflite) -> TfliteSource:
    return TfliteSource(square_tflite, 3)


@pytest.mark.parametrize(("feeding", "told"), WAYS.values(), ids=WAYS)
def test_the_way_of_feeding(squares, trial_of, square_records, tmp_path, feeding, told):
    trial = trial_of(squares, square_records)
    names = {image.image_id: image.name for image in trial.images}
    rows = [one | {"image_id": names[one["image_id"]]} for one in trial.found(replace(SOUND, feeding=feeding))]
    (tmp_path / "d.json").write_text(json.dumps(rows))
    found = program.fed(trial, JsonSource(tmp_path / "d.json", list(names.values()), {}), SOUND)
    assert found and found.feeding == feeding
    findings = list(program.finding(found, SOUND, squares.detector, 24))
    assert [one.title for one in findings] == (
        ["Your program feeds BGR, pixels in -1..1, stretch, and the detector expects RGB, pixels in -1..1, stretch"]
        * told
    )


def test_detections_of_another_detector_tell_nothing(squares, trial_of, square_records, tmp_path):
    trial = trial_of(squares, square_records)
    rows = [{"image_id": image.name, "category_id": 1, "bbox": [1, 2, 5, 3], "score": 0.9} for image in trial.images]
    (tmp_path / "d.json").write_text(json.dumps(rows))
    source = JsonSource(tmp_path / "d.json", [image.name for image in trial.images], {})
    assert program.fed(trial, source, SOUND) is None


def test_anchors_are_those_of_the_file(squares, trial_of, square_records):
    trial_of(squares, square_records).ap(SOUND)
    # The first anchor: 16 of 64 pixels at the upper left corner.
    assert squares.anchors_yxyx[0].tolist() == pytest.approx([0, 0, 0.25, 0.25])
    assert squares.anchors_yxyx.shape == (49, 4)
