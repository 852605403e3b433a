# environment: train
"""`boxwright train --model gs://…`: a killed training resumes when the same command runs again."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from boxwright.core import recipe
from boxwright.core.storage import fetch

pytestmark = pytest.mark.slow


def test_killed_training_resumes_for_the_same_uri(bucket, tiny_records, tiny_recipe, tmp_path):
    recipe.write(tiny_recipe, tmp_path / "recipe.yaml")
    command = [Path(sys.executable).with_name("boxwright"), "train", "--records", tiny_records, "--init", "none"]
    command += ["--recipe", tmp_path / "recipe.yaml", "--model", "gs://archive/model"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as training:
        while training.poll() is None and not list(tmp_path.glob("cache/outputs/*/model.workspace/*/last/checkpoint")):
            time.sleep(0.05)
        training.kill()
    assert training.returncode == -9 and bucket.listed() == {}
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    history = json.loads((fetch.file("gs://archive/model") / "history.json").read_text())
    assert any(notice.startswith("Resumed at step ") for notice in history["notices"]), history["notices"]
    assert list((tmp_path / "cache" / "outputs").iterdir()) == []
