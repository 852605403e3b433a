"""Where the environments are, and the locks that they are made from."""

import functools
import hashlib
import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from boxwright import __version__
from boxwright.core.runtime import environments
from boxwright.core.runtime.errors import UserError

Name = environments.HostName
NAMES: tuple[Name, ...] = get_args(Name)
PYTHON = "3.11"
LOCKS: dict[str, tuple[str, ...]] = {
    "authoring": ("authoring/requirements.lock",),
    "data": ("data/requirements.lock",),
    "train": ("train/cpu.lock", "train/no-deps.lock"),
}


def locks(name: str) -> list[Path]:
    return [environments.parts_folder() / "images" / lock for lock in LOCKS[name]]


def constraints() -> Path:
    """The lock of the tools that build the packages that come as source."""
    return environments.parts_folder() / "images" / "build-constraints.txt"


def home() -> Path:
    """The folder of everything that an installed package makes: `BOXWRIGHT_HOME`, else the user's folder for data.

    Raises UserError if neither is an absolute path. A relative one would name a folder of whoever owns the current folder.
    """
    given = os.environ.get("BOXWRIGHT_HOME", "")
    if given:
        place = Path(os.path.expanduser(given))
        if not place.is_absolute():
            raise UserError(f"BOXWRIGHT_HOME is {given}, a relative path; give an absolute one, such as $PWD/{given}")
        return place
    import platformdirs

    place = Path(platformdirs.user_data_dir("boxwright"))
    if not place.is_absolute():
        raise UserError(
            "this user has no home folder for the environments; set BOXWRIGHT_HOME to a folder with an absolute path"
        )
    return place


def environment(name: Name) -> Path:
    """The folder of the libraries of an installed package. Every version of Boxwright with the same locks shares it."""
    return home() / "environments" / f"{name}-{digest(name)}"


def folder(name: Name) -> Path:
    """The folder of an environment, which has `bin/boxwright` and `bin/python`. It exists after `ensure`.

    Raises UserError if there is no place for it.
    """
    if place := environments.in_checkout(name):
        return place
    return home() / "code" / f"{__version__}-{code_digest()}" / environment(name).name


def installed(name: Name) -> bool:
    """Whether the environment is complete. It appears under its name only then."""
    if place := environments.in_checkout(name):
        return (place / "bin" / "boxwright").exists()
    return environment(name).exists()


@functools.cache
def digest(name: str) -> str:
    """First 12 hex digits of a SHA-256 over the locks of an environment, the build tools, the Python and the platform."""
    made = hashlib.sha256(f"{PYTHON} {sysconfig.get_platform()}".encode())
    for file in (*locks(name), constraints()):
        made.update(b"\0" + file.read_bytes())
    return made.hexdigest()[:12]


@functools.cache
def code_digest() -> str:
    """First 12 hex digits of a SHA-256 over the names and contents of all files of our package."""
    made = hashlib.sha256()
    for file in sorted(code_files()):
        made.update(f"{file.relative_to(environments.package_folder())}\0".encode() + file.read_bytes() + b"\0")
    return made.hexdigest()[:12]


def code_files() -> Iterator[Path]:
    for parent, folders, files in os.walk(environments.package_folder()):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(parent, name) for name in files)
