# environment: data
"""The report step on a miniature run whose numbers are known, and on one that validation refused."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from reported import config

from boxwright.core.artifacts import validation
from boxwright.core.artifacts.metrics import ClassMetrics
from boxwright.core.artifacts.training import ClassScore
from boxwright.core.artifacts.validation import Validation
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError
from boxwright.report import artifacts, overview, page
from boxwright.report.artifacts import OF_TRAINING, Training
from boxwright.report.config import Config
from boxwright.report.step import run
from boxwright.report.summary import summarise
from boxwright.report.verdict import Verdict, judge

EMPTY = Finding(
    id="empty_split", subject="val", cause="split", severity="high", stops=True,
    title="The val split has no images", claim="val has no images, so nothing can be validated.",
)  # fmt: skip


def test_overview_has_verdict_numbers_and_findings(run_folder):
    run(config(run_folder))
    text = (run_folder / "out" / "overview.md").read_text()
    assert text.startswith("# Held back\n")
    summary = json.loads((run_folder / "out" / "summary.json").read_text())
    assert f"| pin | 45.0 | {100 * summary['evaluation']['int8']['per_class']['pin']['AP50']:.1f} | 34.0 |" in text
    assert all(one["claim"] in text for one in summary["findings"] if one["cause"] != "model_errors")


def test_class_name_is_not_taken_for_markup(finished_run):
    summary = read_summary(finished_run)
    numbers = summary.evaluation["float"].model_copy(
        update={"AP": 0.1, "AP50": 0.2, "per_class": {"<b>|": ClassScore(AP=0.1, AP50=0.2)}}
    )
    changed = {"evaluation": {"float": numbers, "int8": numbers}, "notices": ("class <i> is rare",)}
    text = overview.markdown(summary.model_copy(update=changed), Verdict(word="good", sentence="It is.", next_steps=()))
    assert "| &lt;b&gt;\\| | 20.0 | 20.0 | 10.0 | 10.0 |" in text and "- class &lt;i&gt; is rare" in text


def training_of(folder) -> Training:
    made = artifacts.read(config(folder)).training
    assert made
    return made


def read_summary(folder):
    """The summary of the run in a folder."""
    found = artifacts.read(config(folder))
    return summarise(found, judge(found))


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
    assert [f["id"] for f in summary["findings"]] == [
        *("anchors_miss_pin", "few_pins"), *("missed_out_of_reach", "missed_out_of_reach", "suspected_labels"),
    ]  # fmt: skip
    assert {f["severity"] for f in summary["findings"][2:]} == {"info"}
    assert len(summary["notices"]) == 2


def test_errors_are_on_the_page_and_in_the_summary(run_folder):
    run(config(run_folder))
    html = (run_folder / "out" / "report.html").read_text()
    for text in (
        "Errors of the detector",
        "nothing there",
        "Labels to check",
        "detected pin (0.70), nothing is labelled",
        "no anchor reaches 1 of the 1 missed objects",
    ):
        assert text in html
    trained = json.loads((run_folder / "out" / "summary.json").read_text())["evaluation"]["float"]
    assert trained["errors"]["Bkg"] == {"number": 1, "dAP": 0.08}
    assert (trained["suspected_labels"], trained["ece"]) == (1, 0.22)


def test_gain_that_was_not_measured_is_not_zero(run_folder):
    file = run_folder / "float" / "errors.json"
    errors = json.loads(file.read_text())
    (errors["tide"][-1],) = [row | {"dAP": None} for row in errors["tide"] if row["type"] == "Miss"]
    file.write_text(json.dumps(errors))
    run(config(run_folder))
    assert '<td class="n">1</td><td class="n">not measured</td>' in (run_folder / "out" / "report.html").read_text()
    summary = json.loads((run_folder / "out" / "summary.json").read_text())
    assert summary["evaluation"]["float"]["errors"]["Miss"] == {"number": 1, "dAP": None}


def test_page_is_self_contained(run_folder):
    run(config(run_folder))
    html = (run_folder / "out" / "report.html").read_text()
    fetched = re.findall(r"""(?:src|href)\s*=\s*["'](?!data:|#)([^"']+)|url\((?!#|data:)|<script|<link|@import""", html)
    assert fetched == []
    for text in (
        "Held back",
        "AP50 is 70.0",
        "the weakest class is pin with 45.0 (2 objects)",
        "pins are 12 px at 300 px",
    ):
        assert text in html
    assert "STARTED FROM RANDOM WEIGHTS" in html and "Only 2 pins to learn from" in html
    assert "below" in html and "inside" in html and "2.jpg: 1 missed, 1 wrong" in html
    assert "edgetpu_compiler is not installed" in html


def test_refused_run_shows_its_reasons(run_folder):
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
def test_missing_file_is_named(run_folder, tmp_path, file):
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    (copy / file).unlink()
    with pytest.raises(UserError, match=f"{file}: [Nn]o such file"):
        artifacts.read(config(copy))


@pytest.mark.parametrize("text", ['{"AP": ', "{}", "[]"])
@pytest.mark.parametrize("file", ["anomalies/validation.json", "float/metrics.json", "model/curves.svg"])
def test_damaged_file_is_named(run_folder, file, text):
    (run_folder / file).write_text(text)
    with pytest.raises(UserError, match=f"{file} is (damaged|not as this version writes it)"):
        artifacts.read(config(run_folder))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"evaluation_int8": "float"},
            "^--evaluation-int8 is an evaluation of --variant trained; give .* --variant int8$",
        ),
        (
            {"evaluation_int8": "elsewhere"},
            "float and .*elsewhere were measured on different images: run `boxwright evaluate` for both",
        ),
        ({"records": "fewer"}, "float was measured on 2 test images, .*fewer has 1: give the records"),
    ],
)
def test_evaluations_of_different_images_are_refused(run_folder, given, told):
    shutil.copytree(run_folder / "int8", run_folder / "elsewhere")
    (run_folder / "elsewhere/groundtruth.json").write_text('{"images": [], "annotations": [], "categories": []}')
    shutil.copytree(run_folder / "records", run_folder / "fewer")
    manifest = json.loads((run_folder / "records/dataset.json").read_text())
    manifest["splits"]["test"]["images"] = 1
    (run_folder / "fewer/dataset.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match=told):
        artifacts.read(replace(config(run_folder), **{name: run_folder / folder for name, folder in given.items()}))


@pytest.mark.parametrize("lacking", OF_TRAINING)
def test_part_of_a_training_is_refused(run_folder, lacking):
    flag = lacking.replace("_", "-")
    with pytest.raises(
        UserError,
        match=rf"^--{flag} is missing: give all of --findings, .*\. Leave all of them out only for data that",
    ):
        run(replace(config(run_folder), **{lacking: ""}))
    assert not (run_folder / "out").exists()


def test_ready_data_without_a_training_is_refused(run_folder):
    with pytest.raises(UserError, match=r"^--findings, --recipe, .* are missing: give all of"):
        run(replace(config(run_folder), **dict.fromkeys(OF_TRAINING, "")))


def test_output_that_cannot_be_written(run_folder):
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
    assert page.plain(value) == text


def test_coverage_by_class_and_size(finished_run):
    made = training_of(finished_run)
    rows = [(row.class_name, row.size, row.n, row.stock, row.used) for row in page.coverage(made.diagnosis)]
    assert rows[1:] == [
        ("pin", "all sizes", 361, 0.97, 0.03),
        ("", "small (< 32 px)", 300, 1.0, 0.036),
        ("", "medium (32-96 px)", 61, 0.82, 0.0),
    ]


def test_prediction_beside_measurement_of_any_class(finished_run):
    """A class may be called `all`."""
    made = training_of(finished_run)
    named = {"all": 0.3, "pin": 0.7}
    assert made.diagnosis.prediction
    prediction = made.diagnosis.prediction.model_copy(
        update={"ap50": named, "interval": dict.fromkeys(named, (0.2, 0.9))}
    )
    per_class = {name: ClassMetrics(AP=0.1, AP50=value, objects=2) for name, value in (("all", 0.1), ("pin", 0.8))}
    metrics = made.trained.metrics.model_copy(update={"AP50": 0.7, "per_class": per_class})
    made = replace(
        made,
        diagnosis=made.diagnosis.model_copy(update={"prediction": prediction}),
        trained=replace(made.trained, metrics=metrics),
    )
    rows = [(row.name, row.predicted, row.measured, row.where) for row in page.predictions(made)]
    assert rows == [("all classes", 0.8, 0.7, "inside"), ("all", 0.3, 0.1, "below"), ("pin", 0.7, 0.8, "inside")]


@pytest.mark.parametrize(
    ("measured", "where"), [(0.5, "inside"), (0.49, "below"), (0.91, "above"), (None, "not measured")]
)
def test_measured_against_predicted(measured, where):
    assert page.against(measured, 0.5, 0.9) == where


def test_notice_that_validate_judges_itself_is_left_out(run_folder):
    absent = {"id": "class_absent", "cause": "split", "severity": "info", "title": "t", "claim": "class cup is absent"}
    manifest = json.loads((run_folder / "records/dataset.json").read_text())
    manifest["notices"].append(absent)
    (run_folder / "records/dataset.json").write_text(json.dumps(manifest))
    notices = artifacts.read(config(run_folder)).notices
    assert "Class mug has no object." in notices and absent["claim"] not in notices


@pytest.mark.parametrize(
    ("file", "edit", "said"),
    [
        ("int8/metrics.json", lambda it: it["per_class"].pop("pin"), "have different classes"),
        ("findings.json", lambda it: it["unreachable"]["used"].pop("pin"), "different classes for the stock anchors"),
        ("findings.json", lambda it: it["unreachable"].pop("used"), "different classes for the stock anchors"),
        ("findings.json", lambda it: it["prediction"]["interval"].pop("pin"), "predicts classes without an interval"),
        ("float/detections.json", lambda it: it[0].update(image_id=7), "boxes of images that groundtruth"),
        ("float/detections.json", lambda it: it[0].update(category_id=7), "boxes of classes that groundtruth"),
        (
            "float/detections.json",
            lambda it: it[0]["bbox"].append(it[0]["bbox"].pop() * 1e20),
            r"boxes with numbers beyond",
        ),
        (
            "float/errors.json",
            lambda it: it["suspects"]["worst"][0]["bbox"].__setitem__(0, -1e20),
            r"boxes with numbers beyond",
        ),
        ("float/detections.json", lambda it: it[0]["bbox"].pop(), r"boxes that are not \[x, y"),
        ("float/errors.json", lambda it: it["suspects"]["worst"][0].update(image_id=7), "suspected labels of images"),
    ],
)
def test_files_that_do_not_fit_each_other(run_folder, file, edit, said):
    content = json.loads((run_folder / file).read_text())
    edit(content)
    (run_folder / file).write_text(json.dumps(content))
    with pytest.raises(UserError, match=said):
        artifacts.read(config(run_folder))
