"""The report step on a miniature run whose numbers are known, and on one that validation refused."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from reported import config

from boxwright.core.errors import UserError
from boxwright.report.gathered import OF_TRAINING, Gathered, gather
from boxwright.report.step import Config, run
from boxwright.report.verdict import judge

REASON = {"code": "too_few", "severity": "error", "text": "Class pin has 2 objects, needs 10.", "value": 2}


def test_the_overview_has_verdict_numbers_and_findings(run_folder):
    run(config(run_folder))
    text = (run_folder / "out" / "overview.md").read_text()
    assert text.startswith("# Held back\n")
    summary = json.loads((run_folder / "out" / "summary.json").read_text())
    assert f"| pin | 45.0 | {100 * summary['evaluation']['int8']['per_class']['pin']['AP50']:.1f} | 34.0 |" in text
    assert all(finding["claim"] in text for finding in summary["findings"])


def test_summary_of_a_whole_run(run_folder):
    result = run(config(run_folder))
    summary = json.loads((run_folder / "out" / "summary.json").read_text())
    assert result.artifacts["report"]["verdict"] == summary["verdict"] == "held_back"
    assert (summary["stock"], summary["steps"]) == (False, 100)
    assert summary["dataset"]["quarantined"] == {"images": {"truncated": 1}, "objects": {"zero_area": 1}}
    assert summary["dataset"]["digest"] == "0123456789abcdef"
    assert summary["unreachable"]["stock"] == {"cup": 0.0, "pin": 0.97}
    assert [(row["n"], row["used"]) for row in summary["coverage"]] == [(300, 0.036), (61, 0.0)]
    assert summary["evaluation"]["float"]["per_class"]["pin"] == {"AP": 0.34, "AP50": 0.45}
    assert summary["evaluation"]["int8"]["AP50"] == 0.69
    assert [f["id"] for f in summary["findings"]] == ["anchors_miss_pin", "few_pins"]
    assert len(summary["notices"]) == 2


def test_what_goes_wrong_is_on_the_page_and_in_the_summary(run_folder):
    run(config(run_folder))
    page = (run_folder / "out" / "report.html").read_text()
    for text in (
        "What goes wrong",
        "nothing there",
        "Labels to look at",
        "pin 0.70, nothing labelled",
        "out of the anchors",
    ):
        assert text in page
    trained = json.loads((run_folder / "out" / "summary.json").read_text())["evaluation"]["float"]
    assert trained["errors"]["Bkg"] == {"number": 1, "dAP": 0.08}
    assert (trained["suspected_labels"], trained["ece"]) == (1, 0.22)


def test_a_gain_that_was_not_measured_is_not_said_to_be_nothing(run_folder):
    file = run_folder / "float" / "errors.json"
    errors = json.loads(file.read_text())
    (errors["tide"][-1],) = [row | {"dAP": None} for row in errors["tide"] if row["type"] == "Miss"]
    file.write_text(json.dumps(errors))
    run(config(run_folder))
    assert '<td class="n">1</td><td class="n">not measured</td>' in (run_folder / "out" / "report.html").read_text()
    summary = json.loads((run_folder / "out" / "summary.json").read_text())
    assert summary["evaluation"]["float"]["errors"]["Miss"] == {"number": 1, "dAP": None}


def test_page_is_self_contained_and_says_what_matters(run_folder):
    run(config(run_folder))
    page = (run_folder / "out" / "report.html").read_text()
    fetched = re.findall(r"""(?:src|href)\s*=\s*["'](?!data:|#)([^"']+)|url\((?!#|data:)|<script|<link|@import""", page)
    assert fetched == []
    for text in ("Held back", "AP50 70.0", "pin is weakest with 45.0 over 2 objects", "pins are 12 px at 300 px"):
        assert text in page
    assert "STARTED FROM RANDOM WEIGHTS" in page and "Only 2 pins to learn from" in page
    assert "below" in page and "inside" in page and "2.jpg: 1 missed, 1 wrong" in page
    assert "edgetpu_compiler is not installed" in page


def test_refused_run_has_its_reasons_in_page_and_summary(run_folder):
    (run_folder / "anomalies" / "validation.json").write_text(json.dumps({"verdict": "not_ready", "reasons": [REASON]}))
    refused = Config(
        records=run_folder / "records",
        anomalies=run_folder / "anomalies",
        report=run_folder / "report.html",
        overview=run_folder / "overview.md",
        summary=run_folder / "summary.json",
    )
    run(refused)
    summary = json.loads((run_folder / "summary.json").read_text())
    assert summary["verdict"] == "not_ready" and summary["reasons"] == [REASON]
    assert summary["evaluation"] == {} and summary["stock"] is None
    assert REASON["text"] in (run_folder / "overview.md").read_text()
    assert REASON["text"] in (run_folder / "report.html").read_text()


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


@pytest.mark.parametrize("file", ["anomalies/validation.json", "float/metrics.json", "model/curves.svg"])
def test_a_file_that_is_not_there_is_named(run_folder, tmp_path, file):
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    (copy / file).unlink()
    with pytest.raises(UserError, match=f"{file}: No such file"):
        gather(config(copy))


@pytest.mark.parametrize("text", ['{"AP": ', "{}", "[]"])
@pytest.mark.parametrize("file", ["anomalies/validation.json", "float/metrics.json", "model/curves.svg"])
def test_a_damaged_file_is_named(run_folder, file, text):
    (run_folder / file).write_text(text)
    with pytest.raises(UserError, match=f"{file} is damaged: run the step that wrote it again"):
        gather(config(run_folder))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"evaluation_int8": "float"},
            "^--evaluation-int8 is an evaluation of the variant trained: give .* --variant int8$",
        ),
        (
            {"evaluation_int8": "elsewhere"},
            "float and .*elsewhere were measured on other images: run `boxwright evaluate` for both",
        ),
        ({"records": "fewer"}, "float was measured on 2 test images, .*fewer has 1: give the records"),
    ],
)
def test_evaluations_that_do_not_belong_together_are_no_report(run_folder, given, told):
    for folder, variant in (("float", "trained"), ("int8", "int8")):
        file = run_folder / folder / "metrics.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"variant": variant}))
    shutil.copytree(run_folder / "int8", run_folder / "elsewhere")
    (run_folder / "elsewhere/groundtruth.json").write_text('{"images": [], "annotations": [], "categories": []}')
    shutil.copytree(run_folder / "records", run_folder / "fewer")
    manifest = json.loads((run_folder / "records/dataset.json").read_text())
    manifest["splits"]["test"]["images"] = 1
    (run_folder / "fewer/dataset.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match=told):
        gather(replace(config(run_folder), **{name: run_folder / folder for name, folder in given.items()}))


@pytest.mark.parametrize("lacking", OF_TRAINING)
def test_a_part_of_a_training_is_no_report(run_folder, lacking):
    flag = lacking.replace("_", "-")
    with pytest.raises(UserError, match=rf"^report: --{flag} is missing: give all of --findings, .*; only data that"):
        run(replace(config(run_folder), **{lacking: ""}))
    assert not (run_folder / "out").exists()


def test_data_that_are_ready_and_no_training_are_no_report(run_folder):
    with pytest.raises(UserError, match=r"report: --findings, --recipe, .* are missing: give all of"):
        run(replace(config(run_folder), **dict.fromkeys(OF_TRAINING, "")))


def test_outputs_that_cannot_be_written(run_folder):
    (run_folder / "file").touch()
    with pytest.raises(UserError, match=r"file.* cannot be written: Not a directory"):
        run(replace(config(run_folder), report=run_folder / "file" / "report.html"))


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0109375, "0.01094"),
        (300, "300"),
        (("a", "b"), "a, b"),
        ([{"name": "head", "steps": 2}, {"name": "all", "steps": 18}], "name head, steps 2; name all, steps 18"),
        ({}, ""),
        (None, "None"),
    ],
)
def test_settings_as_a_person_writes_them(value, text):
    from boxwright.report.page import plain

    assert plain(value) == text


def test_coverage_by_class_and_size(run_folder):
    from boxwright.report.page import coverage

    rows = [
        (row["name"], row["size"], row["n"], row["stock"], row["used"])
        for row in coverage(gather(config(run_folder)).training.diagnosis)
    ]
    assert rows[1:] == [
        ("pin", "all sizes", 361, 0.97, 0.03),
        ("", "small (< 32 px)", 300, 1.0, 0.036),
        ("", "medium (32-96 px)", 61, 0.82, 0.0),
    ]


def test_predicted_beside_measured_of_a_class_of_any_name(run_folder):
    from boxwright.report.page import outcome

    made = gather(config(run_folder)).training
    named = {"all": 0.3, "pin": 0.7}
    prediction = made.diagnosis.prediction.model_copy(
        update={"ap50": named, "interval": dict.fromkeys(named, (0.2, 0.9))}
    )
    metrics = made.trained.metrics | {"AP50": 0.7, "per_class": {"all": {"AP50": 0.1}, "pin": {"AP50": 0.8}}}
    made = replace(
        made,
        diagnosis=made.diagnosis.model_copy(update={"prediction": prediction}),
        trained=replace(made.trained, metrics=metrics),
    )
    rows = [(row["name"], row["predicted"], row["measured"], row["where"]) for row in outcome(made)]
    assert rows == [("all classes", 0.8, 0.7, "inside"), ("all", 0.3, 0.1, "below"), ("pin", 0.7, 0.8, "inside")]


@pytest.mark.parametrize(
    ("measured", "where"), [(0.5, "inside"), (0.49, "below"), (0.91, "above"), (None, "not measured")]
)
def test_measured_against_predicted(measured, where):
    from boxwright.report.page import against

    assert against(measured, 0.5, 0.9) == where
