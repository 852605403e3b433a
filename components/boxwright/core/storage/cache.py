"""The cache of downloads, and the records of the latest copy of each URI. The cache is private: nobody else can change a copy."""

import json
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

from boxwright.core.runtime import atomic_dirs, digests, limits
from boxwright.core.runtime.errors import UserError

# Bytes of a file's name.
_LONGEST = 200
# Beginning of the name of a folder for a download in progress.
_PARTIAL = ".partial-"


@dataclass(frozen=True)
class Copy:
    """version: version of the content at `path`; empty if the server gives none."""

    version: str
    path: Path


def root() -> Path:
    """The folder of the cache, private (mode 0700). It is made if it does not exist.

    Raises UserError if it belongs to another user: a copy in it could be replaced by a file of theirs.
    """
    place = location()
    with suppress(OSError):  # whoever writes in it says why it cannot be written
        if not place.exists():
            place.mkdir(mode=0o700, parents=True)
        _require_private(place)
    return place


def _require_private(place: Path) -> None:
    there = place.stat()
    if there.st_uid not in (os.getuid(), 0):
        raise UserError(
            f"{place} belongs to another user, who could change its files; set BOXWRIGHT_CACHE to a folder of your own"
        )
    if not (stat.S_ISDIR(there.st_mode) and there.st_mode & 0o077):
        return
    if all(_OURS.fullmatch(name) for name in os.listdir(place)):
        with suppress(OSError):
            place.chmod(0o700)
    elif there.st_mode & 0o022:
        raise UserError(
            f"{place} has other files, and other users can write there; set BOXWRIGHT_CACHE to a folder of its own, such as "
            f"{place / 'boxwright'}"
        )
    if place.stat().st_mode & 0o022 and place not in _warned:  # on a disk without modes, or a volume of a cluster
        _warned.add(place)
        print(
            f"warning: other users can change the files in {place}; set BOXWRIGHT_CACHE to a folder of your own",
            file=sys.stderr,
        )


_warned: set[Path] = set()
# Names in a cache. A folder with other names is not made private, because it serves others, too.
_OURS = re.compile(r"buckets|kept|outputs|runs|pictures|[0-9a-f]{16}(\.files\.json)?|\.partial-.*|lost\+found")


def location() -> Path:
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
    name = Path(urlparse(uri).path).name
    folder = root() / digests.of_json([uri, version] if version else uri)
    return folder / (name if name.strip(".") and name.isprintable() and len(name.encode()) <= _LONGEST else "file")


def kept(uri: str) -> Copy | None:
    """The latest copy of the URI; None if there is none, it was deleted, or the record names a path outside of the cache."""
    try:
        record = json.loads(_record(uri).read_text(encoding="utf-8"))
        copy = Copy(str(record["version"]), Path(record["path"]))
        inside = copy.path.resolve().is_relative_to(root().resolve()) and copy.path.resolve() != root().resolve()
        return copy if inside and copy.path.exists() else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError, RuntimeError):
        return None


def remember(uri: str, copy: Copy) -> None:
    """Records the copy as the latest one of the URI. If it is recorded already, the cache need not be writable."""
    if kept(uri) == copy:
        return
    with staging(uri) as folder:
        (folder / "record").write_text(json.dumps({"version": copy.version, "path": str(copy.path)}), encoding="utf-8")
        _record(uri).parent.mkdir(exist_ok=True)
        (folder / "record").replace(_record(uri))


def refuse_without_room(uri: str, size: int, folder: Path) -> None:
    """Raises UserError if a file system has no room for so many bytes. folder: an existing folder there."""
    if size > (free := shutil.disk_usage(folder).free):
        raise UserError(
            f"{uri} has {limits.in_words(size)}, but {root()} has room for {limits.in_words(free)}; free some, or set "
            "BOXWRIGHT_CACHE to a folder on a disk with room"
        )


def _record(uri: str) -> Path:
    return root() / "kept" / f"{digests.of_json(uri)}.json"


@contextmanager
def staging(uri: str) -> Iterator[Path]:
    """Yields a temporary folder in the cache. Complete files are moved from it to their final path.

    Raises UserError if the cache cannot be written.
    """
    try:
        root().mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in root().glob(f"{_PARTIAL}*"):
            atomic_dirs.remove_if_left(folder)
        folder, lock = atomic_dirs.locked(root(), _PARTIAL)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
    except OSError as error:
        raise UserError(
            f"{uri} cannot be stored in {root()}: {error.strerror or error}; set BOXWRIGHT_CACHE to a folder that you can write, "
            "on a disk with room"
        ) from None
