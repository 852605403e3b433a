# environment: data
"""The verdict on a model and what is advised to do next, on the miniature run with other numbers in it."""

import json
from dataclasses import replace

import pytest
from reported import config

from boxwright.report.artifacts import Gathered, gather
from boxwright.report.step import run
from boxwright.report.verdict import judge


def changed(found: Gathered, **fields) -> Gathered:
    """With other fields of the training; `metrics` and `int8_metrics`: numbers that take the place of the evaluations'."""
    made = found.training
    for name, field in (("metrics", "trained"), ("int8_metrics", "int8")):
        one = getattr(made, field)
        fields[field] = replace(one, metrics=one.metrics | fields.pop(name, {}))
    return replace(found, training=replace(made, **fields))


@pytest.mark.parametrize(
    ("overall", "per_class", "int8_ap", "word"),
    [
        (0.90, {"cup": 0.95, "pin": 0.85}, 0.60, "good"),
        (0.75, {"cup": 1.00, "pin": 0.50}, 0.60, "good"),
        (0.75, {"cup": 1.00, "pin": None}, 0.60, "good"),
        (0.76, {"cup": 1.00, "pin": 0.49}, 0.60, "held_back"),
        (0.74, {"cup": 0.75, "pin": 0.73}, 0.60, "held_back"),
        (0.90, {"cup": 0.95, "pin": 0.85}, 0.58, "held_back"),
        (0.39, {"cup": 0.70, "pin": 0.08}, 0.60, "poor"),
        (0.0, {"cup": 0.0, "pin": 0.0}, 0.60, "poor"),
        (None, {"cup": None, "pin": None}, 0.60, "unmeasured"),
    ],
)
def test_verdict(run_folder, overall, per_class, int8_ap, word):
    found = gather(config(run_folder))
    classes = {name: {"AP": value, "AP50": value} for name, value in per_class.items()}
    metrics = {"AP": 0.6, "AP50": overall, "per_class": classes}
    assert judge(changed(found, metrics=metrics, int8_metrics={"AP": int8_ap})).word == word


def test_nothing_to_find_is_no_verdict_on_the_detector(run_folder):
    nothing = {"AP": None, "AP50": None, "per_class": {name: {"AP": None, "AP50": None} for name in ("cup", "pin")}}
    verdict = judge(changed(gather(config(run_folder)), metrics=nothing, int8_metrics=nothing))
    assert verdict.sentence == "None of 2 test images has an object to find."
    assert verdict.next_steps[0].startswith("Label objects in the images of test")


@pytest.mark.parametrize(("overall", "said"), [(0.52, True), (None, False)])
def test_what_int8_costs_is_said_where_it_was_measured(run_folder, overall, said):
    for name in ("float", "int8"):
        file = run_folder / name / "metrics.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"AP": overall, "AP50": overall}))
    run(config(run_folder))
    page = (run_folder / "out/report.html").read_text()
    assert ("split the int8 file's AP is" in page) == said


def test_next_steps_name_what_is_left_to_do(run_folder):
    found = gather(config(run_folder))
    steps = " ".join(judge(found).next_steps)
    assert "random weights" in steps and "longer than 100 steps" in steps and "Label at least 100 pins" in steps
    assert "stride 8" not in steps  # the recipe acted on it
    stock = changed(found, recipe=found.training.recipe.model_copy(update={"stock": True}))
    assert "without --stock" in judge(stock).next_steps[0]
    told = tuple(finding.model_copy(update={"severity": "info"}) for finding in found.findings)
    only_told = changed(found, diagnosis=found.training.diagnosis.model_copy(update={"findings": told}))
    assert "Label at least 100 pins" not in " ".join(judge(only_told).next_steps)


@pytest.mark.parametrize(("ap50", "longer"), [((0.5, 0.6, 0.7), True), ((0.5, 0.69, 0.7), False), ((0, 0, 0), True)])
def test_to_train_longer_is_said_with_the_curves_or_not_at_all(run_folder, ap50, longer):
    """The last of three evaluations was the best, by little in the second case."""
    history = json.loads((run_folder / "model/history.json").read_text())
    history["evaluations"] = [{"step": at, "AP": v / 2, "AP50": v} for at, v in zip((30, 60, 100), ap50, strict=True)]
    history["steps"] = [{"step": 1, "classification_loss": 1.0, "localization_loss": 1.0}]
    (run_folder / "model/history.json").write_text(json.dumps(history))
    run(config(run_folder))
    page = (run_folder / "out/report.html").read_text()
    assert ("train longer than 100 steps" in page, "more steps alone will not help" in page) == (longer, not longer)


@pytest.mark.parametrize(
    ("overall", "word", "ships"), [(0.3, "poor", False), (0.6, "held_back", False), (0.9, "good", True)]
)
def test_only_a_good_model_is_shipped(run_folder, overall, word, ships):
    """No finding open, early stopping, restored weights: nothing to say but what the verdict itself says."""
    from boxwright.report.verdict import LOOK, SHIP

    found = gather(config(run_folder))
    classes = {name: {"AP": 0.5, "AP50": overall} for name in ("cup", "pin")}
    made = found.training
    found = changed(
        found,
        metrics={"AP50": overall, "per_class": classes},
        diagnosis=made.diagnosis.model_copy(update={"findings": ()}),
        restored=made.restored | {"restored": ["conv/kernel"]},
        history=made.history | {"stopped_early": True},
    )
    verdict = judge(found)
    assert (verdict.word, verdict.next_steps) == (word, (SHIP if ships else LOOK,))
    cup = {
        "objects": 30,
        "before": {"AP": 0.9, "AP50": 1.0},
        "after": {"AP": 0.5, "AP50": 0.9},
        "lost_interval": (0.3, 0.5),
    }
    forgotten = {"forgetting": {"images": 40, "seed": 0, "per_class": {"cup": cup}}}
    lost = changed(found, history=found.training.history | forgotten)
    first, last = judge(lost).next_steps[0], judge(lost).next_steps[-1]
    assert (first == SHIP) == ships and "Mix in more images of cup" in last


@pytest.mark.parametrize(
    ("calibration", "told"),
    [
        ({"images": 150, "asked": 150}, "run again with --calibration-images above the 150 of this run"),
        ({"images": 40, "asked": 150}, "calibrated on all 40 distinct training images"),
    ],
)
def test_a_badly_quantised_file_is_to_be_calibrated_on_more(run_folder, calibration, told):
    found = gather(config(run_folder))
    parity = found.training.parity | {"calibration": calibration}
    steps = judge(changed(found, int8_metrics={"AP": 0.4}, parity=parity)).next_steps
    assert any("lost 12.0 points of AP" in step and told in step for step in steps)
