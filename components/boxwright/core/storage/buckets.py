"""Talking to Google Cloud Storage: credentials, retries, checksums, and what went wrong, in one line.

What to ask for is in `lookup`, copying in `download`, publishing in `upload`.
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

# Google's libraries warn that support of Python 3.11 will end one day. That is no news about the user's data.
warnings.filterwarnings("ignore", category=FutureWarning, module="google")
# Where the pipelines mount the optional secret `boxwright-bucket`.
SECRET = Path("/secrets/boxwright/credentials.json")
# For how long a request that fails in passing is tried again.
RETRY_SECONDS = 120.0
_PARALLEL = 8


def client() -> "Client":
    """A client with the machine's own credentials, else those of the mounted secret, else none: enough for a public bucket.

    The client has no project. Objects need none, and `gcloud auth application-default login` gives none.
    Raises UserError for a credentials file that cannot be read.
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


def bucket(name: str, by: "Client | None" = None) -> "Bucket":
    """The bucket, asked by a client of its own or `by` another one.

    Where the requester pays, the project in GOOGLE_CLOUD_QUOTA_PROJECT does, as with all of Google's libraries.
    """
    return (by or client()).bucket(name, user_project=os.environ.get("GOOGLE_CLOUD_QUOTA_PROJECT") or None)


def patience(seconds: float | None = None) -> dict[str, Any]:
    """Keyword arguments for a request: its timeout, and for how many seconds a failure in passing is tried again."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    return {"timeout": (10, 60), "retry": DEFAULT_RETRY.with_timeout(RETRY_SECONDS if seconds is None else seconds)}


def in_parallel(function: Callable[[str], T], names: Iterable[str]) -> list[T]:
    """The results in the order of the names. The first failure is raised, and nothing new is begun after it.

    When this process is told to stop, it does not wait for requests under way: a connection may say nothing for a minute.
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
    """A fresh object to download the listed generation with.

    A download overwrites the listed checksum with the one that came with the bytes. It also goes to the address in the listing,
    which need not name a generation.
    """
    return blob.bucket.blob(blob.name, generation=blob.generation)


def crc32c_of_file(file: Path) -> str:
    with file.open("rb") as stream:
        return crc32c(iter(lambda: stream.read(1 << 20), b""))


def crc32c(chunks: Iterable[bytes]) -> str:
    """As buckets give it: the four bytes in base64."""
    import google_crc32c

    checksum = google_crc32c.Checksum()
    for chunk in chunks:
        checksum.update(chunk)
    return base64.b64encode(checksum.digest()).decode()


@contextmanager
def explained(uri: str, done: str = "fetched") -> Iterator[None]:
    """Turns what a bucket refuses into a UserError of one line. done: what cannot be done, as in "cannot be fetched"."""
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
    except (
        Unauthorized,
        Forbidden,
        GoogleAuthError,
    ) as error:  # GoogleAuthError: credentials are asked for, and there are none
        raise NotAllowed(
            f"{uri} may not be {done} ({brief(error)}); on a machine run `gcloud auth application-default login` or set "
            f"GOOGLE_APPLICATION_CREDENTIALS, in a cluster make the secret boxwright-bucket with the key {SECRET.name}"
        ) from None
    except (GoogleAPIError, GoogleCloudError, requests.RequestException) as error:
        raise UserError(f"{uri} cannot be {done}: {brief(error)}") from None
    except OSError as error:
        hint = "; set BOXWRIGHT_CACHE to a folder on a disk with room" if error.strerror in text_files.FULL else ""
        raise UserError(f"{uri} cannot be {done}, for a file here: {error.strerror or error}{hint}") from None
