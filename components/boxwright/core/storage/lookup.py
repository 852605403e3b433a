"""Finds the objects of a URI in a bucket: an object, a folder, or a publication."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from boxwright.core.runtime import digests, limits
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets, publication
from boxwright.core.storage.stores.store import Gone, Object, Store
from boxwright.core.storage.uri import as_prefix, split

# Attempts to read a marker that is replaced between the request for its generation and the request for its content.
_MARKER_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Found:
    """The objects of a URI, each with its version at the time of listing.

    objects: by name below `prefix`; file: name of the object if the URI names a single one; empty if it names all of them.
    """

    uri: str
    prefix: str
    objects: Mapping[str, Object]
    file: str = ""

    @property
    def version(self) -> str:
        """Changes when an object is added, replaced or deleted."""
        versions = {one.name: one.sha256 or one.version for one in self.objects.values()}
        return digests.of_json([self.uri.partition(":")[0], split(self.uri)[0], self.prefix, versions])


@dataclass(frozen=True)
class Marker:
    """The marker of a publication. version: of its object; empty if there is no marker."""

    body: bytes = b""
    version: str = ""


def find(uri: str, alone: bool = False, seconds: float | None = None) -> Found:
    """Lists the objects at a URI. It takes a few requests and reads no content.

    The result is the first of these that exists: the object of that name; the publication there; all objects below it; the file
    or folder of that name in a publication of a parent folder.

    alone: return a single object without the objects beside it; seconds: how long an unreachable bucket is retried.
    Raises UserError if nothing exists there, Unreachable if the bucket does not answer.
    """
    _, path = split(uri)
    above, _, last = path.rpartition("/")
    with buckets.explained(uri):
        store = buckets.store_of(uri, seconds)
        single = store.stat(path) if last else None
        if single and alone:
            return Found(uri=uri, prefix=as_prefix(above), objects={last: single}, file=last)
        if not single and (published := _published(uri, store, as_prefix(path))):
            return published
        prefix = as_prefix(above if single else path)
        objects = {one.name.removeprefix(prefix): one for one in store.listed(prefix) if _is_file(one.name)}
        if not objects and (inside := _inside(uri, store, path.rstrip("/"), alone)):
            return inside
    if not objects:
        raise UserError(
            f"{uri}: there is no object with this name and none below it; list the bucket to check the name"
        )
    return Found(uri=uri, prefix=prefix, objects=objects, file=last if single else "")


def names(uri: str, beginning: str) -> list[str]:
    """The names, below the folder `uri`, of all objects that begin with this text. Raises UserError if it cannot be listed."""
    prefix = as_prefix(split(uri)[1])
    with buckets.explained(uri, "read"):
        return [one.name.removeprefix(prefix) for one in buckets.store_of(uri).listed(prefix + beginning)]


def _is_file(name: str) -> bool:
    """Whether an object is a file. Web consoles represent a folder by an empty object whose name ends in a slash."""
    return not name.endswith("/")


def _published(uri: str, store: Store, prefix: str) -> Found | None:
    """The publication whose marker is below `prefix`. None without a marker."""
    found = marker(uri, store, prefix)
    if not found.version:
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
    objects = {
        name: Object(name=place + name, size=file.size, sha256=file.sha256) for name, file in listed.files.items()
    }
    return Found(uri=uri, prefix=place, objects=objects, file=next(iter(objects)) if listed.single else "")


def _inside(uri: str, store: Store, path: str, alone: bool) -> Found | None:
    """A file or folder in the publication of the nearest parent folder, by its original name.

    A run's `summary.json` refers to its artifacts by these names.
    """
    parts = path.split("/")
    for cut in reversed(range(len(parts))):
        if found := _published(uri, store, as_prefix("/".join(parts[:cut]))):
            return _part(found, "/".join(parts[cut:]), alone)
    return None


def _part(found: Found, name: str, alone: bool) -> Found | None:
    """One file or folder of a publication. None if it does not exist."""
    above, _, last = name.rpartition("/")
    single = name in found.objects
    below = as_prefix(above if single else name)
    objects = {name.removeprefix(below): one for name, one in found.objects.items() if name.startswith(below)}
    if single and alone:
        objects = {last: objects[last]}
    if not objects:
        return None
    return replace(found, prefix=found.prefix + below, objects=objects, file=last if single else "")


def marker(uri: str, store: Store, prefix: str) -> Marker:
    """The marker below `prefix`, with content and version that belong together. An empty Marker if there is none."""
    for _ in range(_MARKER_TRIES):
        there = store.stat(prefix + publication.MARKER)
        if there is None:
            return Marker()
        limits.check_size(there.size, limits.OWN_JSON_BYTES, f"{uri}: its {publication.MARKER}")
        try:
            return Marker(store.read(there), there.version)
        except Gone:  # replaced in between
            continue
    raise UserError(f"{uri}: its publication was replaced {_MARKER_TRIES} times while it was read; try again later")
