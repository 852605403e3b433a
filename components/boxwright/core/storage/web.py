"""Downloads over HTTP."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from boxwright.core.runtime.errors import Unreachable, UserError, brief

if TYPE_CHECKING:
    from requests import Response

_CHUNK = 1 << 20
# Longest wait between two attempts, in seconds. A server may ask for hours.
_LONGEST_WAIT = 20
# Factor of the waiting time between two attempts, in seconds.
_BACKOFF = 0.5


def version(uri: str) -> str:
    """Current ETag or date of the file; empty if the server gives neither. Raises UserError if there is no such file."""
    with _answer("HEAD", uri) as answer:
        if answer.ok:
            return _version_in(answer.headers)
    with _answer(
        "GET", uri
    ) as answer:  # a signed address is valid for one method only, and some servers support only GET
        return _version_in(answer.headers)


def download(uri: str, file: Path) -> str:
    """Downloads the address to the file. Returns its version. Raises UserError if that fails."""
    with _answer("GET", uri) as answer:
        _write(uri, answer, file)
        return _version_in(answer.headers)


def _version_in(headers: Mapping[str, str]) -> str:
    return headers.get("ETag") or headers.get("Last-Modified") or ""


@contextmanager
def _answer(method: str, uri: str) -> Iterator["Response"]:
    """The server's response, before its body is read. Raises UserError for an error status, except for HEAD."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    session = requests.Session()
    # A refused connection or an unknown host is final. The errors of a busy server are retried.
    busy = (429, 500, 502, 503, 504)
    retry = Retry(total=4, connect=1, backoff_factor=_BACKOFF, status_forcelist=busy, retry_after_max=_LONGEST_WAIT)
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.mount("http://", HTTPAdapter(max_retries=retry))
    try:
        with session.request(method, uri, stream=True, timeout=(5, 60)) as answer:
            if method != "HEAD":
                answer.raise_for_status()
            yield answer
    except requests.exceptions.RetryError as error:
        raise Unreachable(f"{uri} cannot be fetched: {brief(error)}") from None
    except (requests.ConnectionError, requests.Timeout):
        raise Unreachable(f"{uri} cannot be fetched: no connection to {urlparse(uri).netloc}") from None
    except requests.RequestException as error:
        raise UserError(f"{uri} cannot be fetched: {brief(error)}") from None


def _write(uri: str, answer: "Response", file: Path) -> None:
    """Writes the body, and compares it with the MD5 that Google's servers send."""
    digest = hashlib.md5(usedforsecurity=False)
    with file.open("wb") as stream:
        for chunk in answer.iter_content(_CHUNK):
            stream.write(chunk)
            digest.update(chunk)
    expected = _md5_sent(answer.headers.get("x-goog-hash", ""))
    packed = answer.headers.get(
        "Content-Encoding"
    )  # the MD5 is that of the packed bytes then; unpacking has verified them
    if expected and not packed and expected != base64.b64encode(digest.digest()).decode():
        raise UserError(f"{uri}: the download is damaged (MD5 differs from the server's); try again")


def _md5_sent(header: str) -> str:
    """The MD5 in a header `x-goog-hash: crc32c=...,md5=...`. Empty without one."""
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "md5":
            return value
    return ""
