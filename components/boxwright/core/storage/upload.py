"""Publishes files in a bucket. README.md describes the protocol.

All files are uploaded first. Then the marker is replaced, on condition that nobody else has replaced it meanwhile. The files of
an interrupted attempt are not uploaded again.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets, lookup
from boxwright.core.storage.lookup import Marker
from boxwright.core.storage.publication import FAILED, MARKER, File, Publication
from boxwright.core.storage.stores.store import Conflict, Object, Store
from boxwright.core.storage.uri import as_prefix, in_bucket, split


def publish(source: Path, uri: str) -> str:
    """Publishes a file, or a folder with all its files, at gs://bucket/prefix. `fetch` reads it from there.

    Returns gs://bucket/prefix/DIGEST, the folder of the objects. Raises UserError as `publish_files` does.
    """
    if not in_bucket(uri):
        raise UserError(f"{uri}: cannot publish there; expected gs://BUCKET/FOLDER or s3://BUCKET/FOLDER")
    if not source.exists():
        raise UserError(f"{source}: there is no such file or folder to publish")
    if source.is_file():
        return publish_files({source.name: source}, uri, single=True)
    return publish_files({str(f.relative_to(source)): f for f in sorted(source.rglob("*")) if f.is_file()}, uri)


def publish_files(files: Mapping[str, Path], uri: str, single: bool = False) -> str:
    """Publishes the files under the given names at gs://bucket/prefix. Returns gs://bucket/prefix/DIGEST, their folder.

    single: readers get one file, not a folder. Publishing the same files again changes nothing.
    Raises UserError if a file cannot be read or uploaded, or somebody else published there meanwhile. The previous publication
    then stays unchanged.
    """
    _, path = split(uri)
    prefix = as_prefix(path)
    _refuse_impossible_names(uri, files)
    with buckets.explained(uri, "published"):
        store = buckets.store_of(uri)
        states = {name: _state(file) for name, file in files.items()}
        wanted = Publication(files={name: _described(file) for name, file in files.items()}, single=single)
        before = _marker_before(uri, store, prefix)
        place = f"{prefix}{wanted.digest}/"
        there = {one.name: one for one in store.listed(place)}

        def send(name: str) -> None:
            _send(store, place + name, files[name], there.get(place + name))
            if _state(files[name]) != states[name]:
                raise UserError(f"{uri}: {files[name]} changed while it was published; run the command again")

        buckets.in_parallel(send, files)
        _replace_marker(uri, store, prefix, wanted, before)
    return f"{as_prefix(uri)}{wanted.digest}"


def require_free(uri: str) -> None:
    """Raises UserError unless something can be published at gs://bucket/prefix.

    The bucket must exist and allow listing. No object may have this name, because readers would still get that object. No foreign
    objects may be below it, because readers would no longer see them.
    """
    _, path = split(uri)
    prefix = as_prefix(path)
    failed = f"{prefix}{FAILED}/"
    with buckets.explained(uri, "published"):
        store = buckets.store_of(uri)
        names = (one.name for one in store.listed(prefix))
        other = next((name for name in names if name != prefix and not name.startswith(failed)), None)
        if other and not lookup.marker(uri, store, prefix).version:
            raise UserError(f"{uri}: other objects are already there (first: {other}); choose an empty folder")
        if (single := path.rstrip("/")) and store.stat(single):
            raise UserError(f"{uri}: an object with this name exists; delete it, or choose another name")


def delete(uri: str) -> None:
    """Deletes all objects below a folder. Missing objects are no error. Raises UserError if that fails."""
    with buckets.explained(uri, "deleted"):
        store = buckets.store_of(uri)
        buckets.in_parallel(store.delete, [one.name for one in store.listed(as_prefix(split(uri)[1]))])


def _refuse_impossible_names(uri: str, files: Mapping[str, Path]) -> None:
    if not files:
        raise UserError(f"{uri}: there is no file to publish")
    for name in files:
        if not name.isprintable():  # line breaks, and names that are not UTF-8
            raise UserError(f"{uri}: {name!r} cannot be the name of an object; rename the file")


def _described(file: Path) -> File:
    return File(size=file.stat().st_size, sha256=digests.of_file(file))


def _state(file: Path) -> list[int]:
    """Changes when the file is written."""
    there = file.stat()
    return [there.st_size, there.st_mtime_ns, there.st_ctime_ns, there.st_ino]


def _send(store: Store, name: str, file: Path, there: Object | None) -> None:
    """Uploads the file, unless the object exists with its content."""
    if not there or not store.same(there, file):
        store.put(name, file)


def _marker_before(uri: str, store: Store, prefix: str) -> Marker:
    """The current marker. If there is none, an empty marker is written first.

    Without it, a reader would see an incomplete first publication as an ordinary folder.
    """
    before = lookup.marker(uri, store, prefix)
    if before.version:
        return before
    with suppress(Conflict):  # another publisher wrote it, or we did and the response was lost
        store.put(prefix + MARKER, Publication().as_marker(), replaces="")
    return lookup.marker(uri, store, prefix)


def _replace_marker(uri: str, store: Store, prefix: str, wanted: Publication, before: Marker) -> None:
    """Makes `wanted` the current publication, provided that `before` is still the current one."""
    if before.body == (body := wanted.as_marker()):
        return
    try:
        store.put(prefix + MARKER, body, replaces=before.version)
    except Conflict:
        if lookup.marker(uri, store, prefix).body == body:
            return  # we wrote it and the response was lost, or another publisher wrote the same content
        raise UserError(
            f"{uri}: somebody else published there at the same time, and theirs is the current publication; your files are all "
            f"in {wanted.digest}/ beside it. Run the command again to replace theirs, or choose another URI"
        ) from None
