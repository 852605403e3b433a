# environment: authoring
"""`boxwright diagnose --data`: how it differs from the step, what it prints, and what it rejects."""

import io
from pathlib import Path
from typing import Any

import pytest
from local_runs import with_defaults
from rich.console import Console
from summaries import summary

from boxwright import cli, graphs
from boxwright.core import recipe
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import Evidence, Finding
from boxwright.core.runtime.errors import UserError
from boxwright.local import diagnose as diagnose_here
from boxwright.local import run
from boxwright.local.arguments import Run

FINDING = Finding(
    id="anchors_unreachable",
    subject="cat",
    cause="recipe",
    severity="high",
    title="The anchors do not reach the cats",
    claim="No stock anchor reaches 96.7% of the 209 training cat. At 300 px their median size is 21 px.",
    evidence=(Evidence(metric="unreachable", value=0.967, n=209, where="tables"),),
    remedy="Train on the stride-8 grid.",
    expected_effect="about +31 points of AP50",
    confidence="medium",
)
STOCK = recipe.stock("ssd_mobilenet_v1_ppn", ["cat"], steps=600)
CHANGE = recipe.Change(field="grid", before="stride16", after="stride8", findings=(FINDING.key,), reason="small cats")
PLANNED = STOCK.model_copy(update={"stock": False, "grid": "stride8", "changes": (CHANGE,)})


@pytest.mark.parametrize(
    ("argv", "step"),
    [
        (["--data", "d", "--out", "o"], False),
        (["--data=d"], False),
        (["--records", "r", "--tables", "t"], True),
        (["--records", "my--data", "--tables=--data"], True),
        ([], True),
        (["--help"], False),
        (["--records", "r", "--given", "c"], True),
        (["--data", "d", "--given", "c"], False),
    ],
)
def test_data_tells_the_graph_from_the_step(argv, step):
    assert cli.is_one_step(argv) == step


def config(folder: Path, **changes: Any) -> Run:
    (folder / "data").mkdir(exist_ok=True)
    given: dict[str, Any] = {"data": str(folder / "data"), "out": str(folder / "out")}
    return with_defaults("diagnose", **given | changes)


def test_arguments_and_defaults_are_the_graphs(tmp_path):
    inputs, given = graphs.load("diagnose").component_spec.inputs, config(tmp_path)
    arguments = run.graph_arguments(given)
    assert set(arguments) == set(inputs)
    for name in set(inputs) - {"data", "fingerprint"}:
        assert inputs[name].default == arguments[name], name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": "/no/such/folder"}, "--data /no/such/folder: this path does not exist"),
        ({"batch_size": 0}, "--batch-size 0: expected 1 or more"),
        ({"model": "yolo"}, "--model yolo: expected one of"),
    ],
)
def test_rejects_wrong_flags_before_the_first_step(tmp_path, monkeypatch, capsys, changes, message):
    (tmp_path / "data").mkdir()
    flags = {"data": str(tmp_path / "data"), "out": str(tmp_path / "out")} | changes
    argv = [text for name, value in flags.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    monkeypatch.setattr("sys.argv", ["boxwright", "diagnose", *argv])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2 and message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def shown(findings, planned, tmp_path) -> str:
    text = io.StringIO()
    diagnosis = Diagnosis(findings=findings, unreachable={"stock": {}, "used": {}})
    diagnose_here.print_diagnosis(
        diagnosis, planned, recipe.stock_for(planned), tmp_path, Console(file=text, width=120)
    )
    return text.getvalue()


def test_prints_findings_and_changes(tmp_path):
    yours = FINDING.model_copy(update={"id": "few_images", "severity": "medium", "remedy": "Add pictures [of cats]."})
    text = shown((FINDING, yours), PLANNED, tmp_path)
    assert "The anchors do not reach the cats" in text and "median size" not in text
    assert "The recipe does it: Train on the stride-8 grid." in text
    assert "Add pictures [of cats]." in text and "The recipe does it: Add" not in text
    assert "grid becomes finer: the first feature map has 38 x 38 cells" in " ".join(text.split())
    assert str(tmp_path / "diagnosis.html") in text and str(tmp_path / "recipe.yaml") in text


def test_a_command_stands_in_one_line(tmp_path):
    """Wherever it stands in the remedy."""
    command = (
        "boxwright convert --data DATA --group '([^/ _.-]+[ _.-][^/ _.-]+)[ _.-][^/]*$' --missing quarantine --seed 2"
    )
    for remedy in (f"Split again. `{command}`", f"Run `{command}`. Then look at it."):
        text = shown((FINDING.model_copy(update={"remedy": remedy}),), STOCK, tmp_path)
        assert f"1. {command}" in text.splitlines() and "See the command below." in text


def test_compares_the_plan_with_the_given_training(tmp_path):
    recipe.write(PLANNED, tmp_path / "mine.yaml")
    given = config(tmp_path, given=str(tmp_path / "mine.yaml"))
    assert diagnose_here.diagnosed_recipe(given, PLANNED) == PLANNED
    assert diagnose_here.diagnosed_recipe(config(tmp_path), PLANNED) == recipe.stock_for(PLANNED)
    assert list(diagnose_here.changes(PLANNED, PLANNED)) == ["Nothing: no finding asks for a change of the recipe."]


def test_prints_three_causes_and_the_titles_of_the_others(tmp_path):
    others = [
        FINDING.model_copy(update={"id": f"cause_{c}", "severity": "medium", "title": f"Cause {c}"}) for c in "abcd"
    ]
    text = shown((FINDING, *others), PLANNED, tmp_path)
    assert "Also found: 2 medium" in text and "- Cause d" in text
    assert text.count("Train on the stride-8 grid.") == 3
    assert "anchors_unreachable" not in text and "cause_a" not in text


def test_prints_that_nothing_was_found(tmp_path):
    text = shown((), STOCK, tmp_path)
    assert "Nothing was found" in text and "Nothing: no finding asks for a change" in text


def test_prints_what_stops_training_first(tmp_path):
    missing = FINDING.model_copy(update={"id": "class_missing", "stops": True, "title": "owl has no object in train"})
    text = shown((missing, FINDING), PLANNED, tmp_path)
    assert "stops training" in text and "`boxwright run` does not start a training before that is done." in text
    assert "The anchors do not reach the cats" in text


def test_data_that_is_not_ready_raises_its_reasons():
    empty = Finding(id="no_images", cause="split", severity="high", stops=True, title="t", claim="val has no images")
    dark = Finding(id="dark", cause="split", severity="medium", title="t", claim="dark")
    with pytest.raises(UserError, match=r"nothing was diagnosed, because the data is not ready: val has no images$"):
        run.refuse_not_ready(summary(verdict="not_ready", reasons=(empty, dark)), "nothing was diagnosed")
    run.refuse_not_ready(summary(reasons=(dark,)), "nothing was diagnosed")


def test_a_failed_diagnosis_leaves_no_earlier_result(tmp_path):
    (tmp_path / "out").mkdir()
    for name in ("diagnosis.html", "recipe.yaml", "mine.txt"):
        (tmp_path / "out" / name).write_text("of the diagnosis before")
    with pytest.raises(UserError):  # the data folder is empty
        diagnose_here.diagnose(config(tmp_path), tmp_path / "out")
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert "mine.txt" in left and not {"diagnosis.html", "recipe.yaml"} & left


def test_compare_of_two_recipes(tmp_path, monkeypatch, capsys):
    recipe.write(STOCK, tmp_path / "a.yaml")
    recipe.write(PLANNED, tmp_path / "b.yaml")
    monkeypatch.setattr("sys.argv", ["boxwright", "compare", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")])
    cli.main()
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("grid: The grid becomes finer") and said.endswith("why: small cats")


def test_a_pipeline_config_is_compared_by_the_recorded_changes(tmp_path):
    """This environment cannot read it: it has no numpy."""
    (tmp_path / "pipeline.config").touch()
    given = config(tmp_path, given=str(tmp_path / "pipeline.config"))
    assert diagnose_here.diagnosed_recipe(given, PLANNED) is None
    assert list(diagnose_here.changes(None, PLANNED)) == ["Grid changes from stride16 to stride8."]
