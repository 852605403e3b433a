"""Checks the types of every file with the libraries of its environment. `make lint` runs it.

A test file names its environment in its first line. A file without such a line is checked with the tests beside it. A module of
the package is checked where its folder runs.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "components" / "boxwright"
ENVIRONMENTS = {"authoring": ".venv", "data": ".envs/data", "train": ".envs/train"}
# The environment of a path below the package; the longest prefix decides.
FOLDERS = {
    "": "authoring",
    **dict.fromkeys(("convert", "validate", "diagnose", "report", "run_status", "demo", "core"), "data"),
    **dict.fromkeys(("augment", "train", "evaluate", "examine", "export", "edgetpu"), "train"),
    **dict.fromkeys(("core/od_api", "core/augmentations", "core/tflite", "core/coco_eval"), "train"),
    "core/foreign_files/tflite_process": "train",
}


def environment_of(file: Path) -> str:
    if file.is_relative_to(PACKAGE):
        name = str(file.relative_to(PACKAGE).with_suffix(""))
        return FOLDERS[max((folder for folder in FOLDERS if f"{name}/".startswith(folder and f"{folder}/")), key=len)]
    beside = sorted(file.parent.glob("test_*.py"))
    return next(filter(None, map(named_in, (file, *beside[:1]))), "authoring")


def named_in(file: Path) -> str:
    """The environment in the first line of a file, by its name or, as in benchmarks, by its folder. Empty if there is none."""
    first = file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# environment: ")
    return next((name for name, folder in ENVIRONMENTS.items() if first in (name, folder)), "")


def main() -> int:
    files = [
        file for pattern in ("components/**/*.py", "pipelines/*.py", "tests/**/*.py") for file in ROOT.glob(pattern)
    ]
    failed = False
    for name, folder in ENVIRONMENTS.items():
        chosen = sorted(str(file) for file in files if environment_of(file) == name)
        python = ROOT / folder / "bin" / "python"
        print(f"types of {len(chosen)} files in the {name} environment:", flush=True)
        command = [sys.executable, "-m", "basedpyright", "--level=error", "--pythonpath", str(python)]
        failed |= subprocess.run([*command, *chosen], cwd=ROOT).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
