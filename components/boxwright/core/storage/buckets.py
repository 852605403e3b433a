"""Google Cloud Storage: what a URI names there, and what went wrong, in one line. Copying is in `stagein`, publishing in
`stageout`; the client library retries what is worth it."""

import base64
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

from boxwright.core.runtime import digests, text_files
from boxwright.core.runtime.errors import NotAllowed, Unreachable, UserError, brief
from boxwright.core.storage import publication

# That Python 3.11 will be out of support one day says nothing about the user's data.
warnings.filterwarnings("ignore", category=FutureWarning, module="google")
# Where the pipelines mount the optional secret `boxwright-bucket`.
SECRET = Path("/secrets/boxwright/credentials.json")
_PARALLEL = 8
RETRY_SECONDS = 120.0
# How often a marker is read again that was replaced between the question for its generation and that for its bytes.
_MARKER_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a URI names, each object in the generation that it then had. blobs: by name below `prefix`; file: the one among them
    that the URI names itself, empty when it names them all."""

    uri: str
    prefix: str
    blobs: Mapping[str, Any]
    file: str = ""

    @property
    def version(self) -> str:
        """Another one when an object was added, replaced or deleted."""
        generations = {blob.name: blob.generation for blob in self.blobs.values()}
        return digests.of_json([split(self.uri)[0], self.prefix, generations])


@dataclass(frozen=True)
class Marker:
    """body: its bytes; generation: 0 when there is none."""

    body: bytes = b""
    generation: int = 0


def client() -> Any:
    """A client with the machine's own credentials, those of the mounted secret, or none: enough for a public bucket. None has a
    project: objects need none, and `gcloud auth application-default login` gives none.

    Raises UserError for a file of credentials that is none.
    """
    from google.auth.exceptions import DefaultCredentialsError
    from google.cloud import storage

    given = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    try:
        if not given and SECRET.is_file():
            return storage.Client.from_service_account_json(str(SECRET))
        return storage.Client(project=None)
    except (DefaultCredentialsError, OSError, ValueError) as error:
        if file := given or (str(SECRET) if SECRET.is_file() else ""):
            raise UserError(f"{file}: no credentials for buckets can be read from it ({brief(error)})") from None
        return storage.Client.create_anonymous_client()


def bucket(name: str, by: Any = None) -> Any:
    """The bucket, asked by a client of its own or `by` another. Where the requester pays, the project of the environment's
    GOOGLE_CLOUD_QUOTA_PROJECT does, as with all of Google's libraries."""
    return (by or client()).bucket(name, user_project=os.environ.get("GOOGLE_CLOUD_QUOTA_PROJECT") or None)


def split(uri: str) -> tuple[str, str]:
    """Bucket and path of gs://bucket/path. Raises UserError where no bucket can be called so."""
    bucket, _, path = uri.removeprefix("gs://").partition("/")
    if not (bucket[:1].isalnum() and bucket[-1:].isalnum()):
        raise UserError(f"{uri}: no bucket can be called {bucket!r}; expected gs://BUCKET/FOLDER")
    return bucket, path


def find(uri: str, alone: bool = False, seconds: float | None = None) -> Found:
    """An object, what is published at `uri`, or else all that lies below it, or what a publication further up has under that
    name; a few requests, no content.

    alone: an object without what lies beside it; seconds: how long an unreachable bucket is asked again.
    Raises UserError when there is nothing there, Unreachable when no bucket answers.
    """
    name, path = split(uri)
    above, _, last = path.rpartition("/")
    patient = patience(seconds)
    with explained(uri):
        held = bucket(name)
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
        raise UserError(f"{uri}: there is no such object and none below it; give it as `gcloud storage ls` shows it")
    return Found(uri=uri, prefix=prefix, blobs=blobs, file=last if single else "")


def require(uri: str) -> None:
    """Raises UserError unless something can be published there: the bucket is there and lets its objects be listed, as whoever
    publishes must; no object has that name, for readers would go on getting it; and none of another origin lies below, for they
    would not see it any more."""
    name, path = split(uri)
    prefix = as_prefix(path)
    failed = f"{prefix}{publication.FAILED}/"
    with explained(uri, "published"):
        held = bucket(name)
        names = (blob.name for blob in held.list_blobs(prefix=prefix, **patience()))
        other = next((name for name in names if name != prefix and not name.startswith(failed)), None)
        if other and not marker(uri, held, prefix, patience()).generation:
            raise UserError(f"{uri}: there are objects in it already (first: {other}); choose a folder of its own")
        if (single := path.rstrip("/")) and held.get_blob(single, **patience()):
            raise UserError(f"{uri}: there is an object of that name; delete it, or choose another place")


def as_prefix(folder: str) -> str:
    """How the names of all objects in a folder begin."""
    return folder.rstrip("/") + "/" if folder.rstrip("/") else ""


def _is_file(name: str) -> bool:
    """Consoles make a folder by an empty object whose name ends in a slash."""
    return not name.endswith("/")


def _published(uri: str, bucket: Any, prefix: str, patient: dict[str, Any]) -> Found | None:
    """What the marker below `prefix` lists; None without one."""
    found = marker(uri, bucket, prefix, patient)
    if not found.generation:
        return None
    try:
        listed = publication.parse(found.body)
    except ValueError as error:
        raise UserError(
            f"{uri}: {publication.MARKER} there cannot be read ({error}): it was damaged, or another version of Boxwright wrote "
            "it; publish there anew"
        ) from None
    if not listed.files:
        raise UserError(
            f"{uri}: what is to be published there is not whole yet; wait for it, or if it failed, run it again"
        )
    place = f"{prefix}{listed.digest}/"
    blobs = {name: bucket.blob(place + name, generation=file.generation) for name, file in listed.files.items()}
    for name, blob in blobs.items():
        blob.crc32c = listed.files[name].crc32c
    return Found(uri=uri, prefix=place, blobs=blobs, file=next(iter(blobs)) if listed.single else "")


def _inside(uri: str, bucket: Any, path: str, patient: dict[str, Any], alone: bool) -> Found | None:
    """A file or a folder of the nearest publication above, under the name that it had before it was published: so a run's
    `summary.json` names its artifacts."""
    parts = path.split("/")
    for cut in reversed(range(len(parts))):
        if found := _published(uri, bucket, as_prefix("/".join(parts[:cut])), patient):
            return _part(found, "/".join(parts[cut:]), alone)
    return None


def _part(found: Found, name: str, alone: bool) -> Found | None:
    """One file of a publication, or a folder in it; None where it has neither."""
    above, _, last = name.rpartition("/")
    single = name in found.blobs
    below = as_prefix(above if single else name)
    blobs = {name.removeprefix(below): blob for name, blob in found.blobs.items() if name.startswith(below)}
    if single and alone:
        blobs = {last: blobs[last]}
    return replace(found, prefix=found.prefix + below, blobs=blobs, file=last if single else "") if blobs else None


def marker(uri: str, bucket: Any, prefix: str, patient: dict[str, Any]) -> Marker:
    """The marker of the publication that now holds below `prefix`, bytes and generation of one and the same."""
    from google.api_core.exceptions import NotFound

    for _ in range(_MARKER_TRIES):
        blob = bucket.get_blob(prefix + publication.MARKER, **patient)
        if blob is None:
            return Marker()
        try:
            body = pinned(blob).download_as_bytes(checksum="crc32c", **patient)
        except NotFound:  # replaced in between
            continue
        if crc32c([body]) != blob.crc32c:
            raise UserError(f"{uri}: what arrived as {blob.name} is not what the bucket holds; try again")
        return Marker(body, blob.generation)
    raise UserError(f"{uri}: what is published there is being replaced again and again; try again later")


def patience(seconds: float | None = None) -> dict[str, Any]:
    """How long a request may take, and for how long what failed in passing is tried again: seconds."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    return {"timeout": (10, 60), "retry": DEFAULT_RETRY.with_timeout(RETRY_SECONDS if seconds is None else seconds)}


def in_parallel(function: Callable[[str], Any], names: Iterable[str]) -> list[Any]:
    """The results in the order of the names; after the first failure, which is raised, nothing new is begun. When this process is
    told to stop, what is under way is not waited for: a connection may say nothing for a minute."""
    names = list(names)
    with ThreadPool(_PARALLEL) as pool:
        try:
            results = dict(pool.imap_unordered(lambda name: (name, function(name)), names))
            return [results[name] for name in names]
        except Exception:
            pool.terminate()
            pool.join()
            raise


def pinned(blob: Any) -> Any:
    """The object in the generation that was listed, to be downloaded: a download writes the checksum that came with the bytes
    over the listed one, and goes where the listing says, which need not name a generation."""
    return blob.bucket.blob(blob.name, generation=blob.generation)


def crc32c_of(file: Path) -> str:
    with file.open("rb") as stream:
        return crc32c(iter(lambda: stream.read(1 << 20), b""))


def crc32c(chunks: Iterable[bytes]) -> str:
    """As buckets say it: base64 of the four bytes."""
    import google_crc32c

    checksum = google_crc32c.Checksum()
    for chunk in chunks:
        checksum.update(chunk)
    return base64.b64encode(checksum.digest()).decode()


@contextmanager
def explained(uri: str, done: str = "fetched") -> Iterator[None]:
    """Says in one line what a bucket refused, and for want of what something could not be `done`."""
    import requests
    from google.api_core.exceptions import Forbidden, GoogleAPIError, NotFound, RetryError, ServerError, Unauthorized
    from google.auth.exceptions import GoogleAuthError, TransportError
    from google.cloud.exceptions import GoogleCloudError
    from google.resumable_media import DataCorruption

    try:
        yield
    except NotFound:
        raise UserError(f"{uri}: there is no such bucket or object") from None
    except DataCorruption as error:
        raise UserError(f"{uri}: what arrived is not what was sent; try again ({brief(error)})") from None
    except (RetryError, ServerError, TransportError, requests.ConnectionError, requests.Timeout) as error:
        raise Unreachable(f"{uri} cannot be {done}: {brief(error)}") from None
    except (Unauthorized, Forbidden, GoogleAuthError) as error:  # of them: no credentials where some are asked for
        raise NotAllowed(
            f"{uri} may not be {done} ({brief(error)}); on a machine run `gcloud auth application-default login` or set "
            f"GOOGLE_APPLICATION_CREDENTIALS, in a cluster make the secret boxwright-bucket with the key {SECRET.name}"
        ) from None
    except (GoogleAPIError, GoogleCloudError, requests.RequestException) as error:
        raise UserError(f"{uri} cannot be {done}: {brief(error)}") from None
    except OSError as error:
        hint = "; set BOXWRIGHT_CACHE to a folder on a disk with room" if error.strerror in text_files.FULL else ""
        raise UserError(f"{uri} cannot be {done}, for a file here: {error.strerror or error}{hint}") from None
