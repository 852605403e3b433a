"""Output folders that appear either complete or not at all."""

import fcntl
import glob
import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from boxwright.core.runtime.errors import UserError

# Lists the files of an output. Only a folder with this file is replaced: other programs also write files such as dataset.json.
WRITTEN = ".written_by_boxwright"


@contextmanager
def staged(targets: Sequence[Path], marks: Sequence[str]) -> Iterator[list[Path]]:
    """Yields a folder to write in for each target. If the block succeeds, the folders are moved to their targets.

    marks: for each target, a file that every output of this step has. An existing target with that file is replaced.
    Raises UserError if a target has any other content, is inside another target, or cannot be written.
    """
    targets = [target.resolve() for target in targets]
    _check_apart(targets)
    _check_free(targets, marks)
    with ExitStack() as aside:
        folders = [aside.enter_context(_aside(target)) for target in targets]
        yield folders
        _check_free(targets, marks)  # again, because hours may have passed
        for folder, target in zip(folders, targets, strict=True):
            (folder / WRITTEN).write_text("".join(f"{name}\n" for name in _files(folder)), encoding="utf-8")
            _swap(folder, target)


def _check_apart(targets: Sequence[Path]) -> None:
    for number, target in enumerate(targets):
        for other in targets[:number]:
            if target == other:
                raise UserError(f"{target} is given for two outputs of one step; choose a different folder for each")
            if target in other.parents or other in target.parents:
                raise UserError(
                    f"{target} and {other} are two outputs of one step, and one contains the other; choose separate folders"
                )


def _check_free(targets: Sequence[Path], marks: Sequence[str]) -> None:
    for target, mark in zip(targets, marks, strict=True):
        if not target.exists() or (target.is_dir() and not any(target.iterdir())):
            continue
        written = _written(target)
        if mark not in written:
            raise UserError(f"{target} exists and is not an earlier output of this step; choose another folder")
        if foreign := [name for name in _files(target) if name not in written]:
            raise UserError(
                f"{target} cannot be replaced: it has files that this step did not write (first: {foreign[0]}); move them "
                "away, or choose another folder"
            )


def _written(target: Path) -> list[str]:
    listing = target / WRITTEN
    return [*listing.read_text(encoding="utf-8").splitlines(), WRITTEN] if listing.is_file() else []


def _files(folder: Path) -> list[str]:
    """The sorted names of all files below the folder. An empty folder counts as a file."""
    found = [path for path in folder.rglob("*") if not path.is_dir() or not any(path.iterdir())]
    return sorted(str(path.relative_to(folder)) for path in found)


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """Yields a folder beside the target. It is locked while the process lives. Folders of killed processes are removed."""
    prefix = f".{target.name}.partial-"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for folder in target.parent.glob(f"{glob.escape(prefix)}*"):
            _remove_if_left(folder)
        folder = target.parent / f"{prefix}{uuid.uuid4().hex[:8]}"
        folder.mkdir()
        lock = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise UserError(
            f"{target} cannot be written: {error.strerror} ({error.filename}); choose a folder that you can write"
        ) from None
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove_if_left(folder: Path) -> None:
    with suppress(OSError):  # locked, or a file system without locks: another process may be writing in it
        lock = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)


def _swap(folder: Path, target: Path) -> None:
    old = folder.with_name(f"{folder.name}-old")
    if target.exists():
        target.rename(old)
    try:
        folder.rename(target)
    except BaseException:  # also SIGTERM and Ctrl-C
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
