"""Google Cloud Storage: one object, or a whole folder, copied here whole or not at all.

The client library retries what is worth it and compares every download with the checksum that the bucket sends along; the
checksum of the listing is compared besides.
"""

import base64
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from boxwright.core import digests
from boxwright.core.errors import UserError

# Where the pipelines mount the optional secret `boxwright-bucket`.
SECRET = Path("/secrets/boxwright/credentials.json")
_PARALLEL = 8
RETRY_SECONDS = 120.0


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


def download(uri: str, file: Path) -> None:
    """One object. Raises UserError when it cannot be had."""
    from google.cloud.storage import Blob

    with _explained(uri):
        blob = Blob.from_string(uri, client=client())
        blob.reload(**_patience())
        _fetch(uri, blob, file)


def stage(uri: str, cache: Path) -> Path:
    """A local copy, below `cache`, of the folder `uri`, or of the object `uri` with all that lies beside it.

    The copy is kept under the names and generations of its objects: what is unchanged is not fetched again, and a changed
    bucket is never mixed with an older copy. A copy that was interrupted goes on where it was.
    Raises UserError when there is nothing there, it cannot be had, or no folder can hold it.
    """
    bucket_name, _, path = uri.removeprefix("gs://").partition("/")
    with _explained(uri):
        bucket = client().bucket(bucket_name)
        single = bool(path) and not path.endswith("/") and bucket.blob(path).exists(**_patience())
        folder = path.rpartition("/")[0] if single else path.rstrip("/")
        prefix = folder and folder + "/"
        objects = {blob.name: blob for blob in bucket.list_blobs(prefix=prefix, **_patience()) if _is_file(blob.name)}
    if not objects:
        raise UserError(f"{uri}: there is no object below it; give gs://BUCKET/FOLDER as `gcloud storage ls` shows it")
    generations = {name: blob.generation for name, blob in objects.items()}
    target = cache / "buckets" / digests.of_json([bucket_name, prefix, generations])
    if not target.exists():
        _copy(uri, {name.removeprefix(prefix): blob for name, blob in objects.items()}, target)
    return target / path.removeprefix(prefix) if single else target


def _is_file(name: str) -> bool:
    """Consoles make a folder by an empty object whose name ends in a slash."""
    return not name.endswith("/")


def _patience() -> dict[str, Any]:
    """How long a request may take, and for how long what failed in passing is tried again: seconds."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    return {"timeout": (10, 60), "retry": DEFAULT_RETRY.with_timeout(RETRY_SECONDS)}


def _copy(uri: str, blobs: dict[str, Any], target: Path) -> None:
    """Copies aside, each object by itself, and moves the folder to its place when everything is there. What has arrived stays
    for the next try: the folder bears the generations of all objects in its name. blobs: by name below the folder."""
    _refuse_homeless(uri, list(blobs))
    aside = target.with_name(target.name + ".part")
    try:
        for folder in {(aside / name).parent for name in blobs}:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{uri} cannot be kept in {target.parent}: {error.strerror}; set BOXWRIGHT_CACHE") from None
    with _explained(uri), ThreadPoolExecutor(_PARALLEL) as pool:
        tasks = [pool.submit(_fetch, uri, blob, aside / name) for name, blob in sorted(blobs.items())]
        try:
            for task in as_completed(tasks):
                task.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
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
        blob.download_to_filename(str(part), checksum="crc32c", **_patience())
        if not _is_whole(blob, part):
            raise UserError(f"{uri}: what arrived as {blob.name} is not what the bucket holds; try again")
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)


def _is_whole(blob: Any, file: Path) -> bool:
    """Against the listing: the client compares with what comes along with the bytes, and only logs when nothing does. An object
    that is stored compressed arrives unpacked: of it the client alone has seen the bytes that were summed."""
    if blob.content_encoding or not blob.crc32c:
        return True
    import google_crc32c

    sum_of = google_crc32c.Checksum()
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            sum_of.update(chunk)
    return base64.b64encode(sum_of.digest()).decode() == blob.crc32c


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
def _explained(uri: str) -> Iterator[None]:
    """Says in one line what a bucket refused, and for want of what a copy could not be kept."""
    import requests
    from google.api_core.exceptions import Forbidden, GoogleAPIError, NotFound, Unauthorized
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.exceptions import GoogleCloudError
    from google.resumable_media import DataCorruption

    try:
        yield
    except NotFound:
        raise UserError(f"{uri}: there is no such bucket or object") from None
    except (Unauthorized, Forbidden) as error:
        raise UserError(
            f"{uri} may not be read ({_brief(error)}); on a machine set GOOGLE_APPLICATION_CREDENTIALS, in a cluster make "
            f"the secret boxwright-bucket with the key {SECRET.name}"
        ) from None
    except DataCorruption as error:
        raise UserError(f"{uri}: what arrived is not what the bucket holds; try again ({_brief(error)})") from None
    except (GoogleAPIError, GoogleAuthError, GoogleCloudError, requests.RequestException) as error:
        raise UserError(f"{uri} cannot be fetched: {_brief(error)}") from None
    except OSError as error:
        raise UserError(f"{uri} cannot be kept here: {error.strerror or error}") from None


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
