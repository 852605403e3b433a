# environment: authoring
"""The answers: findings and numbers from the files, the frame of the page, the tables, and the next command."""

import html
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

import boxwright
from boxwright.api import answers
from boxwright.core import findings
from boxwright.core.artifacts import diagnosis
from boxwright.core.artifacts.diagnosis import Prediction
from boxwright.core.findings import Evidence

TITLE = "<title>The anchors miss &lt;cats&gt; \N{EN DASH} Boxwright diagnosis</title>"
PAGE = f"<!doctype html><html><head>{TITLE}<style>p {{ color: red }}</style>"
ANCHORS = findings.Finding(
    id="anchors_unreachable",
    cause="recipe",
    severity="high",
    title="The anchors do not reach the cats",
    claim="No anchor reaches 96.7% of the 209 cats.",
    evidence=(Evidence(metric="unreachable", subject="cat", value=0.967, n=209, interval=(0.9, 1.0), where="tables"),),
    items=("cat", ("a.jpg", "b.jpg")),
    remedy="Train on the stride-8 grid.",
    effect_points=31.0,
)


@pytest.fixture
def out(tmp_path) -> Path:
    (tmp_path / "diagnosis.html").write_text(PAGE, encoding="utf-8")
    predicted = Prediction(
        ap50={"cat": 0.5}, interval={"cat": (0.4, 0.6)}, mean=0.5, mean_interval=(0.4, 0.6), basis="9 runs"
    )
    diagnosis.write(
        tmp_path / "findings.json",
        diagnosis.Diagnosis(findings=(ANCHORS,), unreachable={"stock": {}, "used": {}}, prediction=predicted),
    )
    return tmp_path


def test_findings_are_those_of_the_file(out):
    found = answers.diagnosis(out, "images", [], [])
    (one,) = found.findings
    assert json.loads(ANCHORS.model_dump_json()) == json.loads(json.dumps(one, default=vars))
    assert one.evidence[0].interval == (0.9, 1.0) and one.items[1] == ("a.jpg", "b.jpg")
    assert found.prediction and found.prediction.interval["cat"] == (0.4, 0.6)
    assert found.title == "The anchors miss <cats>"


def test_page_is_in_a_frame_of_its_own(out):
    shown = answers.diagnosis(out, "images", [], ["few <images>"])._repr_html_()
    (page,) = re.findall(r'srcdoc="([^"]*)"', shown)
    assert html.unescape(page) == PAGE and "<style>" not in shown
    assert shown.startswith("<p><b>Warning:</b> few &lt;images&gt;</p><iframe sandbox ")


def test_repr_tells_findings_page_recipe_and_next(out):
    told = repr(answers.diagnosis(out, "my images", [], ["few images"])).splitlines()
    assert told == [
        "The anchors miss <cats>.",
        "1. [high] The anchors do not reach the cats",
        "warning: few images",
        f"page: {out / 'diagnosis.html'}",
        f"recipe: {out / 'recipe.yaml'}",
        "next: boxwright run --data 'my images' --out runs/first",
    ]


def finding(**changes: Any) -> boxwright.Finding:
    given: dict[str, Any] = {"id": "a", "cause": "recipe", "severity": "high", "title": "A", "claim": "a"} | changes
    return boxwright.Finding(**given)


COMMAND = "Say it: `boxwright convert --data DATA --boxes-as xyxy`."


@pytest.mark.parametrize(
    ("found", "command"),
    [
        ([], "boxwright run --data d --fix=drop --out runs/first"),
        ([finding(remedy=COMMAND)], "boxwright run --data d --fix=drop --out runs/first"),
        ([finding(cause="data_quality", remedy=COMMAND)], "boxwright diagnose --data d --fix=drop --boxes-as xyxy"),
        ([finding(), finding(cause="split", remedy=COMMAND)], "boxwright diagnose --data d --fix=drop --boxes-as xyxy"),
        (
            [finding(cause="split", severity="low", remedy=COMMAND)],
            "boxwright run --data d --fix=drop --out runs/first",
        ),
        ([finding(cause="split", remedy=COMMAND, accepted="ok")], "boxwright run --data d --fix=drop --out runs/first"),
        ([finding(cause="split", severity="low", stops=True, remedy="Add labels.")], ""),
    ],
)
def test_next_command(found, command):
    assert answers.next_command(found, "d", ["--fix=drop"]) == command


def test_table_without_pandas_says_what_to_install(out):
    assert importlib.util.find_spec("pandas") is None  # as in a Python of a user
    with pytest.raises(boxwright.Error, match=r"^pandas is not installed in this Python: .* `pip install pandas`$"):
        answers.diagnosis(out, "images", [], []).findings_table()


def test_folder_that_is_no_run_is_told(tmp_path):
    with pytest.raises(boxwright.Error, match="is not the folder of a run, so it has no images"):
        boxwright.evaluate(tmp_path)
    with pytest.raises(boxwright.Error, match=r"lineage\.json cannot be read"):
        answers.artifact(tmp_path, "train", "model")


@pytest.mark.parametrize(
    ("objects", "split"), [((9, 4, 5), "test"), ((9, 4, 0), "val"), ((9, 0, 0), "train"), ((0, 0, 0), "test")]
)
def test_split_to_measure_other_images_on(tmp_path, objects, split):
    splits = dict(zip(("train", "val", "test"), ({"objects": n} for n in objects), strict=True))
    (tmp_path / "dataset.json").write_text(json.dumps({"splits": splits}))
    assert answers.measured_split(tmp_path) == split


@pytest.mark.parametrize("call", [boxwright.diagnose, boxwright.run, boxwright.validate])
def test_bucket_is_refused_before_anything_runs(call):
    with pytest.raises(boxwright.Error, match=r"^gs://bucket/out is not a folder of this machine; give one"):
        call("data", out="gs://bucket/out")
