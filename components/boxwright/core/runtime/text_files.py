"""Writes text files and makes folders. A failure raises a UserError with the path."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.runtime.errors import UserError

# The messages of a full disk, a full quota and a file size limit (ulimit -f). Libraries that wrap an error keep its message.
FULL_CODES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL = tuple(map(os.strerror, FULL_CODES))

# Half of a surrogate pair, which a stranger's JSON may hold and UTF-8 cannot, is written as a question mark. Readers of JSON
# refuse its escape as well.
HALF = "replace"


def write(path: Path, text: str) -> None:
    """Writes a file as UTF-8, and makes its folder if needed.

    An existing file is replaced only when the new one is complete, because half a recipe could be read as a different recipe.
    Raises UserError if the file cannot be written, and for a link to a file: it may lie in a stranger's folder and lead anywhere.
    """
    make_folder(path.parent)
    with _explained(path):
        if path.exists() and not path.is_file():  # such as a pipe or a terminal
            path.write_text(text, encoding="utf-8", errors=HALF)
            return
        if path.is_symlink():
            raise UserError(
                f"{path} is a link to {path.readlink()}, and no file is written through a link; give the file itself"
            )
        part = path.with_name(f".{uuid.uuid4().hex}.part")  # unique: two processes may write the same file at once
        try:
            part.write_text(text, encoding="utf-8", errors=HALF)
            part.replace(path)
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
