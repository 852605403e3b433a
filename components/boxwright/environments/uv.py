"""Runs uv, which installs the packages of a lock and checks their hashes."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from boxwright.core.runtime import environments
from boxwright.core.runtime.errors import UserError
from boxwright.environments import places, uv_errors

# Variables that would change what is installed. The locks decide that. Those about indexes, mirrors, proxies and caches stay.
DECIDED = (
    *("UV_CONSTRAINT", "UV_OVERRIDE", "UV_EXCLUDE_NEWER", "UV_NO_VERIFY_HASHES", "UV_SYSTEM_PYTHON", "UV_PYTHON"),
    *("UV_VENV_SEED", "UV_REQUIREMENTS", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME"),
)
# The first words of the lines that it shows.
PROGRESS = ("Downloading ", "Downloaded ", "Building ", "Built ", "Prepared ", "Installed ")


def program() -> str:
    """The path of uv. Raises UserError if there is none."""
    given = os.environ.get("BOXWRIGHT_UV", "")  # from the process that started this one
    if os.path.isfile(given):
        return given
    checkout = environments.checkout()
    if checkout and (ours := checkout / ".envs" / "uv" / "bin" / "uv").exists():
        return str(ours)
    try:
        return importlib.import_module("uv").find_uv_bin()
    except (ImportError, FileNotFoundError):
        if found := shutil.which("uv"):
            return found
    raise UserError("uv is missing, which makes the environments; install it with `pip install uv`")


def venv(folder: Path, python: str, held: int | None = None) -> None:
    """Makes a virtual environment that may be moved. python: a version or a path."""
    run(["venv", "--relocatable", "--python", python, str(folder)], folder, held)


def sync(folder: Path, locks: Sequence[Path], held: int | None = None, wheelhouse: Path | None = None) -> None:
    """Installs exactly the packages of the locks. wheelhouse: a folder that has all of them, in place of the network."""
    source = ["--offline", "--no-index", "--find-links", str(wheelhouse)] if wheelhouse else []
    command = ["pip", "sync", "--require-hashes", "--python", str(folder / "bin" / "python"), *source]
    run([*command, *map(str, locks)], folder, held)


def run(arguments: Sequence[str], folder: Path, held: int | None = None) -> None:
    """Runs uv and shows its progress on standard error. Raises UserError with the reason if it fails.

    folder: where it writes. held: a descriptor that it keeps open.
    It starts in the root folder: uv reads the settings of a project from the current folder, which may be a stranger's.
    """
    said: list[str] = []
    command = [program(), *arguments]
    with subprocess.Popen(
        command,
        cwd="/",
        env=variables(),
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        pass_fds=[held] if held else [],
    ) as process:
        try:
            assert process.stderr
            for line in process.stderr:
                said.append(line)
                show(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise UserError(uv_errors.sentence("".join(said), process.returncode, folder))


def show(line: str) -> None:
    """Prints a line of uv's progress. The list of packages is left out, and the error, which becomes our own."""
    if line.strip().startswith(PROGRESS):
        print(f"  {line.strip()}", file=sys.stderr, flush=True)


def variables() -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in DECIDED}
    return kept | {"UV_BUILD_CONSTRAINT": str(places.constraints()), "UV_COMPILE_BYTECODE": "1"}
