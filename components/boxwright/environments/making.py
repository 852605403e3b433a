"""Makes the environments of an installed package: the libraries, and our code on top of them.

The libraries are made in a folder beside their place and get their name when they are complete. So a half-made environment is
never used, whatever ended the process.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from boxwright.core.runtime import environments, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.environments import places, sizes, uv
from boxwright.environments.places import Name


def ensure(name: Name, *others: Name) -> Path:
    """The folder of an environment, ready for use. What is missing is made first, of the other environments too.

    Raises UserError if an environment cannot be made. A checkout makes none: the error says `make install`.
    """
    names: Sequence[Name] = (name, *others)
    missing: list[Name] = [one for one in names if not places.installed(one)]
    if missing and environments.in_checkout(name):
        raise UserError(
            f"the environment {missing[0]} is not installed ({places.folder(missing[0])}); run `make install` in the checkout of "
            "Boxwright"
        )
    make(missing)
    for other in others:
        with_code(other)
    return with_code(name)


def make(names: Sequence[Name], wheelhouse: Path | None = None) -> None:
    """Makes the libraries of environments, after saying how much that is.

    wheelhouse: a folder that has all packages, in place of the network.
    """
    if names:
        print(sizes.announcement(names, bool(wheelhouse)), file=sys.stderr, flush=True)
    for name in names:
        place = places.environment(name)
        text_files.make_folder(place.parent)
        with lock(place.with_name(f".{place.name}.lock")) as held:
            if not place.exists():
                _make(place, places.locks(name), held, wheelhouse)


def _make(place: Path, locks: Sequence[Path], held: int | None, wheelhouse: Path | None) -> None:
    """held: the lock, which uv holds as well. So if this process is killed, the next one waits until uv has ended."""
    prefix = f".{place.name}.partial-"
    for left in place.parent.glob(f"{prefix}*") if held is not None else ():
        shutil.rmtree(left, ignore_errors=True)
    partial = place.with_name(prefix + uuid.uuid4().hex[:8])
    try:
        uv.venv(partial, places.PYTHON, held)
        uv.sync(partial, locks, held, wheelhouse)
        os.sync()
        with suppress(FileExistsError):  # on a file system without locks, another process may have been quicker
            partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def with_code(name: Name) -> Path:
    """The folder of an environment with our code on top of its libraries: a virtual environment that has nothing else.

    So versions of Boxwright share the libraries, and the packages beside an installed Boxwright stay apart.
    """
    place = places.folder(name)
    if environments.in_checkout(name) or place.exists():
        return place
    partial = place.with_name(f".{place.name}.partial-{uuid.uuid4().hex[:8]}")
    try:
        text_files.make_folder(partial)
        _write(partial, name, places.environment(name))
        with suppress(FileExistsError):
            partial.rename(place)
    except OSError as error:
        raise UserError(f"{place} cannot be written: {error.strerror}; free space, or set BOXWRIGHT_HOME") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place


def _write(folder: Path, name: Name, libraries: Path) -> None:
    """libraries: the folder of the environment whose packages this one has."""
    packages = Path("lib", f"python{places.PYTHON}", "site-packages")
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(environments.package_folder(), folder / packages / "boxwright", ignore=skipped)
    (folder / packages / "libraries.pth").write_text(
        f"import site; site.addsitedir({str(libraries / packages)!r})\n", encoding="utf-8"
    )
    shutil.copy(libraries / "pyvenv.cfg", folder)
    (folder / "bin").mkdir()
    for python in ("python", "python3", f"python{places.PYTHON}"):
        (folder / "bin" / python).symlink_to((libraries / "bin" / "python").readlink())
    shutil.copy(environments.parts_folder() / "bin" / "boxwright", folder / "bin")
    (folder / "bin" / "boxwright").chmod(0o755)
    (folder / environments.MARK).write_text(name, encoding="utf-8")
    # Otherwise every start would compile our code again where Python may not write beside its sources.
    compiled = [folder / "bin" / "python", "-I", "-m", "compileall", "-q", folder / packages / "boxwright"]
    subprocess.run(compiled, env=uv.variables(), cwd="/", stdout=subprocess.DEVNULL)


@contextmanager
def lock(file: Path) -> Iterator[int | None]:
    """Holds a lock; waits while another process holds it. Yields its descriptor, or None on a file system without locks."""
    try:
        held = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise UserError(
            f"{file.parent} cannot be written: {error.strerror}; set BOXWRIGHT_HOME to a folder that you can write"
        ) from None
    try:
        yield held if _locked(held) else None
    finally:
        os.close(held)


def _locked(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("another process makes this environment; waiting for it", file=sys.stderr, flush=True)
        fcntl.flock(held, fcntl.LOCK_EX)
    except OSError:
        return False
    return True
