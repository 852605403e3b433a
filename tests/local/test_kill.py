# environment: authoring
"""The runner or the step is killed at a random moment. The next run in the folder gives the same result."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from boxwright.core.runtime import digests, environments

pytestmark = pytest.mark.slow

# The first checkpoint is written after 50 steps.
FLAGS = ["--init", "none", "--steps", "60", "--batch-size", "2"]
KILLS = int(os.environ.get("BOXWRIGHT_KILLS", 1))
# These artifacts describe the course of a run: how long it trained, and that it was resumed.
COURSE = {"train.model", "report.report", "report.summary", "report.overview", "run-status.page", "run-status.status"}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("kill") / "data"
    python = environments.home() / "data" / "bin" / "python"
    command = [python, "-P", "-m", "boxwright.demo.generator", "--out", folder, "--images", "24", "--seed", "0"]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture(scope="module")
def whole(data) -> tuple[dict, float]:
    """The artifacts of an undisturbed run, and its seconds."""
    started = time.monotonic()
    done = subprocess.run(command(data, data.with_name("whole")), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return made(data.with_name("whole")), time.monotonic() - started


def command(data: Path, out: Path) -> list[str]:
    return [str(Path(sys.prefix) / "bin" / "boxwright"), "run", "--data", str(data), "--out", str(out), *FLAGS]


def made(out: Path) -> dict[str, str]:
    """Digests of the artifacts, apart from those in COURSE, and of the files of the weights."""
    artifacts = json.loads((out / "summary.json").read_text())["artifacts"]
    weights = out / artifacts["train.model"]["path"] / "checkpoint"
    assert any(weights.iterdir())
    found = {name: artifact["digest"] for name, artifact in artifacts.items() if name not in COURSE}
    return found | {f"weights {file.name}": digests.of_file(file) for file in sorted(weights.iterdir())}


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_run_gives_the_same_result(data, whole, seed):
    expected, seconds = whole
    dice = random.Random(seed)
    moment, victim = dice.uniform(0.02, 0.9) * seconds, dice.choice(("runner", "step"))
    out = data.with_name(f"killed-{seed}")
    log = out.with_suffix(".txt")
    with log.open("w") as file, subprocess.Popen(command(data, out), stdout=file, stderr=file) as run:
        late = time.monotonic() + moment
        # This run may be faster than the first. It is killed during report at the latest.
        while time.monotonic() < late and "▶ report" not in log.read_text():
            time.sleep(0.1)
        at_work = children(run.pid)
        killed = at_work[0] if victim == "step" and at_work else run.pid
        os.kill(killed, signal.SIGKILL)
    shown = log.read_text()
    print(f"killed the {victim} after {moment:.0f} of {seconds:.0f} s, in {shown.rpartition('▶')[2].strip()[:40]}")
    assert run.returncode in (1, -signal.SIGKILL), shown
    again = subprocess.run(command(data, out), capture_output=True, text=True)
    assert again.returncode == 0, again.stdout + again.stderr
    assert made(out) == expected


def children(pid: int) -> list[int]:
    """Child processes, read from Linux' /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found
