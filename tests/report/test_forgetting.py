# environment: data
"""Forgetting of classes that the initial weights knew: when it is a finding, and what the finding says."""

import json

import pytest
from reported import config

from boxwright.core import recipe as recipes
from boxwright.core.artifacts.training import Forgetting, History
from boxwright.report import forgetting, step

RECIPE = recipes.stock("ssd_mobilenet_v1_ppn", ("cup", "pin", "mug"), steps=100)


def forgotten(**classes) -> Forgetting:
    """cup=(objects, AP before, AP after, interval of the loss); AP50 is 5 points more."""
    per_class = {
        name: {
            "objects": objects,
            "before": {"AP": was, "AP50": was and was + 0.05},
            "after": {"AP": now, "AP50": now and now + 0.05},
            "lost_interval": interval,
        }
        for name, (objects, was, now, interval) in classes.items()
    }
    about = {"split": "val", "images": 40, "step": 100, "resamples": 200, "seed": 0, "gone": ["jar"]}
    return Forgetting.model_validate(about | {"per_class": per_class})


def found(forgotten, recipe=RECIPE):
    ended = {"steps": (), "evaluations": (), "best_step": 100, "stopped_early": False, "seconds": 1}
    return forgetting.findings(History(**ended, forgetting=forgotten), recipe)


@pytest.mark.parametrize(
    ("was", "now", "interval", "severity"),
    [
        (0.90, 0.65, (0.15, 0.35), "high"),
        (0.90, 0.75, (0.05, 0.25), "medium"),
        (0.90, 0.85, (0.01, 0.09), "low"),
        (0.90, 0.85, (-0.01, 0.11), None),  # other images might have shown none
        (0.90, 0.89, (0.005, 0.015), None),  # sure, and not worth a word
        (0.60, 0.90, (-0.4, -0.2), None),  # won
        (0.90, 0.65, None, "high"),  # too few images for an interval
        (0.90, 0.85, None, None),
        (0.00, 0.00, (0.0, 0.0), None),
        (None, None, None, None),  # no validation objects
    ],
)
def test_loss_beyond_its_interval_is_a_finding(was, now, interval, severity):
    findings = found(forgotten(cup=(30, was, now, interval)))
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert all(finding.confidence == ("medium" if interval else "low") for finding in findings)


def test_finding_names_what_was_lost_and_what_to_do():
    lost = {"cup": (30, 0.9, 0.8, (0.05, 0.15)), "pin": (12, 0.7, 0.3, (0.2, 0.6)), "mug": (9, 0.5, 0.6, (-0.2, 0.0))}
    (finding,) = found(forgotten(**lost))
    assert (
        "pin (AP 70.0 to 30.0, AP50 75.0 to 35.0), cup (AP 90.0 to 80.0, AP50 95.0 to 85.0)" in finding.claim
        and "mug" not in finding.claim
    )
    pin, cup = finding.evidence
    assert (pin.value, pin.n, pin.interval, pin.seed) == (0.4, 12, (0.2, 0.6), 0)
    assert (cup.value, cup.n, cup.where) == (0.1, 30, "model/history.json: forgetting")
    assert finding.effect_points == 40 and "40.0 points of AP (40.0 of AP50) that pin lost" in finding.expected_effect
    for advice in ("images of pin, cup", "--data new,earlier", "now 0.01094", "begin with a head stage"):
        assert advice in finding.remedy
    alone = (
        recipes.Stage(name="head", trainable="head", steps=10),
        recipes.Stage(name="all", trainable="all", steps=90),
    )
    staged = RECIPE.model_copy(update={"stages": alone})
    assert "longer (now 10 of 100 steps)" in found(forgotten(**lost), staged)[0].remedy


@pytest.fixture
def reported(run_folder):
    """history.json with a `forgetting` of ours -> (page, summary, overview)"""

    def write(added: Forgetting | None, partly=()) -> tuple[str, dict, str]:
        for name, more in (
            ("history", {"forgetting": added.model_dump(mode="json")} if added else {}),
            ("restored", {"partly": partly} if partly else {}),
        ):
            file = run_folder / "model" / f"{name}.json"
            file.write_text(json.dumps(json.loads(file.read_text()) | more))
        step.run(config(run_folder))
        names = ("report.html", "overview.md", "summary.json")
        page, overview, summary = ((run_folder / "out" / name).read_text() for name in names)
        return page, json.loads(summary), overview

    return write


def test_report_shows_before_and_after(reported):
    added = forgotten(cup=(30, 0.9, 0.5, (0.3, 0.5)), pin=(0, None, None, None))
    why = "by class name: background, cup; new: pin"
    page, summary, overview = reported(added, [{"name": "ClassPredictor/kernel:0", "why": why}])
    assert [one["id"] for one in summary["findings"]][:3] == ["forgetting", "anchors_miss_pin", "few_pins"]
    assert summary["forgetting"] == added.model_dump(mode="json")
    for text in (
        "Classes that the initial weights knew",
        "not measured: the validation images have no object of it",
        "-50.0 to -30.0",
        "do not have them: jar.",
        "cup (AP 90.0 to 50.0",
        f"in part: {why}",
    ):
        assert text in page
    assert "cup (AP 90.0 to 50.0" in overview
    assert "The most important open finding: Training forgot some of what" in page


def test_initial_weights_without_known_classes(reported):
    page, summary, _ = reported(None)
    assert "initial weights knew" not in page and "in part" not in page and "forgetting" not in summary
    assert [one["id"] for one in summary["findings"]][:2] == ["anchors_miss_pin", "few_pins"]
