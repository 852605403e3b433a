"""Publishes files in a bucket. README.md describes the protocol.

All files are uploaded first. Then the marker is replaced, on condition that nobody else has replaced it meanwhile. No file is
uploaded twice: files of an interrupted attempt are kept, and files of the previous publication are copied inside the bucket.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets, lookup
from boxwright.core.storage.lookup import Marker
from boxwright.core.storage.publication import FAILED, MARKER, File, Publication, from_marker
from boxwright.core.storage.uri import as_prefix, in_bucket, split

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Bucket


def publish(source: Path, uri: str) -> str:
    """Publishes a file, or a folder with all its files, at gs://bucket/prefix. `fetch` reads it from there.

    Returns gs://bucket/prefix/DIGEST, the folder of the objects. Raises UserError as `publish_files` does.
    """
    if not in_bucket(uri):
        raise UserError(f"{uri}: cannot publish there; expected gs://BUCKET/FOLDER")
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
    name, path = split(uri)
    prefix = as_prefix(path)
    _refuse_impossible_names(uri, files)
    with buckets.explained(uri, "published"):
        bucket = buckets.bucket(name)
        wanted = Publication(files={name: _described(file) for name, file in files.items()}, single=single)
        before = _marker_before(uri, bucket, prefix)
        place = f"{prefix}{wanted.digest}/"
        there = {blob.name: blob for blob in bucket.list_blobs(prefix=place, **buckets.patience())}
        sources = _same_objects(bucket, prefix, before.body, wanted)

        def send(name: str) -> File:
            blob = there.get(place + name) or bucket.blob(place + name)
            return _send(uri, blob, wanted.files[name], files[name], sources.get(name))

        sent = dict(zip(wanted.files, buckets.in_parallel(send, wanted.files), strict=True))
        _replace_marker(uri, bucket.blob(prefix + MARKER), replace(wanted, files=sent), before)
    return f"gs://{bucket.name}/{place.rstrip('/')}"


def require_free(uri: str) -> None:
    """Raises UserError unless something can be published at gs://bucket/prefix.

    The bucket must exist and allow listing. No object may have this name, because readers would still get that object. No foreign
    objects may be below it, because readers would no longer see them.
    """
    name, path = split(uri)
    prefix = as_prefix(path)
    failed = f"{prefix}{FAILED}/"
    with buckets.explained(uri, "published"):
        held = buckets.bucket(name)
        names = (blob.name for blob in held.list_blobs(prefix=prefix, **buckets.patience()))
        other = next((name for name in names if name != prefix and not name.startswith(failed)), None)
        if other and not lookup.marker(uri, held, prefix, buckets.patience()).generation:
            raise UserError(f"{uri}: other objects are already there (first: {other}); choose an empty folder")
        if (single := path.rstrip("/")) and held.get_blob(single, **buckets.patience()):
            raise UserError(f"{uri}: an object with this name exists; delete it, or choose another name")


def delete(uri: str) -> None:
    """Deletes all objects below a folder. Missing objects are no error. Raises UserError if that fails."""
    name, path = split(uri)
    with buckets.explained(uri, "deleted"):
        bucket = buckets.bucket(name)
        blobs = {b.name: b for b in bucket.list_blobs(prefix=as_prefix(path), **buckets.patience())}
        buckets.in_parallel(lambda name: _delete(blobs[name]), blobs)


def _refuse_impossible_names(uri: str, files: Mapping[str, Path]) -> None:
    if not files:
        raise UserError(f"{uri}: there is no file to publish")
    for name in files:
        if not name.isprintable():  # line breaks, and names that are not UTF-8
            raise UserError(f"{uri}: {name!r} cannot be the name of an object; rename the file")


def _described(file: Path) -> File:
    return File(size=file.stat().st_size, sha256=digests.of_file(file), crc32c=buckets.crc32c_of_file(file))


def _marker_before(uri: str, bucket: "Bucket", prefix: str) -> Marker:
    """The current marker. If there is none, an empty marker is written first.

    Without it, a reader would see an incomplete first publication as an ordinary folder.
    """
    from google.api_core.exceptions import PreconditionFailed

    before = lookup.marker(uri, bucket, prefix, buckets.patience())
    if before.generation:
        return before
    with suppress(PreconditionFailed):  # another publisher wrote it, or we did and the response was lost
        _put_marker(bucket.blob(prefix + MARKER), Publication().as_marker(), 0)
    return lookup.marker(uri, bucket, prefix, buckets.patience())


def _put_marker(blob: "Blob", body: bytes, generation: int) -> None:
    """Replaces the marker of that generation. generation 0: there must be no marker yet."""
    blob.cache_control = (
        "no-store"  # otherwise a public marker would be served from a cache for an hour after it was replaced
    )
    condition = {"if_generation_match": generation, **buckets.patience()}
    blob.upload_from_string(body, "application/json", checksum="crc32c", **condition)


def _same_objects(bucket: "Bucket", prefix: str, body: bytes, wanted: Publication) -> dict[str, "Blob"]:
    """Objects of the previous publication that the new one also has, by name. Empty if its marker cannot be read."""
    try:
        earlier = from_marker(body)
    except ValueError:
        return {}
    same = {
        name: file.generation
        for name, file in earlier.files.items()
        if name in wanted.files and replace(file, generation=0) == wanted.files[name]
    }
    return {
        name: bucket.blob(f"{prefix}{earlier.digest}/{name}", generation=generation)
        for name, generation in same.items()
    }


def _send(uri: str, blob: "Blob", wanted: File, file: Path, earlier: "Blob | None") -> File:
    """Uploads or copies the file, unless the object exists with the right checksum. Returns `wanted` with its generation."""
    from google.api_core.exceptions import PreconditionFailed

    if not _is_right(blob, wanted):
        condition = {"if_generation_match": blob.generation or 0, **buckets.patience()}
        try:
            if earlier is None or not _copied_inside(earlier, blob, condition):
                blob.upload_from_filename(str(file), checksum="crc32c", **condition)
        except PreconditionFailed:  # we wrote it and the response was lost, or another publisher did
            blob = blob.bucket.blob(blob.name)
            blob.reload(**buckets.patience())
        if not _is_right(blob, wanted):
            raise UserError(
                f"{uri}: the upload of {file} is damaged, or the file changed meanwhile; nothing was published; run the command "
                "again"
            )
    return replace(wanted, generation=blob.generation)


def _is_right(blob: "Blob", wanted: File) -> bool:
    return (blob.size, blob.crc32c) == (wanted.size, wanted.crc32c)


def _copied_inside(earlier: "Blob", blob: "Blob", condition: Mapping[str, Any]) -> bool:
    """Copies an object inside the bucket. False if the earlier object no longer exists."""
    from google.api_core.exceptions import NotFound

    token = None
    try:
        while True:
            token, _, _ = blob.rewrite(earlier, token, if_source_generation_match=earlier.generation, **condition)
            if token is None:
                return True
    except NotFound:
        return False


def _replace_marker(uri: str, blob: "Blob", wanted: Publication, before: Marker) -> None:
    """Makes `wanted` the current publication, provided that `before` is still the current one."""
    from google.api_core.exceptions import PreconditionFailed

    if before.body == (body := wanted.as_marker()):
        return
    try:
        _put_marker(blob, body, before.generation)
    except PreconditionFailed:
        if lookup.marker(uri, blob.bucket, str(blob.name).removesuffix(MARKER), buckets.patience()).body == body:
            return  # we wrote it and the response was lost, or another publisher wrote the same content
        raise UserError(
            f"{uri}: somebody else published there at the same time, and theirs is the current publication; your files are all "
            f"in {wanted.digest}/ beside it. Run the command again to replace theirs, or choose another URI"
        ) from None
    if blob.crc32c != buckets.crc32c([body]):
        raise UserError(f"{uri}: the upload of {MARKER} is damaged; run the command again")


def _delete(blob: "Blob") -> None:
    from google.api_core.exceptions import NotFound

    with suppress(NotFound):
        blob.delete(**buckets.patience())
