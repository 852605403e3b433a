"""Collects all packages of the environments in a folder, for a machine without a network."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from boxwright.core.runtime import environments, text_files
from boxwright.core.runtime.errors import UserError, brief
from boxwright.environments import places, uv
from boxwright.environments.places import Name

# uv downloads no packages to a folder, so pip does. These are uv's settings, with pip's names.
PIP = {
    "UV_DEFAULT_INDEX": "PIP_INDEX_URL",
    "UV_INDEX_URL": "PIP_INDEX_URL",
    "UV_INDEX": "PIP_EXTRA_INDEX_URL",
    "UV_EXTRA_INDEX_URL": "PIP_EXTRA_INDEX_URL",
    "UV_FIND_LINKS": "PIP_FIND_LINKS",
    "SSL_CERT_FILE": "PIP_CERT",
}


def collect(folder: Path, names: Sequence[Name]) -> None:
    """Downloads what is not there yet: wheels, sources of the packages that have no wheel, and the tools that build these.

    Each file has a hash of the locks. Raises UserError if a package cannot be downloaded or the folder cannot be written.
    """
    text_files.make_folder(folder)
    lock = environments.parts_folder() / "images" / "wheelhouse.lock"
    wanted = [places.constraints(), *(file for name in names for file in places.locks(name))]
    with tempfile.TemporaryDirectory(prefix="boxwright-") as tools:
        uv.venv(Path(tools, "pip"), places.PYTHON)
        uv.sync(Path(tools, "pip"), [lock, places.constraints()])
        for file in wanted:
            print(f"  {file.parent.name}/{file.name}", file=sys.stderr, flush=True)
            _download(Path(tools, "pip", "bin", "python"), file, folder)


def _download(python: Path, lock: Path, folder: Path) -> None:
    command = [python, "-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    # As uv, which ignores the upper end of what a package says about Python.
    command += ["--ignore-requires-python"]
    command += ["--require-hashes", "--no-build-isolation", "--dest", folder.absolute(), "--requirement", lock]
    ended = subprocess.run(command, env=variables(), cwd="/", stderr=subprocess.PIPE, text=True, errors="replace")
    if ended.returncode:
        said = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")] or ended.stderr.splitlines()
        raise UserError(
            f"the packages of {lock.name} could not be downloaded to {folder}: {brief(' '.join(said[-2:]))}"
        )


def variables() -> Mapping[str, str]:
    return os.environ | {pip: os.environ[name] for name, pip in PIP.items() if os.environ.get(name)}
