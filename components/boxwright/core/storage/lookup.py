"""Finds the objects of a gs:// URI: an object, a folder, or a publication."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from boxwright.core.runtime import digests, limits
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets, publication
from boxwright.core.storage.uri import as_prefix, split

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Bucket

# Attempts to read a marker that is replaced between the request for its generation and the request for its content.
_MARKER_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Found:
    """The objects of a URI, each with its generation at the time of listing.

    blobs: by name below `prefix`; file: name of the object if the URI names a single one; empty if it names all of them.
    """

    uri: str
    prefix: str
    blobs: Mapping[str, "Blob"]
    file: str = ""

    @property
    def version(self) -> str:
        """Changes when an object is added, replaced or deleted."""
        generations = {blob.name: blob.generation for blob in self.blobs.values()}
        return digests.of_json([split(self.uri)[0], self.prefix, generations])


@dataclass(frozen=True)
class Marker:
    """The marker of a publication. generation: 0 if there is no marker."""

    body: bytes = b""
    generation: int = 0


def find(uri: str, alone: bool = False, seconds: float | None = None) -> Found:
    """Lists the objects at a URI. It takes a few requests and reads no content.

    The result is the first of these that exists: the object of that name; the publication there; all objects below it; the file
    or folder of that name in a publication of a parent folder.

    alone: return a single object without the objects beside it; seconds: how long an unreachable bucket is retried.
    Raises UserError if nothing exists there, Unreachable if the bucket does not answer.
    """
    name, path = split(uri)
    above, _, last = path.rpartition("/")
    patient = buckets.patience(seconds)
    with buckets.explained(uri):
        held = buckets.bucket(name)
        single = held.get_blob(path, **patient) if last else None
        if single and alone:
            return Found(uri=uri, prefix=as_prefix(above), blobs={last: single}, file=last)
        if not single and (published := _published(uri, held, as_prefix(path), patient)):
            return published
        prefix = as_prefix(above if single else path)
        objects = held.list_blobs(prefix=prefix, **patient)
        blobs = {blob.name.removeprefix(prefix): blob for blob in objects if _is_file(blob.name)}
        if not blobs and (inside := _inside(uri, held, path.rstrip("/"), patient, alone)):
            return inside
    if not blobs:
        raise UserError(
            f"{uri}: there is no object with this name and none below it; check it with `gcloud storage ls`"
        )
    return Found(uri=uri, prefix=prefix, blobs=blobs, file=last if single else "")


def _is_file(name: str) -> bool:
    """Whether an object is a file. Web consoles represent a folder by an empty object whose name ends in a slash."""
    return not name.endswith("/")


def _published(uri: str, bucket: "Bucket", prefix: str, patient: dict[str, Any]) -> Found | None:
    """The publication whose marker is below `prefix`. None without a marker."""
    found = marker(uri, bucket, prefix, patient)
    if not found.generation:
        return None
    try:
        listed = publication.from_marker(found.body)
    except ValueError as error:
        raise UserError(
            f"{uri}: its {publication.MARKER} cannot be read ({error}): it is damaged, or another version of Boxwright wrote "
            "it; publish there again"
        ) from None
    if not listed.files:
        raise UserError(
            f"{uri}: the first publication there is not complete yet; wait for it or, if it failed, run its command again"
        )
    place = f"{prefix}{listed.digest}/"
    blobs = {name: bucket.blob(place + name, generation=file.generation) for name, file in listed.files.items()}
    for name, blob in blobs.items():
        blob.crc32c = listed.files[name].crc32c
    return Found(uri=uri, prefix=place, blobs=blobs, file=next(iter(blobs)) if listed.single else "")


def _inside(uri: str, bucket: "Bucket", path: str, patient: dict[str, Any], alone: bool) -> Found | None:
    """A file or folder in the publication of the nearest parent folder, by its original name.

    A run's `summary.json` refers to its artifacts by these names.
    """
    parts = path.split("/")
    for cut in reversed(range(len(parts))):
        if found := _published(uri, bucket, as_prefix("/".join(parts[:cut])), patient):
            return _part(found, "/".join(parts[cut:]), alone)
    return None


def _part(found: Found, name: str, alone: bool) -> Found | None:
    """One file or folder of a publication. None if it does not exist."""
    above, _, last = name.rpartition("/")
    single = name in found.blobs
    below = as_prefix(above if single else name)
    blobs = {name.removeprefix(below): blob for name, blob in found.blobs.items() if name.startswith(below)}
    if single and alone:
        blobs = {last: blobs[last]}
    return replace(found, prefix=found.prefix + below, blobs=blobs, file=last if single else "") if blobs else None


def marker(uri: str, bucket: "Bucket", prefix: str, patient: dict[str, Any]) -> Marker:
    """The marker below `prefix`, with content and generation that belong together. An empty Marker if there is none."""
    from google.api_core.exceptions import NotFound

    for _ in range(_MARKER_TRIES):
        blob = bucket.get_blob(prefix + publication.MARKER, **patient)
        if blob is None:
            return Marker()
        limits.check_size(blob.size or 0, limits.OWN_JSON_BYTES, f"{uri}: its {publication.MARKER}")
        try:
            body = buckets.pinned(blob).download_as_bytes(checksum="crc32c", **patient)
        except NotFound:  # replaced in between
            continue
        if buckets.crc32c([body]) != blob.crc32c:
            raise UserError(
                f"{uri}: the download of {blob.name} is damaged (its checksum differs from the bucket's); try again"
            )
        return Marker(body, blob.generation or 0)
    raise UserError(f"{uri}: its publication was replaced {_MARKER_TRIES} times while it was read; try again later")
