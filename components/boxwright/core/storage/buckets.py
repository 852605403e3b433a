"""Opens the store of a URI, does several requests at once, and turns the errors of stores into sentences."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool
from typing import TypeVar

from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage.stores import gcs, s3, s3_client
from boxwright.core.storage.stores.store import Damaged, Store
from boxwright.core.storage.uri import split

T = TypeVar("T")

# How long a request is retried after temporary failures.
RETRY_SECONDS = 120.0
_PARALLEL = 8
# Kubeflow names the store beside it, which speaks S3, minio://.
_STORES = {"gs": gcs, "s3": s3, "minio": s3}


def store_of(uri: str, seconds: float | None = None) -> Store:
    """The bucket of a URI. seconds: how long a request is retried after temporary failures.

    Raises UserError for an invalid name and for a credentials file that cannot be read.
    """
    if uri.startswith("minio://") and not s3_client.endpoint():
        raise UserError(
            f"{uri}: set AWS_ENDPOINT_URL to the store's address, such as http://minio-service.kubeflow:9000"
        )
    return _module(uri).Bucket(split(uri)[0], RETRY_SECONDS if seconds is None else seconds)


def _module(uri: str):
    return _STORES[uri.partition("://")[0]]


@contextmanager
def retrying(seconds: float) -> Iterator[None]:
    """Inside the block, requests of this process are retried for so long."""
    global RETRY_SECONDS
    before, RETRY_SECONDS = RETRY_SECONDS, min(seconds, RETRY_SECONDS)
    try:
        yield
    finally:
        RETRY_SECONDS = before


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


@contextmanager
def explained(uri: str, done: str = "fetched") -> Iterator[None]:
    """Turns errors of a bucket into a UserError of one line. done: the failed action, as in "cannot be fetched"."""
    try:
        with _module(uri).explained(uri, done):
            yield
    except Damaged as error:
        raise UserError(
            f"{uri}: the content of {error} was damaged on the way (its checksum differs from the bucket's); try again"
        ) from None
    except OSError as error:
        hint = "; set BOXWRIGHT_CACHE to a folder on a disk with room" if error.strerror in text_files.FULL else ""
        raise UserError(f"{uri} cannot be {done}, because of a local file: {error.strerror or error}{hint}") from None
