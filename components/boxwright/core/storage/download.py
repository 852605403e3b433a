"""Copying objects of a bucket to this machine: a folder with all of them, each as it was listed, or none.

The client library compares a download with the checksum that comes with its bytes. It compares nothing when none comes, or when
the connection was lost in between. So each file is compared with the checksum in the listing, or in the publication's marker.
"""

import fcntl
import gzip
import os
import shutil
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets
from boxwright.core.storage.lookup import Found

if TYPE_CHECKING:
    from google.cloud.storage import Blob

_LONGEST = 255  # bytes of a file's name


def copy(found: Found, cache: Path) -> Path:
    """Copies the objects below `cache`. Returns the path of the file that the URI names, else of the folder.

    The copy lies in a folder named by its objects and their generations. So unchanged objects are not fetched again, and a
    changed bucket is never mixed with an older copy. An interrupted copy is resumed. When two processes want the same copy, one
    of them fetches it.
    Raises UserError when an object cannot be had, or no folder can hold it.
    """
    target = copy_folder(found, cache)
    _refuse_impossible_names(found.uri, list(found.blobs))
    if not all(_is_there(blob, target / name) for name, blob in found.blobs.items()):
        with _locked(found.uri, target.with_name(f"{target.name}.part")) as part:
            _collect(found, part, target)
    return target / found.file


def copy_folder(found: Found, cache: Path) -> Path:
    """The folder of the copy, below `cache`."""
    return cache / "buckets" / found.version


def fetch_object(uri: str, blob: "Blob", file: Path, aside: Path) -> None:
    """Puts the listed generation of an object at `file`, after its checksum was compared.

    aside: folder for what is under way. Raises UserError when the object is gone or arrives damaged.
    """
    from google.api_core.exceptions import NotFound

    part = aside / uuid.uuid4().hex
    encoding = blob.content_encoding  # fetched as it is stored: what the server or client unpacks has no checksum
    try:
        buckets.pinned(blob).download_to_filename(
            str(part), raw_download=bool(encoding), checksum="crc32c", **buckets.patience()
        )
        if blob.crc32c and buckets.crc32c_of_file(part) != blob.crc32c:
            raise UserError(f"{uri}: what arrived as {blob.name} is not what the bucket holds; try again")
        if encoding == "gzip":
            _unpack(uri, str(blob.name), part)
        part.rename(file)
    except NotFound:
        raise UserError(
            f"{uri}: {blob.name} is not there any more as it was listed: somebody replaced or deleted it; run it again, or "
            "publish there anew"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _is_there(blob: "Blob", file: Path) -> bool:
    """Compares sizes only: whoever tidies up caches deletes single files."""
    try:
        size = file.stat().st_size
    except OSError:
        return False
    return blob.size in (None, size) or bool(blob.content_encoding)


def _unpack(uri: str, name: str, part: Path) -> None:
    unpacked = part.with_name(f"{part.name}.unpacked")
    try:
        with gzip.GzipFile(part) as stream, unpacked.open("wb") as file:
            shutil.copyfileobj(stream, file)
        unpacked.rename(part)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{uri}: {name} is said to be stored as gzip, but is not ({error}); upload it again") from None
    finally:
        unpacked.unlink(missing_ok=True)


@contextmanager
def _locked(uri: str, part: Path) -> Iterator[Path]:
    """Makes and locks the folder. A process that wants the same copy waits for the lock, then uses or resumes the copy."""
    try:
        part.mkdir(parents=True, exist_ok=True)
        lock = os.open(part, os.O_RDONLY)
    except OSError as error:
        raise UserError(f"{uri} cannot be kept in {part.parent}: {error.strerror}; set BOXWRIGHT_CACHE") from None
    try:
        with suppress(OSError):  # a file system without locks: the slower of two processes then fails
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield part
    finally:
        os.close(lock)


def _collect(found: Found, part: Path, target: Path) -> None:
    """Collects the objects in `part`, and moves them into place when all are there.

    What has arrived stays for the next try: the folder's name stands for the generations of all objects. What was under way
    when a process was killed does not stay.
    """
    whole, aside = target if target.exists() else part / "whole", part / "aside"

    def bring(name: str) -> None:
        if not _is_there(found.blobs[name], whole / name):
            fetch_object(found.uri, found.blobs[name], whole / name, aside)

    with buckets.explained(found.uri):
        shutil.rmtree(aside, ignore_errors=True)
        for folder in {aside, *((whole / name).parent for name in found.blobs)}:
            folder.mkdir(parents=True, exist_ok=True)
        buckets.in_parallel(bring, sorted(found.blobs))
        if whole != target:
            whole.rename(target)
    shutil.rmtree(part, ignore_errors=True)


def _refuse_impossible_names(uri: str, names: list[str]) -> None:
    """Refuses names of objects that no folder can hold: `../x` would lie outside of it, `a//b` on top of `a/b`, and `a` cannot be
    a file beside `a/b`."""
    for name in names:
        if name.startswith("/") or ".." in Path(name).parts:
            raise UserError(f"{uri}: object {name!r} would be written outside of its folder; rename it in the bucket")
        if "\0" in name or name.endswith("/.") or any(len(part.encode()) > _LONGEST for part in Path(name).parts):
            raise UserError(f"{uri}: object {name!r} has a name that no file can have; rename it in the bucket")
    places: dict[Path, str] = {}
    for name in sorted(names):
        if Path(name) in places:
            raise UserError(
                f"{uri}: objects {places[Path(name)]!r} and {name!r} would be one file; rename one in the bucket"
            )
        places[Path(name)] = name
    for place, name in places.items():
        if above := next((parent for parent in place.parents if parent in places), None):
            raise UserError(
                f"{uri}: object {places[above]!r} would be the folder of {name!r}; rename one in the bucket"
            )
