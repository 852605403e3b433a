"""Google Cloud Storage, by Google's own client."""

import base64
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxwright.core.runtime.errors import NotAllowed, Unreachable, UserError, brief
from boxwright.core.storage.stores.store import Conflict, Damaged, Gone, Object

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Client

# Google's libraries warn that their support of Python 3.11 will end. That does not concern the user's data.
warnings.filterwarnings("ignore", category=FutureWarning, module="google")
# Where the pipelines mount the optional secret `boxwright-bucket`.
SECRET = Path("/secrets/boxwright/credentials.json")


class Bucket:
    """A `Store`. The version of an object is its generation, its checksum the CRC-32C."""

    def __init__(self, name: str, seconds: float) -> None:
        """seconds: how long a request is retried after temporary failures.

        If the requester pays, requests are billed to the project in GOOGLE_CLOUD_QUOTA_PROJECT, as in all of Google's libraries.
        """
        from google.cloud.storage.retry import DEFAULT_RETRY

        self._bucket = client().bucket(name, user_project=os.environ.get("GOOGLE_CLOUD_QUOTA_PROJECT") or None)
        self._patient: dict[str, Any] = {"timeout": (10, 60), "retry": DEFAULT_RETRY.with_timeout(seconds)}

    def listed(self, prefix: str) -> Iterator[Object]:
        return map(_object, self._bucket.list_blobs(prefix=prefix, **self._patient))

    def stat(self, name: str) -> Object | None:
        blob = self._bucket.get_blob(name, **self._patient)
        return _object(blob) if blob else None

    def read(self, there: Object) -> bytes:
        with _gone_or_damaged(there):
            body = self._blob(there).download_as_bytes(checksum="crc32c", **self._patient)
        if there.checksum and crc32c([body]) != there.checksum:
            raise Damaged(there.name)
        return body

    def download(self, there: Object, file: Path) -> str:
        # The client compares a download with the checksum in the response. It compares nothing if the response has none or the
        # connection was lost in between.
        with _gone_or_damaged(there):
            self._blob(there).download_to_filename(
                str(file), raw_download=bool(there.encoding), checksum="crc32c", **self._patient
            )
        if there.checksum and not self.same(there, file):
            raise Damaged(there.name)
        return there.encoding

    def put(self, name: str, content: bytes | Path, replaces: str | None = None) -> Object:
        from google.api_core.exceptions import PreconditionFailed
        from google.resumable_media import DataCorruption

        blob, options = self._bucket.blob(name), {"checksum": "crc32c", **self._patient}
        if replaces is not None:
            options["if_generation_match"] = int(replaces or 0)
            # Otherwise, a public object would be served from a cache for an hour after it was replaced.
            blob.cache_control = "no-store"
        try:
            if isinstance(content, Path):
                blob.upload_from_filename(str(content), **options)
            else:
                blob.upload_from_string(content, "application/json", **options)
        except PreconditionFailed:
            raise Conflict(name) from None
        except DataCorruption:
            raise Damaged(name) from None
        if blob.crc32c != (crc32c_of_file(content) if isinstance(content, Path) else crc32c([content])):
            raise Damaged(name)
        return _object(blob)

    def delete(self, name: str) -> None:
        from google.api_core.exceptions import NotFound

        with suppress(NotFound):
            self._bucket.blob(name).delete(**self._patient)

    def same(self, there: Object, file: Path) -> bool:
        return bool(there.checksum) and crc32c_of_file(file) == there.checksum

    def _blob(self, there: Object) -> "Blob":
        return self._bucket.blob(there.name, generation=int(there.version) if there.version else None)


def _object(blob: "Blob") -> Object:
    return Object(
        name=str(blob.name),
        size=blob.size or 0,
        version=str(blob.generation),
        checksum=blob.crc32c or "",
        encoding=blob.content_encoding or "",
    )


@contextmanager
def _gone_or_damaged(there: Object) -> Iterator[None]:
    from google.api_core.exceptions import NotFound
    from google.resumable_media import DataCorruption

    try:
        yield
    except NotFound:
        raise Gone(there.name) from None
    except DataCorruption:
        raise Damaged(there.name) from None


def client() -> "Client":
    """A client with the machine's own credentials, else those of the mounted secret, else none. A public bucket needs none.

    The client has no project. Objects need none, and `gcloud auth application-default login` sets none.
    Raises UserError if a credentials file cannot be read.
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
            raise UserError(f"{file}: this file has no valid credentials for buckets ({brief(error)})") from None
        return storage.Client.create_anonymous_client()


def crc32c_of_file(file: Path) -> str:
    with file.open("rb") as stream:
        return crc32c(iter(lambda: stream.read(1 << 20), b""))


def crc32c(chunks: Iterable[bytes]) -> str:
    """The CRC-32C of the chunks in the form of GCS: four bytes, base64."""
    import google_crc32c

    checksum = google_crc32c.Checksum()
    for chunk in chunks:
        checksum.update(chunk)
    return base64.b64encode(checksum.digest()).decode()


@contextmanager
def explained(uri: str, done: str) -> Iterator[None]:
    """Turns Google's errors into a UserError of one line. done: the failed action, as in "cannot be fetched"."""
    import requests
    from google.api_core.exceptions import Forbidden, GoogleAPIError, NotFound, RetryError, ServerError, Unauthorized
    from google.auth.exceptions import GoogleAuthError, TransportError
    from google.cloud.exceptions import GoogleCloudError

    try:
        yield
    except NotFound:
        raise UserError(f"{uri}: there is no such bucket or object") from None
    except (RetryError, ServerError, TransportError, requests.ConnectionError, requests.Timeout) as error:
        raise Unreachable(f"{uri} cannot be {done}: {brief(error)}") from None
    except (
        Unauthorized,
        Forbidden,
        GoogleAuthError,
    ) as error:  # GoogleAuthError: the bucket needs credentials, and there are none
        raise NotAllowed(
            f"{uri} cannot be {done}: access is denied ({brief(error)}); on a machine run `gcloud auth application-default login`"
            f" or set GOOGLE_APPLICATION_CREDENTIALS, in a cluster, create the secret boxwright-bucket with the key {SECRET.name}"
        ) from None
    except (GoogleAPIError, GoogleCloudError, requests.RequestException) as error:
        raise UserError(f"{uri} cannot be {done}: {brief(error)}") from None
