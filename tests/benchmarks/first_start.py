# environment: .venv
"""Seconds and megabytes of the first and the second start of an installed package, and whether its results are those of the
checkout.

    make dist && make bench NAME=first_start ARGS="DATA python3.11 python3.13"

Installs the wheel into an empty environment of each Python, outside the checkout. The first command makes Boxwright's
environments in an empty folder; the packages come from uv's cache or from the network. The same command runs from the
checkout, and the digests of all results are compared. A start is `boxwright verify --run NOTHING`, which does nothing else;
the smallest time of five counts.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from boxwright.command_line import installation

ROOT = Path(__file__).resolve().parents[2]
UV, CHECKOUT = ROOT / ".envs" / "uv" / "bin" / "uv", ROOT / ".venv" / "bin" / "boxwright"
# These tell when and where a run was.
APART = ("run-status",)


def main() -> None:
    data, *pythons = sys.argv[1:] or [str(ROOT.parent / "shared" / "data" / "bccd_voc"), "3.11", "3.13"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        expected = digests(CHECKOUT, data, place / "checkout")
        print(f"checkout: a start takes {start(CHECKOUT, place):.2f} s")
        for python in pythons:
            script = installed(python, place / f"environment-{python.replace('/', '-')}")
            began = time.monotonic()
            same = digests(script, data, place / f"out-{python.replace('/', '-')}") == expected
            took = time.monotonic() - began
            size = 1000 * installation.size(place / "home")
            print(
                f"{python}: diagnose {took:.0f} s, a start {start(script, place):.2f} s, {size:.0f} MB, same digests: {same}"
            )


def installed(python: str, folder: Path) -> Path:
    """The script of the wheel in an empty environment."""
    subprocess.run([UV, "venv", "--quiet", "--seed", "--python", python, folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--find-links", ROOT / "dist", "boxwright"]
    subprocess.run(pip, check=True)
    return folder / "bin" / "boxwright"


def digests(script: Path, data: str, out: Path) -> dict[str, str]:
    """Runs diagnose, and returns the digest of each result."""
    call(script, out.parent, "diagnose", "--data", data, "--out", str(out), "--init", "none")
    tasks = json.loads((out / "lineage.json").read_text(encoding="utf-8"))["tasks"]
    kept = [task for task in tasks if task["name"] not in APART]
    return {f"{task['name']}.{name}": one["digest"] for task in kept for name, one in task["outputs"].items()}


def start(script: Path, place: Path) -> float:
    def once() -> float:
        began = time.monotonic()
        call(script, place, "verify", "--run", str(place / "nothing"), code=2)
        return time.monotonic() - began

    return min(once() for _ in range(5))


def call(script: Path, place: Path, *words: str, code: int = 0) -> None:
    """Runs a command in an empty folder, with environments of its own."""
    environment = os.environ | {"BOXWRIGHT_HOME": str(place / "home")}
    ended = subprocess.run([script, *words], cwd=place, env=environment, capture_output=True, text=True)
    assert ended.returncode == code, ended.stdout + ended.stderr


if __name__ == "__main__":
    main()
