# environment: .venv
"""Installs the wheel of `make dist` beside other packages with pip: none of their packages may change, and pip's check must say
the same before and after.

    make dist && make bench NAME=beside ARGS="kfp==2.15.2 tensorflow==2.16.2"

`NAME --no-deps` installs a package without its requirements: torch's are gigabytes of CUDA.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".envs" / "uv" / "bin" / "uv"
BESIDE = ("kfp==2.15.2", "tensorflow==2.16.2", "torch --no-deps")


def said(*words: object) -> str:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True).stdout


def beside(requirement: str, folder: Path) -> str:
    """One row of the table. folder: an empty one for the environment."""
    name, *options = requirement.split()
    python = folder / "bin" / "python"
    subprocess.run([UV, "venv", "--quiet", "--seed", "--python", sys.executable, folder], check=True)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, name, *options], check=True)
    before, checked = said(python, "-m", "pip", "freeze").splitlines(), said(python, "-m", "pip", "check")
    install = [python, "-m", "pip", "install", "--quiet", "--find-links", ROOT / "dist", "boxwright"]
    subprocess.run([str(word) for word in install], check=True)
    after = said(python, "-m", "pip", "freeze").splitlines()
    works = said(folder / "bin" / "boxwright", "diagnose", "--help").startswith("usage: boxwright diagnose")
    lost, new = sorted(set(before) - set(after)), sorted(line.partition(" ")[0] for line in set(after) - set(before))
    same = said(python, "-m", "pip", "check") == checked
    verdict = "the same" if same else "CHANGED"
    return f"| {requirement} | {len(before)} | {', '.join(lost) or 'none'} | {', '.join(new)} | {verdict} | {works} |"


def main() -> None:
    print(
        "| beside | packages | removed or changed | added | pip check | boxwright diagnose --help |\n|---|---|---|---|---|---|"
    )
    for requirement in sys.argv[1:] or BESIDE:
        with tempfile.TemporaryDirectory() as folder:
            print(beside(requirement, Path(folder) / "environment"), flush=True)


if __name__ == "__main__":
    main()
