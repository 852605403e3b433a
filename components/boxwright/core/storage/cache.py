"""The cache of downloads, and the records of the latest copy of each URI."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError


@dataclass(frozen=True)
class Copy:
    """version: version of the content at `path`; empty if the server gives none."""

    version: str
    path: Path


def root() -> Path:
    """`BOXWRIGHT_CACHE`, else the user's cache folder. Raises UserError if the user has no home folder."""
    if given := os.environ.get("BOXWRIGHT_CACHE"):
        return Path(given).expanduser()
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "boxwright"
    except RuntimeError:  # a user id without an entry in passwd, and no HOME
        raise UserError(
            "this user has no home folder for downloads; set BOXWRIGHT_CACHE to a folder that you can write"
        ) from None


def web_file(uri: str, version: str) -> Path:
    """The path in the cache of a version of a file from the web."""
    return root() / digests.of_json([uri, version] if version else uri) / Path(urlparse(uri).path).name


def kept(uri: str) -> Copy | None:
    """The latest copy of the URI; None if there is none or it was deleted."""
    try:
        record = json.loads(_record(uri).read_text(encoding="utf-8"))
        copy = Copy(record["version"], Path(record["path"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return copy if copy.path.exists() else None


def remember(uri: str, copy: Copy) -> None:
    """Records the copy as the latest one of the URI. If it is recorded already, the cache need not be writable."""
    if kept(uri) == copy:
        return
    with staging(uri) as folder:
        (folder / "record").write_text(json.dumps({"version": copy.version, "path": str(copy.path)}), encoding="utf-8")
        _record(uri).parent.mkdir(exist_ok=True)
        (folder / "record").replace(_record(uri))


def _record(uri: str) -> Path:
    return root() / "kept" / f"{digests.of_json(uri)}.json"


@contextmanager
def staging(uri: str) -> Iterator[Path]:
    """Yields a temporary folder in the cache. Complete files are moved from it to their final path.

    Raises UserError if the cache cannot be written.
    """
    try:
        root().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root()) as folder:
            yield Path(folder)
    except OSError as error:
        raise UserError(
            f"{uri} cannot be stored in {root()}: {error.strerror or error}; set BOXWRIGHT_CACHE to a folder that you can write, "
            "on a disk with room"
        ) from None
