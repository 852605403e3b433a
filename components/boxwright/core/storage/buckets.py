"""Access to Google Cloud Storage: credentials, retries, checksums, and one-line errors.

`lookup` finds objects, `download` copies them, and `upload` publishes files.
"""

import base64
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import NotAllowed, Unreachable, UserError, brief

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Bucket, Client

T = TypeVar("T")

# Google's libraries warn that their support of Python 3.11 will end. That does not concern the user's data.
warnings.filterwarnings("ignore", category=FutureWarning, module="google")
# Where the pipelines mount the optional secret `boxwright-bucket`.
SECRET = Path("/secrets/boxwright/credentials.json")
# How long a request is retried after temporary failures.
RETRY_SECONDS = 120.0
_PARALLEL = 8


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


def bucket(name: str, by: "Client | None" = None) -> "Bucket":
    """The bucket of this name. by: the client to use; default: a new one.

    If the requester pays, requests are billed to the project in GOOGLE_CLOUD_QUOTA_PROJECT, as in all of Google's libraries.
    """
    return (by or client()).bucket(name, user_project=os.environ.get("GOOGLE_CLOUD_QUOTA_PROJECT") or None)


def patience(seconds: float | None = None) -> dict[str, Any]:
    """Keyword arguments for a request: its timeout, and for how many seconds it is retried after temporary failures."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    return {"timeout": (10, 60), "retry": DEFAULT_RETRY.with_timeout(RETRY_SECONDS if seconds is None else seconds)}


def in_parallel(function: Callable[[str], T], names: Iterable[str]) -> list[T]:
    """The results in the order of the names. The first failure is raised, and no further name is started.

    On SIGTERM or Ctrl-C, it does not wait for requests in progress, because a connection may be silent for a minute.
    """
    names = list(names)
    with ThreadPool(_PARALLEL) as pool:
        try:
            results = dict(pool.imap_unordered(lambda name: (name, function(name)), names))
            return [results[name] for name in names]
        except Exception:
            pool.terminate()
            pool.join()
            raise


def pinned(blob: "Blob") -> "Blob":
    """A new Blob for downloading exactly the listed generation.

    A download with the listed Blob would overwrite its checksum with the one in the response. It would also use the address in
    the listing, which need not contain a generation.
    """
    return blob.bucket.blob(blob.name, generation=blob.generation)


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
def explained(uri: str, done: str = "fetched") -> Iterator[None]:
    """Turns errors of a bucket into a UserError of one line. done: the failed action, as in "cannot be fetched"."""
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
        raise UserError(f"{uri}: the data were damaged on the way; try again ({brief(error)})") from None
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
    except OSError as error:
        hint = "; set BOXWRIGHT_CACHE to a folder on a disk with room" if error.strerror in text_files.FULL else ""
        raise UserError(f"{uri} cannot be {done}, because of a local file: {error.strerror or error}{hint}") from None
