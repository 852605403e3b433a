"""Google Cloud Storage: one object, or a whole folder, copied here whole or not at all.

The client library retries what is worth it and compares every download with the checksum that the bucket sends along; the
checksum of the listing (or of the publication's marker) is compared besides.
"""

import base64
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxwright.core import digests, publication
from boxwright.core.errors import Unreachable, UserError

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
    """A client with the machine's own credentials, those of the mounted secret, or none: enough for a public bucket."""
    from google.auth.exceptions import DefaultCredentialsError
    from google.cloud import storage

    if "GOOGLE_APPLICATION_CREDENTIALS" not in os.environ and SECRET.is_file():
        return storage.Client.from_service_account_json(str(SECRET))
    try:
        return storage.Client()
    except (DefaultCredentialsError, OSError):  # OSError: credentials without a project
        return storage.Client.create_anonymous_client()


def split(uri: str) -> tuple[str, str]:
    """Bucket and path of gs://bucket/path."""
    bucket, _, path = uri.removeprefix("gs://").partition("/")
    return bucket, path


def find(uri: str, alone: bool = False, seconds: float | None = None) -> Found:
    """An object, what is published at `uri`, or else all that lies below it; a few requests, no content.

    alone: an object without what lies beside it; seconds: how long an unreachable bucket is asked again.
    Raises UserError when there is nothing there, Unreachable when no bucket answers.
    """
    name, path = split(uri)
    above, _, last = path.rpartition("/")
    patient = patience(seconds)
    with explained(uri):
        bucket = client().bucket(name)
        single = bucket.get_blob(path, **patient) if last else None
        if single and alone:
            return Found(uri=uri, prefix=as_prefix(above), blobs={last: single}, file=last)
        if not single and (published := _published(uri, bucket, as_prefix(path), patient)):
            return published
        prefix = as_prefix(above if single else path)
        objects = bucket.list_blobs(prefix=prefix, **patient)
        blobs = {blob.name.removeprefix(prefix): blob for blob in objects if _is_file(blob.name)}
    if not blobs:
        raise UserError(f"{uri}: there is no such object and none below it; give it as `gcloud storage ls` shows it")
    return Found(uri=uri, prefix=prefix, blobs=blobs, file=last if single else "")


def require(uri: str) -> None:
    """Raises UserError unless the bucket is there and lets its objects be listed, as whoever publishes in it must."""
    name, path = split(uri)
    with explained(uri, "published"):
        next(iter(client().bucket(name).list_blobs(prefix=as_prefix(path), max_results=1, **patience())), None)


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
    place = f"{prefix}{listed.digest}/"
    blobs = {name: bucket.blob(place + name, generation=file.generation) for name, file in listed.files.items()}
    for name, blob in blobs.items():
        blob.crc32c = listed.files[name].crc32c
    return Found(uri=uri, prefix=place, blobs=blobs, file=next(iter(blobs)) if listed.single else "")


def marker(uri: str, bucket: Any, prefix: str, patient: dict[str, Any]) -> Marker:
    """The marker of the publication that now holds below `prefix`, bytes and generation of one and the same."""
    from google.api_core.exceptions import NotFound

    for _ in range(_MARKER_TRIES):
        blob = bucket.get_blob(prefix + publication.MARKER, **patient)
        if blob is None:
            return Marker()
        try:
            body = _pinned(blob).download_as_bytes(checksum="crc32c", **patient)
        except NotFound:  # replaced in between
            continue
        if crc32c([body]) != blob.crc32c:
            raise UserError(f"{uri}: what arrived as {blob.name} is not what the bucket holds; try again")
        return Marker(body, blob.generation)
    raise UserError(f"{uri}: what is published there is being replaced again and again; try again later")


def copy(found: Found, cache: Path) -> Path:
    """A local copy, below `cache`: the path of the file that the URI names, else of the folder.

    The copy is kept under the names and generations of its objects: what is unchanged is not fetched again, and a changed
    bucket is never mixed with an older copy. A copy that was interrupted goes on where it was.
    Raises UserError when it cannot be had, or no folder can hold it.
    """
    target = home(found, cache)
    if not target.exists():
        _copy(found, target)
    return target / found.file


def home(found: Found, cache: Path) -> Path:
    """The folder of the copy, below `cache`."""
    return cache / "buckets" / found.version


def patience(seconds: float | None = None) -> dict[str, Any]:
    """How long a request may take, and for how long what failed in passing is tried again: seconds."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    return {"timeout": (10, 60), "retry": DEFAULT_RETRY.with_timeout(RETRY_SECONDS if seconds is None else seconds)}


def in_parallel(function: Callable[[str], Any], names: Iterable[str]) -> list[Any]:
    """The results in the order of the names; after the first failure, which is raised, nothing new is begun."""
    with ThreadPoolExecutor(_PARALLEL) as pool:
        tasks = [pool.submit(function, name) for name in names]
        try:
            for task in as_completed(tasks):
                task.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [task.result() for task in tasks]


def _copy(found: Found, target: Path) -> None:
    """Copies aside, each object by itself, and moves the folder to its place when everything is there. What has arrived stays
    for the next try: the folder bears the generations of all objects in its name."""
    uri, blobs = found.uri, found.blobs
    _refuse_homeless(uri, list(blobs))
    aside = target.with_name(target.name + ".part")
    try:
        for folder in {(aside / name).parent for name in blobs}:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{uri} cannot be kept in {target.parent}: {error.strerror}; set BOXWRIGHT_CACHE") from None
    with explained(uri):
        in_parallel(lambda name: _fetch(uri, blobs[name], aside / name), sorted(blobs))
    try:
        aside.rename(target)
    except OSError:
        if not target.exists():  # another process was faster with the same copy
            raise


def _fetch(uri: str, blob: Any, file: Path) -> None:
    """Puts the object, in the generation that was listed, at `file` when its checksum is right; a file there is taken for it."""
    if file.exists():
        return
    part = file.with_name(f".{digests.of_json(file.name)}.{os.getpid()}.part")
    try:
        _pinned(blob).download_to_filename(str(part), checksum="crc32c", **patience())
        if not _is_whole(blob, part):
            raise UserError(f"{uri}: what arrived as {blob.name} is not what the bucket holds; try again")
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)


def _pinned(blob: Any) -> Any:
    """The object in the generation that was listed, to be downloaded: a download writes the checksum that came with the bytes
    over the listed one, and goes where the listing says, which need not name a generation."""
    return blob.bucket.blob(blob.name, generation=blob.generation)


def _is_whole(blob: Any, file: Path) -> bool:
    """Against the listing: the client compares with what comes along with the bytes, and only logs when nothing does. An object
    that is stored compressed arrives unpacked: of it the client alone has seen the bytes that were summed."""
    if blob.content_encoding or not blob.crc32c:
        return True
    return crc32c_of(file) == blob.crc32c


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


def _refuse_homeless(uri: str, names: list[str]) -> None:
    """Objects have names that no folder can hold: `../x` would be written outside of it, `a//b` over `a/b`, and `a` cannot
    be a file beside `a/b`."""
    if wrong := [name for name in names if name.startswith("/") or ".." in Path(name).parts]:
        raise UserError(f"{uri}: object {wrong[0]!r} would be written outside of its folder; rename it in the bucket")
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
    except (Unauthorized, Forbidden) as error:
        raise UserError(
            f"{uri} may not be {done} ({_brief(error)}); on a machine set GOOGLE_APPLICATION_CREDENTIALS, in a cluster make "
            f"the secret boxwright-bucket with the key {SECRET.name}"
        ) from None
    except DataCorruption as error:
        raise UserError(f"{uri}: what arrived is not what was sent; try again ({_brief(error)})") from None
    except (RetryError, ServerError, TransportError, requests.ConnectionError, requests.Timeout) as error:
        raise Unreachable(f"{uri} cannot be {done}: {_brief(error)}") from None
    except (GoogleAPIError, GoogleAuthError, GoogleCloudError, requests.RequestException) as error:
        raise UserError(f"{uri} cannot be {done}: {_brief(error)}") from None
    except OSError as error:
        raise UserError(f"{uri} cannot be {done}, for a file here: {error.strerror or error}") from None


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
