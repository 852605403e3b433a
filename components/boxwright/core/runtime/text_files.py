"""Writes text files and makes folders. A failure raises a UserError with the path."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.runtime.errors import UserError

# The messages of a full disk, a full quota and a file size limit (ulimit -f). Libraries that wrap an error keep its message.
FULL = tuple(os.strerror(code) for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def write(path: Path, text: str) -> None:
    """Writes a file as UTF-8, and makes its folder if needed.

    An existing file is replaced only when the new one is complete, because half a recipe could be read as a different recipe.
    Raises UserError if the file cannot be written.
    """
    make_folder(path.parent)
    with _explained(path):
        if path.exists() and not path.is_file():  # such as a pipe or a terminal
            path.write_text(text, encoding="utf-8")
            return
        place = path.resolve()  # the target of a symbolic link
        part = place.with_name(f".{uuid.uuid4().hex}.part")  # unique: two processes may write the same file at once
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Makes a folder if it does not exist. Raises UserError if that fails."""
    with _explained(path):
        path.mkdir(parents=True, exist_ok=True)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:  # mkdir on a file
        raise _error(path, os.strerror(errno.ENOTDIR)) from None
    except OSError as error:
        raise _error(path, error.strerror or str(error)) from None


def _error(path: Path, why: str) -> UserError:
    return UserError(f"{path} cannot be written: {why}; choose a path that you can write, on a disk with room")
