"""Google Cloud Storage: one object, or a whole folder, copied here whole or not at all.

The client library retries what is worth it and compares every download with the checksum that the bucket holds.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from boxwright.core import digests
from boxwright.core.errors import UserError

# Where the pipelines mount the optional secret `boxwright-bucket`.
SECRET = Path("/secrets/boxwright/credentials.json")
_PARALLEL = 8


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
    with _explained(uri), file.open("wb") as stream:
        client().download_blob_to_file(uri, stream)


def stage(uri: str, cache: Path) -> Path:
    """A local copy, below `cache`, of the folder `uri`, or of the object `uri` with all that lies beside it.

    The copy is kept under the names and generations of its objects: what is unchanged is not fetched again, and a changed
    bucket is never mixed with an older copy. Raises UserError when there is nothing there or it cannot be had.
    """
    bucket_name, _, path = uri.removeprefix("gs://").partition("/")
    with _explained(uri):
        bucket = client().bucket(bucket_name)
        single = bool(path) and not path.endswith("/") and bucket.blob(path).exists()
        folder = path.rpartition("/")[0] if single else path.rstrip("/")
        prefix = folder and folder + "/"
        objects = {blob.name: blob.generation for blob in bucket.list_blobs(prefix=prefix) if _is_file(blob.name)}
    if not objects:
        raise UserError(f"{uri}: there is no object below it; give gs://BUCKET/FOLDER as `gcloud storage ls` shows it")
    target = cache / "buckets" / digests.of_json([bucket_name, prefix, objects])
    if not target.exists():
        _copy(uri, bucket, prefix, sorted(objects), target)
    return target / path.removeprefix(prefix) if single else target


def _is_file(name: str) -> bool:
    """Consoles make a folder by an empty object whose name ends in a slash."""
    return not name.endswith("/")


def _copy(uri: str, bucket: Any, prefix: str, names: list[str], target: Path) -> None:
    """Copies aside, and moves the folder to its place when everything is there."""
    from google.cloud.storage import transfer_manager

    _refuse_climbing(uri, [name.removeprefix(prefix) for name in names])
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=target.parent, prefix="part-"))
    except OSError as error:
        raise UserError(f"{uri} cannot be kept in {target.parent}: {error.strerror}; set BOXWRIGHT_CACHE") from None
    try:
        with _explained(uri):
            transfer_manager.download_many_to_path(
                bucket,
                [name.removeprefix(prefix) for name in names],
                destination_directory=str(aside),
                blob_name_prefix=prefix,
                worker_type=transfer_manager.THREAD,
                max_workers=_PARALLEL,
                raise_exception=True,
            )
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_climbing(uri: str, names: list[str]) -> None:
    """An object may be called `../x`: a copy must not be written outside its folder."""
    if wrong := [name for name in names if name.startswith("/") or ".." in Path(name).parts]:
        raise UserError(f"{uri}: object {wrong[0]!r} would be written outside of its folder; rename it in the bucket")


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
