"""Private folders for unfinished outputs. They outlive a killed process, so that the same command can resume."""

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError


@contextmanager
def resumable(uri: str, root: Path) -> Iterator[Path]:
    """Yields the folder where the output for `uri` is written. The same URI and user always get the same folder.

    The folder is private (mode 0700) and locked while the process lives. It is removed if the block succeeds. After an exception
    or a kill it is kept, unless it has no files.

    root: folder for all such folders, `BOXWRIGHT_CACHE/outputs`.
    Raises UserError if the folder cannot be made, belongs to someone else, or is used by another process.
    """
    folder = root / digests.of_json([uri.rstrip("/"), os.getuid()])
    lock = _make_and_lock(uri, folder)
    try:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    except BaseException:
        if not any(path.is_file() for path in folder.rglob("*")):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(lock)


def _make_and_lock(uri: str, folder: Path) -> int:
    """Makes and locks the folder. Returns the descriptor that holds the lock."""
    try:
        while True:
            lock = _open_private(uri, folder)
            _lock(uri, folder, lock)
            if _is_open_at(lock, folder):
                return lock
            os.close(lock)  # the process that held the lock has removed the folder
    except OSError as error:
        raise UserError(
            f"{uri}: its files cannot be prepared in {folder}: {error.strerror}; set BOXWRIGHT_CACHE to a folder that you can "
            "write, on a disk with room"
        ) from None


def _open_private(uri: str, folder: Path) -> int:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    # O_NOFOLLOW: if others can write in the cache, a symbolic link could redirect our files to them.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    if os.fstat(descriptor).st_uid != os.getuid():
        os.close(descriptor)
        raise UserError(f"{uri}: {folder} belongs to another user; set BOXWRIGHT_CACHE to a folder of your own")
    os.fchmod(descriptor, stat.S_IRWXU)
    return descriptor


def _lock(uri: str, folder: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UserError(
            f"{uri}: another process on this machine is writing this output (in {folder}); wait until it ends, or choose another "
            "URI"
        ) from None
    except OSError:  # a file system without locks
        pass


def _is_open_at(descriptor: int, folder: Path) -> bool:
    """Whether the path still refers to the folder that was opened."""
    try:
        there = os.lstat(folder)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)
