# environment: authoring
"""The whole pipeline with every real step: killed in training, resumed, and run once more."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from boxwright.core.runtime import environments
from boxwright.lineage import records

STEPS = ["convert", "validate", "diagnose", "augment", "train", "export"]
IMAGES = 24
# The first checkpoint is written after 50 steps. A training that is killed there has 20 left.
SAVED, ALL = 50, 70

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Holds data/, a small generated data set, and run/, a run that was killed in training after its first checkpoint."""
    folder = tmp_path_factory.mktemp("end")
    python = environments.home() / "data" / "bin" / "python"
    flags = ["--out", folder / "data", "--images", str(IMAGES), "--seed", "0"]
    subprocess.run([python, "-P", "-m", "boxwright.demo.generator", *flags], check=True)
    shown = folder / "shown.txt"
    with shown.open("w") as file, subprocess.Popen(command(folder), stdout=file, stderr=file) as run:
        while run.poll() is None and not list(folder.glob("run/resume/train-*/last/checkpoint")):
            time.sleep(0.05)
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL, shown.read_text()
    assert [name for name in STEPS if f"✔ {name} " in shown.read_text()] == STEPS[:4]
    return folder


def command(folder: Path) -> list[str]:
    script = Path(sys.prefix) / "bin" / "boxwright"
    flags = ["--init", "none", "--steps", str(ALL), "--batch-size", "2"]
    return [str(script), "run", "--data", str(folder / "data"), "--out", str(folder / "run"), *flags]


@pytest.fixture(scope="module")
def resumed(folder) -> subprocess.CompletedProcess:
    return subprocess.run(command(folder), capture_output=True, text=True)


@pytest.fixture(scope="module")
def summary(folder, resumed) -> dict:
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    return json.loads((folder / "run" / "summary.json").read_text())


def test_a_killed_run_keeps_finished_steps(resumed, summary):
    kept = [name for name in STEPS if f"✔ {name:<16} kept" in resumed.stdout]
    assert kept == STEPS[:4]


def test_a_killed_training_resumes(folder, summary):
    model = folder / "run" / summary["artifacts"]["train.model"]["path"]
    history = json.loads((model / "history.json").read_text())
    assert f"Resumed at step {SAVED} after an interruption." in history["notices"]
    assert [entry["step"] for entry in history["steps"]] == [1, *range(10, ALL + 1, 10)]
    assert [entry["step"] for entry in history["evaluations"]] == [SAVED, ALL]


def test_summary(summary):
    assert summary["verdict"] in ("good", "held_back", "poor")
    assert (summary["stock"], summary["steps"]) == (False, ALL)
    splits = summary["dataset"]["splits"]
    quarantined = sum(summary["dataset"]["quarantined"]["images"].values())
    assert sum(split["images"] for split in splits.values()) + quarantined == IMAGES
    classes = set(splits["train"]["per_class"])
    assert len(classes) == 3
    for which in ("stock", "used"):
        assert set(summary["unreachable"][which]) == classes
    for which in ("float", "int8"):
        assert set(summary["evaluation"][which]) >= {"AP", "AP50", "AR100", "per_class"}
        assert set(summary["evaluation"][which]["per_class"]) == classes
    assert {"id", "cause", "severity", "claim", "evidence"} <= set(summary["findings"][0])
    assert set(summary["seconds"]) == {*STEPS, "evaluate trained", "evaluate int8", "edgetpu", "report", "run-status"}


def test_artifacts_are_where_the_summary_says(folder, summary):
    assert {"convert.records", "train.model", "export.tflite", "evaluate int8.evaluation"} <= set(summary["artifacts"])
    for name, artifact in summary["artifacts"].items():
        assert not os.path.isabs(artifact["path"]) and (folder / "run" / artifact["path"]).exists(), name
        assert artifact["digest"], name


def test_training_from_scratch_is_reported(folder, summary):
    assert "scratch" in " ".join(summary["notices"]).lower()
    assert "scratch" in (folder / "run" / "report.html").read_text().lower()


def test_lineage_links_the_report_to_the_data(folder, summary):
    tasks = {task.name: task for task in records.read(folder / "run")}
    made_by = {artifact.path: task.name for task in tasks.values() for artifact in task.outputs.values()}
    todo, seen = ["report"], set()
    while todo:
        name = todo.pop()
        seen.add(name)
        todo += [made_by[path] for path in tasks[name].inputs.values() if made_by[path] not in seen]
    assert seen == set(tasks) - {"run-status"}, "run-status takes no artifact"


def test_a_third_run_repeats_nothing(folder, summary):
    again = subprocess.run(command(folder), capture_output=True, text=True)
    started = [line.split()[1] for line in again.stdout.splitlines() if line.startswith("▶")]
    assert again.returncode == 0 and started == ["run-status"], "every run has its own status"
    after = json.loads((folder / "run" / "summary.json").read_text())
    assert after["evaluation"] == summary["evaluation"] and made(after) == made(summary)


def made(summary: dict) -> dict:
    return {name: artifact for name, artifact in summary["artifacts"].items() if not name.startswith("run-status.")}
