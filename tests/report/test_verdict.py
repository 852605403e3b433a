# environment: data
"""The verdict on a model and what to do next, on the miniature run with other numbers in it."""

import json
from dataclasses import replace

import pytest
from reported import config

from boxwright.core.artifacts.metrics import ClassMetrics
from boxwright.core.artifacts.parity import Calibration
from boxwright.core.artifacts.training import ClassScore, Evaluated, Forgetting, Forgotten, Logged
from boxwright.report import artifacts, error_findings
from boxwright.report.artifacts import Artifacts, Training
from boxwright.report.step import run
from boxwright.report.verdict import LOOK, SHIP, judge


@pytest.fixture
def found(finished_run) -> Artifacts:
    return artifacts.read(config(finished_run))


def training_of(found: Artifacts) -> Training:
    assert found.training
    return found.training


def changed(found: Artifacts, **fields) -> Artifacts:
    """With other fields of the training. metrics, int8_metrics: numbers that replace those of the evaluations."""
    made = training_of(found)
    for name, field in (("metrics", "trained"), ("int8_metrics", "int8")):
        one = getattr(made, field)
        fields[field] = replace(one, metrics=one.metrics.model_copy(update=fields.pop(name, {})))
    return replace(found, training=replace(made, **fields))


def classes(**ap50):
    return {name: ClassMetrics(AP=value, AP50=value, objects=2) for name, value in ap50.items()}


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
def test_verdict(found, overall, per_class, int8_ap, word):
    metrics = {"AP": 0.6, "AP50": overall, "per_class": classes(**per_class)}
    assert judge(changed(found, metrics=metrics, int8_metrics={"AP": int8_ap})).word == word


def test_nothing_to_find_is_not_measured(found):
    nothing = {"AP": None, "AP50": None, "per_class": classes(cup=None, pin=None)}
    verdict = judge(changed(found, metrics=nothing, int8_metrics=nothing))
    assert verdict.sentence == "None of 2 test images has an object."
    assert verdict.next_steps[0].startswith("Label the objects in the images of test")


@pytest.mark.parametrize(("overall", "said"), [(0.52, True), (None, False)])
def test_int8_loss_is_shown_if_it_was_measured(run_folder, overall, said):
    for name in ("float", "int8"):
        file = run_folder / name / "metrics.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"AP": overall, "AP50": overall}))
    run(config(run_folder))
    page = (run_folder / "out/report.html").read_text()
    assert ("split, the AP of the int8 file is" in page) == said


def test_next_steps_name_what_is_left_to_do(found):
    steps = " ".join(judge(found).next_steps)
    assert "random weights" in steps and "longer than 100 steps" in steps and "Label at least 100 pins" in steps
    assert "stride 8" not in steps  # the recipe acted on it
    made = training_of(found)
    stock = changed(found, recipe=made.recipe.model_copy(update={"stock": True}))
    assert "without --stock" in judge(stock).next_steps[0]
    notes = tuple(finding.model_copy(update={"severity": "info"}) for finding in made.causes)
    only_notes = changed(found, diagnosis=made.diagnosis.model_copy(update={"findings": notes}))
    assert "Label at least 100 pins" not in " ".join(judge(only_notes).next_steps)


@pytest.mark.parametrize(("ap50", "longer"), [((0.5, 0.6, 0.7), True), ((0.5, 0.69, 0.7), False), ((0, 0, 0), True)])
def test_train_longer_agrees_with_the_curve(found, ap50, longer):
    """The last of three evaluations is the best, in the second case by a small margin."""
    history = training_of(found).history.model_copy(
        update={
            "evaluations": tuple(
                Evaluated(step=at, AP=v / 2, AP50=v, per_class={}) for at, v in zip((30, 60, 100), ap50, strict=True)
            ),
            "steps": (
                Logged(step=1, classification_loss=1, localization_loss=1, regularization_loss=0, learning_rate=0.1),
            ),
        }
    )
    steps = " ".join(judge(changed(found, history=history)).next_steps)
    assert ("train longer than 100 steps" in steps) == longer
    curve = error_findings.curve(history)
    assert curve and (curve.id == "curve_flat") == (not longer)


@pytest.mark.parametrize(
    ("overall", "word", "ships"), [(0.3, "poor", False), (0.6, "held_back", False), (0.9, "good", True)]
)
def test_only_a_good_model_is_shipped(found, overall, word, ships):
    """No finding is open, training stopped early, and weights were restored: the verdict alone decides the next step."""
    made = training_of(found)
    found = changed(
        found,
        metrics={"AP50": overall, "per_class": classes(cup=overall, pin=overall)},
        diagnosis=made.diagnosis.model_copy(update={"findings": ()}),
        restored=made.restored.model_copy(update={"restored": ("conv/kernel",)}),
        history=made.history.model_copy(update={"stopped_early": True}),
    )
    verdict = judge(found)
    assert (verdict.word, verdict.next_steps) == (word, (SHIP if ships else LOOK,))
    cup = Forgotten(
        objects=30, before=ClassScore(AP=0.9, AP50=1.0), after=ClassScore(AP=0.5, AP50=0.9), lost_interval=(0.3, 0.5)
    )
    about = {"split": "val", "images": 40, "step": 100, "resamples": 200, "seed": 0, "gone": ()}
    forgetting = Forgetting(**about, per_class={"cup": cup})
    lost = changed(found, history=training_of(found).history.model_copy(update={"forgetting": forgetting}))
    first, last = judge(lost).next_steps[0], judge(lost).next_steps[-1]
    assert (first == SHIP) == ships and "Add more images of cup" in last


@pytest.mark.parametrize(
    ("used", "asked", "says"),
    [
        (150, 150, "run again with --calibration-images above the 150 of this run"),
        (40, 150, "calibrated on all 40 distinct training images"),
    ],
)
def test_badly_quantised_file_needs_more_images(found, used, asked, says):
    parity = training_of(found).parity.model_copy(update={"calibration": Calibration(images=used, asked=asked)})
    steps = judge(changed(found, int8_metrics={"AP": 0.4}, parity=parity)).next_steps
    assert any("lost 12.0 points of AP" in step and says in step for step in steps)
