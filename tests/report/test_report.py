# environment: data
"""The report step on a miniature run whose numbers are known, and on one that validation refused."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from reported import config

from boxwright.core.artifacts import validation
from boxwright.core.artifacts.validation import Validation
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError
from boxwright.report import overview
from boxwright.report.artifacts import OF_TRAINING, gather
from boxwright.report.step import Config, run
from boxwright.report.verdict import Verdict

EMPTY = Finding(
    id="empty_split", subject="val", cause="split", severity="high", stops=True,
    title="The val split has no images", claim="val has no images, so nothing can be validated.",
)  # fmt: skip


def test_the_overview_has_verdict_numbers_and_findings(run_folder):
    run(config(run_folder))
    text = (run_folder / "out" / "overview.md").read_text()
    assert text.startswith("# Held back\n")
    summary = json.loads((run_folder / "out" / "summary.json").read_text())
    assert f"| pin | 45.0 | {100 * summary['evaluation']['int8']['per_class']['pin']['AP50']:.1f} | 34.0 |" in text
    assert all(finding["claim"] in text for finding in summary["findings"])


def test_no_name_is_taken_for_markup():
    numbers = {"split": "val", "images": 1, "AP": 0.1, "AP50": 0.2, "per_class": {"<b>|": {"AP": 0.1, "AP50": 0.2}}}
    summary = {"evaluation": {"float": numbers, "int8": numbers}, "findings": [], "notices": ["class <i> is rare"]}
    text = overview.markdown(summary, Verdict(word="good", sentence="It is.", next_steps=()))
    assert "| &lt;b>\\| | 20.0 | 20.0 | 10.0 | 10.0 |" in text and "- class &lt;i> is rare" in text


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
    judged = Validation(verdict="not_ready", findings=(EMPTY,))
    validation.write(run_folder / "anomalies" / validation.FILE, judged)
    refused = Config(
        records=run_folder / "records",
        anomalies=run_folder / "anomalies",
        report=run_folder / "report.html",
        overview=run_folder / "overview.md",
        summary=run_folder / "summary.json",
    )
    run(refused)
    summary = json.loads((run_folder / "summary.json").read_text())
    assert summary["verdict"] == "not_ready" and summary["reasons"] == [EMPTY.model_dump(mode="json")]
    assert summary["evaluation"] == {} and summary["stock"] is None
    assert EMPTY.claim in (run_folder / "overview.md").read_text()
    assert EMPTY.claim in (run_folder / "report.html").read_text()


@pytest.mark.parametrize("file", ["anomalies/validation.json", "float/metrics.json", "model/curves.svg"])
def test_a_file_that_is_not_there_is_named(run_folder, tmp_path, file):
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    (copy / file).unlink()
    with pytest.raises(UserError, match=f"{file}: [Nn]o such file"):
        gather(config(copy))


@pytest.mark.parametrize("text", ['{"AP": ', "{}", "[]"])
@pytest.mark.parametrize("file", ["anomalies/validation.json", "float/metrics.json", "model/curves.svg"])
def test_a_damaged_file_is_named(run_folder, file, text):
    (run_folder / file).write_text(text)
    with pytest.raises(UserError, match=f"{file} is (damaged|not as this version writes it)"):
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
