# environment: train
"""The whole step: its files, numbers equal to pycocotools', and our suppression equal to LiteRT's."""

import json
from dataclasses import replace

import numpy as np
import pytest
import square_detector
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from boxwright.core.artifacts import examination
from boxwright.core.artifacts.examination import Examination
from boxwright.core.coco_eval import NUMBERS
from boxwright.core.runtime.errors import UserError
from boxwright.examine import step
from boxwright.examine.config import Config
from boxwright.examine.reading.reading import Feeding, Reading
from boxwright.examine.running.tflite_source import TfliteSource


def examined(folder, detector, records, **flags) -> Examination:
    folder.mkdir(exist_ok=True)
    flags = {"examination": folder / "examination", "page": folder / "e.html"} | flags
    step.run(Config(detector=str(detector), records=records, **flags))
    return examination.read(folder / "examination" / examination.FILE)


def by_pycocotools(folder) -> dict[str, float]:
    truth = COCO(str(folder / "examination" / "val_groundtruth.json"))
    evaluated = COCOeval(truth, truth.loadRes(str(folder / "examination" / "val_detections.json")), "bbox")
    evaluated.evaluate()
    evaluated.accumulate()
    evaluated.summarize()
    return dict(zip(NUMBERS, evaluated.stats, strict=True))


@pytest.fixture(scope="module")
def sound(tmp_path_factory, square_tflite, square_records):
    folder = tmp_path_factory.mktemp("sound")
    return folder, examined(folder, square_tflite, square_records)


def equal(found: Examination, numbers: dict[str, float]) -> None:
    ours = {name: -1 if value is None else value for name, value in found.numbers["val"].coco.items()}
    assert ours == pytest.approx(numbers, abs=1e-6)


def test_a_sound_detector(sound):
    folder, found = sound
    assert (found.corrections, found.before, found.numbers["val"].images) == ((), found.after, 24)
    assert found.numbers["val"].coco["AP"] > 0.95
    assert "The detector is used in the right way" in (folder / "e.html").read_text()
    equal(found, by_pycocotools(folder))


def test_its_detections_as_json_give_the_same_numbers(sound, tmp_path, square_records):
    folder, found = sound
    names = {
        one["id"]: one["file_name"]
        for one in json.loads((folder / "examination" / "val_groundtruth.json").read_text())["images"]
    }
    rows = json.loads((folder / "examination" / "val_detections.json").read_text())
    (tmp_path / "d.json").write_text(json.dumps([one | {"image_id": names[one["image_id"]]} for one in rows]))
    again = examined(tmp_path, tmp_path / "d.json", square_records)
    assert again.numbers["val"].coco == pytest.approx(found.numbers["val"].coco, abs=1e-6)
    assert again.corrections == ()
    equal(again, by_pycocotools(tmp_path))


def test_what_the_user_says_is_what_is_corrected(tmp_path, square_tflite, square_records):
    found = examined(tmp_path, square_tflite, square_records, fed="BGR")
    assert [one.hypothesis for one in found.corrections] == ["channels"]
    assert (found.used.fed, found.best.fed) == ("BGR, pixels in -1..1, stretch", "RGB, pixels in -1..1, stretch")
    assert found.findings[0].id == "detector_used_wrongly"


def test_a_file_beside_is_compared(tmp_path, square_tflite, square_records):
    other = tmp_path / "capped.tflite"
    other.write_bytes(square_detector.with_options(square_tflite.read_bytes(), max_detections=2))
    found = examined(tmp_path, f"{square_tflite},{other}", square_records)
    second = found.second
    assert found.findings[0].title.startswith("capped.tflite is worse than squares.tflite, most of all for ")
    assert second and second.detector == "capped.tflite"
    assert second.other_ap < second.ap - 0.3 and second.interval[1] < 0


def test_three_detectors_are_refused(tmp_path, square_records):
    with pytest.raises(UserError, match="expected one detector, or two"):
        examined(tmp_path, "a,b,c", square_records)


@pytest.mark.parametrize("options", [{}, {"nms_score_threshold": 0.6}, {"max_detections": 3}])
def test_our_suppression_is_litert_s(square_tflite, tmp_path, trial_of, square_records, options):
    file = tmp_path / "m.tflite"
    file.write_bytes(square_detector.with_options(square_tflite.read_bytes(), **options))
    source = TfliteSource(file, 3)
    now = source.detector.suppression
    assert now
    assert (now.threshold, now.iou, now.most) == pytest.approx(
        (options.get("nms_score_threshold", 1e-8), 0.6, options.get("max_detections", 100))
    )
    trial = trial_of(source, square_records)
    own = Reading(feeding=Feeding(), classes=(1, 2, 3))
    for (_, theirs), (_, ours) in zip(trial.read(own), trial.read(replace(own, suppression=now)), strict=True):
        assert np.sort(ours.scores) == pytest.approx(np.sort(theirs.scores), abs=1e-6)
        kinds = [
            sorted(zip(one.numbers.tolist(), one.boxes_yxyx.round(4).tolist(), strict=True)) for one in (ours, theirs)
        ]
        assert options.get("max_detections") or kinds[0] == kinds[1]
