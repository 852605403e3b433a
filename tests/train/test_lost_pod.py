# environment: train
"""`--checkpoints`: a training that lost its pod resumes on another one, and gives the same model bit for bit."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from boxwright.core import recipe as recipes
from boxwright.core.runtime import digests

pytestmark = pytest.mark.slow

STORED = re.compile(r"train-[0-9a-f]{16}/([0-9]{8})/(boxwright-publication|digests)\.json")


class Pods:
    """Pods that train the same recipe, each with a folder and a cache of its own, and with the same `--checkpoints`."""

    def __init__(self, records: Path, folder: Path, checkpoints: str = ""):
        self.records, self.folder, self.checkpoints = records, folder, checkpoints
        self.count = 0

    def start(self) -> subprocess.Popen:
        self.count += 1
        pod = self.folder / f"pod{self.count}"
        pod.mkdir()
        command = [Path(sys.executable).with_name("boxwright"), "train", "--records", self.records, "--init", "none"]
        command += [
            "--recipe",
            self.folder / "recipe.yaml",
            "--model",
            pod / "model",
            "--checkpoints",
            self.checkpoints,
        ]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(command, **pipes, env={**os.environ, "BOXWRIGHT_CACHE": str(pod / "cache")})

    def finish(self) -> tuple[str, list[str]]:
        """Trains to the end. Returns the digest of the weights, and the notices."""
        pod = self.start()
        shown, _ = pod.communicate(timeout=300)
        assert pod.returncode == 0, shown
        model = self.folder / f"pod{self.count}" / "model"
        return digests.of_path(model / "checkpoint"), json.loads((model / "history.json").read_text())["notices"]


@pytest.fixture(scope="module")
def recipe(tiny_recipe):
    """80 steps in two stages, with a validation every 8."""
    stages = (
        recipes.Stage(name="head", trainable="head", steps=12),
        recipes.Stage(name="all", trainable="all", steps=68),
    )
    return tiny_recipe.model_copy(update={"stages": stages, "patience": 20})


@pytest.fixture(scope="module")
def undisturbed(recipe, tiny_records, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("undisturbed")
    recipes.write(recipe, folder / "recipe.yaml")
    weights, notices = Pods(tiny_records, folder).finish()
    assert len(notices) == 1  # from scratch
    return weights


@pytest.fixture(params=["gs", "s3", "folder"])
def place(request, tmp_path):
    """The value of `--checkpoints`, and a function that lists the names of all files there."""
    if request.param != "folder":
        bucket = request.getfixturevalue(f"{request.param}_bucket")
        return f"{request.param}://archive/ck", lambda: sorted(bucket.listed())
    folder = tmp_path / "volume"
    folder.mkdir()
    return str(folder), lambda: sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))


def stored(names) -> list[int]:
    return [int(found[1]) for name in names if (found := STORED.search(name))]


def lost(pods: Pods, listed, kind: signal.Signals) -> str:
    """Starts a pod that gets the signal as soon as it stores a checkpoint. Returns its output."""
    before = stored(listed())
    with pods.start() as pod:
        while pod.poll() is None and stored(listed()) == before:
            time.sleep(0.02)
        pod.send_signal(kind)
        shown, _ = pod.communicate(timeout=60)
    assert pod.returncode == (143 if kind == signal.SIGTERM else -kind), shown
    return shown


def test_a_lost_pod_resumes_on_another(place, undisturbed, recipe, tiny_records, tmp_path):
    """One pod is killed, which may be in the middle of an upload; the next one is told to end."""
    checkpoints, listed = place
    recipes.write(recipe, tmp_path / "recipe.yaml")
    pods = Pods(tiny_records, tmp_path, checkpoints)
    lost(pods, listed, signal.SIGKILL)
    shown = lost(pods, listed, signal.SIGTERM)
    step = max(stored(listed()))
    assert re.search(rf"step {step}: told to end; saved at step {step}$", shown, re.MULTILINE), shown
    weights, notices = pods.finish()
    assert notices[-1] == f"Resumed at step {step} after an interruption."
    assert weights == undisturbed
    assert stored(listed())[-1] == 80 and len(stored(listed())) == 2
    again, notices = pods.finish()
    assert again == weights and notices[-1].startswith("All steps were done before: the model is that of")
