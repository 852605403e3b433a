"""Publishing files in a bucket: everything is sent first, then the marker is switched, under the condition that nobody else has
switched it meanwhile. See `publication` for what then lies where.

Nothing is sent twice: what an interrupted publishing left there with the right checksum stays, and what the publication before
holds, too, is copied inside the bucket. Of two publishers at once the one whose marker comes first wins; the other is told.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets
from boxwright.core.storage.publication import MARKER, File, Publication, parse


def publish(files: Mapping[str, Path], uri: str, single: bool = False) -> str:
    """Publishes the files under the names given at `uri` (gs://bucket/prefix); returns gs://bucket/prefix/DIGEST, where they lie.

    single: one file by itself; readers then get it, not a folder. Publishing again what is published there changes nothing.
    Raises UserError when the files cannot be read or sent, or somebody else published there meanwhile: what was published at
    `uri` then stands as it did.
    """
    name, path = buckets.split(uri)
    prefix = buckets.as_prefix(path)
    _refuse_unnameable(uri, files)
    with buckets.explained(uri, "published"):
        bucket = buckets.bucket(name)
        wanted = Publication(files={name: _described(file) for name, file in files.items()}, single=single)
        before = _before(uri, bucket, prefix)
        place = f"{prefix}{wanted.digest}/"
        there = {blob.name: blob for blob in bucket.list_blobs(prefix=place, **buckets.patience())}
        copies = _copies(bucket, prefix, before.body, wanted)

        def send(name: str) -> File:
            blob = there.get(place + name) or bucket.blob(place + name)
            return _send(uri, blob, wanted.files[name], files[name], copies.get(name))

        sent = dict(zip(wanted.files, buckets.in_parallel(send, wanted.files), strict=True))
        _switch(uri, bucket.blob(prefix + MARKER), replace(wanted, files=sent), before)
    return f"gs://{bucket.name}/{place.rstrip('/')}"


def _refuse_unnameable(uri: str, files: Mapping[str, Path]) -> None:
    if not files:
        raise UserError(f"{uri}: there is no file to publish")
    for name in files:
        if not name.isprintable():  # line breaks, and what is not UTF-8
            raise UserError(f"{uri}: a bucket has no such name as {name!r}; rename the file")


def _before(uri: str, bucket: Any, prefix: str) -> buckets.Marker:
    """The marker that holds; where there is none, one without files is put: else whoever reads while the first publication is
    being sent, or after that failed, would take what has arrived for a folder."""
    from google.api_core.exceptions import PreconditionFailed

    before = buckets.marker(uri, bucket, prefix, buckets.patience())
    if before.generation:
        return before
    with suppress(PreconditionFailed):  # somebody else's, or ours, the answer to which was lost
        _put(bucket.blob(prefix + MARKER), Publication().body(), 0)
    return buckets.marker(uri, bucket, prefix, buckets.patience())


def _put(blob: Any, body: bytes, generation: int) -> None:
    """Writes a marker over that of a generation, 0: where there is none."""
    blob.cache_control = "no-store"  # what is public would else be served for an hour after it was replaced
    condition = {"if_generation_match": generation, **buckets.patience()}
    blob.upload_from_string(body, "application/json", checksum="crc32c", **condition)


def _described(file: Path) -> File:
    return File(size=file.stat().st_size, sha256=digests.of_file(file), crc32c=buckets.crc32c_of(file))


def _copies(bucket: Any, prefix: str, body: bytes, wanted: Publication) -> dict[str, Any]:
    """Objects of the publication before, by the names under which the new one holds the same; none when its marker cannot be
    read: then it is replaced by one that can."""
    try:
        earlier = parse(body)
    except ValueError:
        return {}
    same = {
        name: file.generation
        for name, file in earlier.files.items()
        if name in wanted.files and replace(file, generation=0) == wanted.files[name]
    }
    return {name: bucket.blob(f"{prefix}{earlier.digest}/{name}", generation=of) for name, of in same.items()}


def _send(uri: str, blob: Any, wanted: File, file: Path, earlier: Any | None) -> File:
    """Sees to it that the object is there and right; `wanted` with its generation."""
    from google.api_core.exceptions import PreconditionFailed

    if not _is(blob, wanted):
        condition = {"if_generation_match": blob.generation or 0, **buckets.patience()}
        try:
            if earlier is None or not _copied(earlier, blob, condition):
                blob.upload_from_filename(str(file), checksum="crc32c", **condition)
        except PreconditionFailed:  # ours, the answer to which was lost; or another publisher of the same content
            blob = blob.bucket.blob(blob.name)
            blob.reload(**buckets.patience())
        if not _is(blob, wanted):
            raise UserError(
                f"{uri}: what arrived of {file} is not what was sent, or the file changed meanwhile; nothing was published, run "
                "it again"
            )
    return replace(wanted, generation=blob.generation)


def _is(blob: Any, wanted: File) -> bool:
    return (blob.size, blob.crc32c) == (wanted.size, wanted.crc32c)


def _copied(earlier: Any, blob: Any, condition: Mapping[str, Any]) -> bool:
    """Copies inside the bucket; False when the earlier object is gone."""
    from google.api_core.exceptions import NotFound

    token = None
    try:
        while True:
            token, _, _ = blob.rewrite(earlier, token, if_source_generation_match=earlier.generation, **condition)
            if token is None:
                return True
    except NotFound:
        return False


def _switch(uri: str, blob: Any, wanted: Publication, before: buckets.Marker) -> None:
    """Makes `wanted` the publication that holds, if `before` still does."""
    from google.api_core.exceptions import PreconditionFailed

    if before.body == (body := wanted.body()):
        return
    try:
        _put(blob, body, before.generation)
    except PreconditionFailed:
        if buckets.marker(uri, blob.bucket, blob.name.removesuffix(MARKER), buckets.patience()).body == body:
            return  # ours, the answer to which was lost; or another publisher of the same content
        raise UserError(
            f"{uri}: somebody else published there at the same time, and theirs holds; this one lies complete in "
            f"{wanted.digest}/ beside it. Run it again to put it in their place, or choose another place"
        ) from None
    if blob.crc32c != buckets.crc32c([body]):
        raise UserError(f"{uri}: what arrived of {MARKER} is not what was sent; run it again")


def clear(uri: str) -> None:
    """Deletes all that lies below a folder; what is gone already is no error. Raises UserError when it cannot be done."""
    name, path = buckets.split(uri)
    with buckets.explained(uri, "deleted"):
        bucket = buckets.bucket(name)
        blobs = {b.name: b for b in bucket.list_blobs(prefix=buckets.as_prefix(path), **buckets.patience())}
        buckets.in_parallel(lambda name: _delete(blobs[name]), blobs)


def _delete(blob: Any) -> None:
    from google.api_core.exceptions import NotFound

    with suppress(NotFound):
        blob.delete(**buckets.patience())
