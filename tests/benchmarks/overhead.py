# environment: .venv
"""Seconds that the pipeline adds to a step: the graph `diagnose` with kfp.local on the host against the same commands by
hand.

The data is small, so that the measurement covers starting, passing and recording. The first round has cold files and does
not count. Of the others, the smallest time counts, because other work on the machine can only add time.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from boxwright import graphs
from boxwright.core.runtime import environments
from boxwright.local import kfp_local

SEED = 0
FLAGS = ["--steps", "60", "--batch-size", "2", "--init", "none"]
STATUS = {"state": "SUCCEEDED", "pipelineJobResourceName": "", "error": {}}
COMMANDS = (
    ["convert", "--data", "data"],
    ["validate", "--records", "records", "--tables", "tables"],
    ["diagnose", "--records", "records", "--tables", "tables", "--anomalies", "anomalies", *FLAGS],
    ["augment", "--records", "records", "--recipe", "recipe.yaml", "--findings", "findings.json"],
    ["run_status", "--final", json.dumps(STATUS)],
)


def by_hand(folder: Path, out: Path) -> float:
    out.mkdir()
    (out / "data").symlink_to(folder / "data")
    script = Path(sys.prefix) / "bin" / "boxwright"
    started = time.monotonic()
    for command in COMMANDS:
        subprocess.run([script, *command], cwd=out, check=True, capture_output=True)
    return time.monotonic() - started


def as_pipeline(folder: Path, out: Path) -> float:
    arguments = {"data": str(folder / "data"), "steps": 60, "batch_size": 2, "init": "none"}
    started = time.monotonic()
    kfp_local.run(graphs.load("diagnose"), arguments, out, Console(file=io.StringIO()))
    return time.monotonic() - started


@contextlib.contextmanager
def quiet():
    """Hides the output of the steps, whose processes write to our standard output."""
    kept = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def main(rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as top, quiet():
        folder = Path(top)
        python = environments.home() / "data" / "bin" / "python"
        flags = ["--out", folder / "data", "--images", "24", "--seed", str(SEED)]
        subprocess.run([python, "-P", "-m", "boxwright.demo.generator", *flags], check=True)
        ways = {"ours": as_pipeline, "theirs": by_hand}
        taken = {who: [way(folder, folder / f"{who}-{n}") for n in range(rounds + 1)][1:] for who, way in ways.items()}
    least = {who: min(seconds) / len(COMMANDS) for who, seconds in taken.items()}
    line = {"name": "overhead", **{who: round(seconds, 2) for who, seconds in least.items()}, "unit": "s/step"}
    line |= {
        "difference": round(least["ours"] - least["theirs"], 2),
        "ratio": round(least["ours"] / least["theirs"], 3),
    }
    print(json.dumps(line | {"n": rounds, "load": round(os.getloadavg()[0], 2), "seed": SEED}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
