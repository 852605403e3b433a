"""Copies objects of a bucket to this machine: either all of them, each as it was listed, or none."""

import fcntl
import gzip
import os
import shutil
import unicodedata
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from boxwright.core.runtime import digests, limits
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets, cache, unchanged_files, web
from boxwright.core.storage.lookup import Found
from boxwright.core.storage.stores.store import Gone, Object, Store

# Folder of the copies of buckets in the cache.
FOLDER = "buckets"
_LONGEST = 255  # bytes of a file's name


def copy(found: Found, cache: Path) -> Path:
    """Copies the objects below `cache`. Returns the path of the file that the URI names, or of the folder.

    The folder's name is derived from the objects and their versions. So unchanged objects are not fetched again, and a changed
    bucket is never mixed with an older copy. An interrupted copy is resumed. If two processes need the same copy, one of them
    fetches it.
    Raises UserError if an object cannot be fetched, or its name cannot be a file name.
    """
    target = copy_folder(found, cache)
    _refuse_impossible_names(found.uri, list(found.objects))
    if not _is_whole(found, target):
        with _locked(found.uri, target.with_name(f"{target.name}.part")) as part:
            if not _is_whole(found, target):  # another process may have fetched it meanwhile
                _collect(found, part, target)
    if foreign := unchanged_files.extra(target, found.objects):
        raise UserError(
            f"{found.uri}: its copy {target} has a file that is not in the bucket ({foreign}); delete the copy, and try again"
        )
    return target / found.file


def copy_folder(found: Found, cache: Path) -> Path:
    """The folder of a copy, below `cache`."""
    return cache / FOLDER / found.version


def fetch_object(uri: str, store: Store, there: Object, file: Path, aside: Path) -> None:
    """Downloads the listed version of an object to `file`, and compares its checksum first.

    aside: folder for incomplete files. Raises UserError if the object no longer exists or differs from the publication that lists
    it, Damaged if the download is damaged.
    """
    part = aside / uuid.uuid4().hex
    try:
        encoding = store.download(there, part)  # as stored, because unpacked content has no checksum
        if there.sha256 and digests.of_file(part) != there.sha256:
            raise UserError(
                f"{uri}: {there.name} is damaged: it is not the file that was published; try again, or publish there again"
            )
        if encoding == "gzip":
            _unpack(uri, there.name, part)
        part.rename(file)
    except Gone:
        raise UserError(
            f"{uri}: {there.name} was replaced or deleted after it was listed; run the command again, or publish there again"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _is_there(store: Store, there: Object, file: Path) -> bool:
    """Whether the file exists and has the content in the bucket. For a file whose content was unpacked, nothing tells."""
    try:
        return digests.of_file(file) == there.sha256 if there.sha256 else store.same(there, file)
    except OSError:
        return False


def _is_whole(found: Found, target: Path) -> bool:
    """Whether all files of a copy are there as they arrived. Cache cleaners delete whole files, and disks damage them."""
    return not unchanged_files.changed(target, found.objects)


def _unpack(uri: str, name: str, part: Path) -> None:
    unpacked = part.with_name(f"{part.name}.unpacked")
    try:
        with gzip.GzipFile(part) as stream, unpacked.open("wb") as file:
            file.writelines(limits.chunks_at_most(cast("IO[bytes]", stream), web.most_bytes(), f"{uri}: {name}"))
        unpacked.rename(part)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(
            f"{uri}: {name} has the content encoding gzip but is not valid gzip ({error}); upload it again"
        ) from None
    finally:
        unpacked.unlink(missing_ok=True)


@contextmanager
def _locked(uri: str, part: Path) -> Iterator[Path]:
    """Makes and locks the folder. Another process with the same copy waits for the lock, then uses or resumes the copy."""
    try:
        part.mkdir(parents=True, exist_ok=True)
        lock = os.open(part, os.O_RDONLY)
    except OSError as error:
        raise UserError(
            f"{uri} cannot be stored in {part.parent}: {error.strerror}; set BOXWRIGHT_CACHE to a folder that you can write"
        ) from None
    try:
        with suppress(OSError):  # a file system without locks: the slower of two processes then fails
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield part
    finally:
        os.close(lock)


def _collect(found: Found, part: Path, target: Path) -> None:
    """Downloads the objects to `part`, and moves them to `target` when all are complete.

    Complete files are kept for the next attempt, because the folder's name identifies the versions of all objects. Incomplete
    files of a killed process are deleted.
    """
    whole, aside = target if target.exists() else part / "whole", part / "aside"
    store, objects = buckets.store_of(found.uri), found.objects

    wanted = [name for name in sorted(objects) if not _is_there(store, objects[name], whole / name)]

    def bring(name: str) -> None:
        fetch_object(found.uri, store, objects[name], whole / name, aside)

    cache.refuse_without_room(found.uri, sum(objects[name].size for name in wanted), part)
    with buckets.explained(found.uri):
        shutil.rmtree(aside, ignore_errors=True)
        for folder in {aside, *((whole / name).parent for name in found.objects)}:
            folder.mkdir(parents=True, exist_ok=True)
        buckets.in_parallel(bring, wanted)
        _refuse_one_file_for_two(found.uri, whole, found.objects)
        if whole != target:
            whole.rename(target)
        unchanged_files.record(target, found.objects)
    shutil.rmtree(part, ignore_errors=True)


def _refuse_one_file_for_two(uri: str, folder: Path, names: Iterable[str]) -> None:
    """Raises UserError if two objects are one file here: some file systems ignore case and the form of accents."""
    seen: dict[str, str] = {}
    for name in sorted(names):
        other = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name and (folder / other).samefile(folder / name):
            raise UserError(
                f"{uri}: objects {other!r} and {name!r} are the same file on this disk; rename one in the bucket, or set "
                "BOXWRIGHT_CACHE to a folder on another disk"
            )


def _refuse_impossible_names(uri: str, names: list[str]) -> None:
    """Raises UserError for object names that cannot be file names: `../x` would be outside of the folder, `a//b` would overwrite
    `a/b`, and `a` cannot be a file if `a/b` exists."""
    for name in names:
        if name.startswith("/") or ".." in Path(name).parts:
            raise UserError(f"{uri}: object {name!r} would be written outside of its folder; rename it in the bucket")
        if "\0" in name or name.endswith("/.") or any(len(part.encode()) > _LONGEST for part in Path(name).parts):
            raise UserError(f"{uri}: object {name!r} has a name that is not a valid file name; rename it in the bucket")
    places: dict[Path, str] = {}
    for name in sorted(names):
        if Path(name) in places:
            raise UserError(
                f"{uri}: objects {places[Path(name)]!r} and {name!r} would be the same file; rename one in the bucket"
            )
        places[Path(name)] = name
    for place, name in places.items():
        if above := next((parent for parent in place.parents if parent in places), None):
            raise UserError(
                f"{uri}: object {places[above]!r} would be both a file and the folder of {name!r}; rename one in the bucket"
            )
