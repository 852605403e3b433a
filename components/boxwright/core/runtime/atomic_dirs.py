"""Output folders that appear either complete or not at all."""

import errno
import fcntl
import glob
import os
import re
import shutil
import stat
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path

from boxwright.core.runtime.errors import UserError

# Lists the files of an output. Only a folder with this file is replaced: other programs also write files such as dataset.json.
WRITTEN = ".written_by_boxwright"
# Bytes of that list. An output has at most some thousand shards.
_MOST_WRITTEN = 16 << 20
_LEFT = re.compile(r"\.partial-[0-9a-f]+(-old)?$")


@contextmanager
def staged(targets: Sequence[Path], marks: Sequence[str]) -> Iterator[list[Path]]:
    """Yields a folder to write in for each target. If the block succeeds, the folders are moved to their targets.

    marks: for each target, a file that every output of this step has, or a pattern of its name. An existing target with that file
    is replaced. Raises UserError if a target has any other content, is inside another target, or cannot be written.
    """
    targets = [target.resolve() for target in targets]
    _check_apart(targets)
    for target, mark in zip(targets, marks, strict=True):
        _check_free(target, target, mark)
    with ExitStack() as aside:
        folders = [aside.enter_context(_aside(target)) for target in targets]
        yield folders
        for folder in folders:
            names = "".join(f"{name}\n" for name in _files(folder))
            (folder / WRITTEN).write_text(names, encoding="utf-8", errors="surrogateescape")
        _swap(folders, targets, marks)


def _check_apart(targets: Sequence[Path]) -> None:
    for number, target in enumerate(targets):
        for other in targets[:number]:
            if target == other:
                raise UserError(f"{target} is given for two outputs of one step; choose a different folder for each")
            if target in other.parents or other in target.parents:
                raise UserError(
                    f"{target} and {other} are two outputs of one step, and one contains the other; choose separate folders"
                )


def _check_free(place: Path, target: Path, mark: str) -> None:
    """place: where the content of the target is now."""
    try:
        _refuse_others(place, target, mark)
    except FileNotFoundError:
        raise _written_at_once(target) from None
    except OSError as error:
        raise UserError(f"{target} cannot be read: {error.strerror}; choose another folder") from None


def _refuse_others(place: Path, target: Path, mark: str) -> None:
    """Raises UserError for anything but an earlier output, an empty folder and nothing; OSError if it cannot be listed."""
    if not os.path.lexists(place) or (place.is_dir() and not any(place.iterdir())):
        return
    written = _written(place)
    if not any(fnmatchcase(name, mark) for name in written):
        raise UserError(f"{target} exists and is not an earlier output of this step; choose another folder")
    if foreign := [name for name in _files(place) if name not in written]:
        raise UserError(
            f"{target} cannot be replaced: it has files that this step did not write (first: {foreign[0]}); move them "
            "away, or choose another folder"
        )


def _written_at_once(target: Path) -> UserError:
    return UserError(
        f"{target} was written by another process at the same time, and is left as that process wrote it; give the two "
        "commands different output folders"
    )


def _written(folder: Path) -> frozenset[str]:
    """The names in the list of an output; empty if there is no such list. The list may be anybody's: nothing is opened by its
    names, and nothing but an ordinary file is read."""
    try:
        listing = os.open(folder / WRITTEN, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return frozenset()
    with open(listing, "rb") as file:
        if not stat.S_ISREG(os.fstat(listing).st_mode):
            return frozenset()
        names = file.read(_MOST_WRITTEN).decode("utf-8", "surrogateescape").split("\n")
    return frozenset({*names, WRITTEN} - {""})


def _files(folder: Path) -> list[str]:
    """The sorted names of all files below the folder. An empty folder and a link count as files."""
    found = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir() or not any(path.iterdir())]
    return sorted(str(path.relative_to(folder)) for path in found)


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """Yields a folder beside the target. It is locked while the process lives. Folders of killed processes are removed."""
    prefix = f".{target.name}.partial-"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for folder in target.parent.glob(f"{glob.escape(prefix)}*"):
            if _LEFT.search(folder.name):
                remove_if_left(folder)
        folder, lock = locked(target.parent, prefix)
    except OSError as error:
        why = os.strerror(errno.ENOTDIR) if isinstance(error, FileExistsError) else error.strerror
        raise UserError(
            f"{target} cannot be written: {why} ({error.filename}); choose a folder that you can write"
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def locked(parent: Path, prefix: str) -> tuple[Path, int]:
    """A new folder and its lock. Another process may take it for a leftover before it is locked, and remove
    it; then one more is made."""
    while True:
        folder = parent / f"{prefix}{uuid.uuid4().hex[:8]}"
        folder.mkdir()
        try:
            lock = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        except OSError:  # a file system without locks
            return folder, lock
        if folder.exists():
            return folder, lock
        os.close(lock)


def remove_if_left(folder: Path) -> None:
    """Removes a folder whose process was killed. A process that lives holds its lock."""
    with suppress(OSError):  # locked, or a file system without locks: another process may be writing in it
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)


def _swap(folders: Sequence[Path], targets: Sequence[Path], marks: Sequence[str]) -> None:
    """Moves every folder to its target, or none. An earlier output is removed only after its content was checked once more."""
    olds = [folder.with_name(f"{folder.name}-old") for folder in folders]
    with ExitStack() as undo:  # also on SIGTERM and Ctrl-C
        for target, old, mark in zip(targets, olds, marks, strict=True):
            _check_free(target, target, mark)  # again, because hours may have passed
            if target.exists():
                undo.callback(_move_back, old, target)
                _rename(target, old, target)
                _check_free(old, target, mark)  # nothing can be added to it by its name any more
        for folder, target in zip(folders, targets, strict=True):
            undo.callback(_move_back, target, folder)
            _rename(folder, target, target)
        undo.pop_all()
    for old in olds:
        shutil.rmtree(old, ignore_errors=True)


def _rename(before: Path, after: Path, target: Path) -> None:
    try:
        before.rename(after)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise _written_at_once(target) from None
        raise UserError(f"{target} cannot be replaced: {error.strerror}; choose another folder") from None


def _move_back(before: Path, after: Path) -> None:
    """Undoes a move, unless it was not made, or another process has put its own output there."""
    if before.exists() and not after.exists():
        before.rename(after)
    elif _written(before) and _written(after) and before.name.endswith("-old"):
        shutil.rmtree(before, ignore_errors=True)
