"""Text files and folders that a step leaves."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.runtime.errors import UserError

# What is said of a full disk, however many libraries the error came through. A limit on the size of files (ulimit -f) ends as
# one does.
FULL = tuple(os.strerror(code) for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def write(path: Path, text: str) -> None:
    """As UTF-8, in a folder that is made where it is not there; a file that is there stays as it is until the new one is whole:
    half a recipe reads as another one. Raises UserError when the file cannot be written."""
    folder(path.parent)
    with _explained(path):
        if path.exists() and not path.is_file():  # a pipe, a terminal
            path.write_text(text, encoding="utf-8")
            return
        place = path.resolve()  # of a link, what it leads to
        part = place.with_name(f".{uuid.uuid4().hex}.part")  # of its own: two may write the same file at once
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def folder(path: Path) -> None:
    """Makes a folder unless it is there. Raises UserError when that cannot be."""
    with _explained(path):
        path.mkdir(parents=True, exist_ok=True)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:  # what mkdir says of a file
        raise _error(path, os.strerror(errno.ENOTDIR)) from None
    except OSError as error:
        raise _error(path, error.strerror) from None


def _error(path: Path, why: str) -> UserError:
    return UserError(f"{path} cannot be written: {why}; choose a place that you may write to and that has room")
