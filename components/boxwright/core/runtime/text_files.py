"""Writes text files and makes folders. A failure is a UserError that names the place."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.runtime.errors import UserError

# The messages of a full disk: the text survives, however many libraries the error came through. A limit on the size of files
# (ulimit -f) has the same effect.
FULL = tuple(os.strerror(code) for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def write(path: Path, text: str) -> None:
    """Writes a file as UTF-8, and makes its folder if needed.

    An existing file is replaced when the new one is complete: half a recipe would read as a different recipe.
    Raises UserError when the file cannot be written.
    """
    make_folder(path.parent)
    with _explained(path):
        if path.exists() and not path.is_file():  # a pipe, a terminal
            path.write_text(text, encoding="utf-8")
            return
        place = path.resolve()  # the file that a link leads to
        part = place.with_name(f".{uuid.uuid4().hex}.part")  # unique: two processes may write the same file at once
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Makes a folder if it does not exist. Raises UserError when it cannot be made."""
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
    return UserError(f"{path} cannot be written: {why}; choose a place that you may write to and that has room")
