"""Downloads over HTTP: never from https to another scheme, never more than a limit, and only whole files."""

import base64
import hashlib
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import NotAllowed, Unreachable, UserError, brief
from boxwright.core.storage import cache

if TYPE_CHECKING:
    from requests import Response, Session

_CHUNK = 1 << 20
# Longest wait between two attempts, in seconds. A server may ask for hours.
_LONGEST_WAIT = 20
# Factor of the waiting time between two attempts, in seconds.
_BACKOFF = 0.5
# Redirects of one request. The addresses of release files have two.
_REDIRECTS = 10
# Bytes of a download, unless the variable says otherwise: the model zoo's checkpoints have less than 0.1 GB.
_GB = 10**9
_MOST, _VARIABLE = 2 * _GB, "BOXWRIGHT_MAX_DOWNLOAD_GB"
# A download slower than this, in bytes per second on average, is ended after so many seconds.
_SLOWEST, _PATIENCE = 10_000, 120.0


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
    """Downloads the address to the file. Returns its version.

    Raises UserError if that fails, and if the file is larger than the limit or the free space.
    """
    with _answer("GET", uri) as answer:
        _refuse_size(uri, int(answer.headers.get("Content-Length") or 0), file.parent)
        _write(uri, answer, file)
        return _version_in(answer.headers)


def most_bytes() -> int:
    """Bytes of the largest download, and of the largest object that is unpacked on the way. Raises UserError for a wrong number
    in the environment variable."""
    return limits.from_environment(_VARIABLE, _MOST, _GB, "gigabytes")


def too_large(uri: str) -> UserError:
    return limits.too_large(uri, most_bytes(), f"check the address, or set {_VARIABLE} to a larger number of gigabytes")


def _version_in(headers: Mapping[str, str]) -> str:
    return headers.get("ETag") or headers.get("Last-Modified") or ""


def _session() -> "Session":
    """A session that retries the errors of a busy server, and refuses a redirect from https to another scheme."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class Session(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> str | None:
            target = super().get_redirect_target(resp)
            if target is not None:
                resp.raw.close()  # otherwise requests would read the body, however long it is
            if target is not None and urlsplit(resp.url).scheme == "https":
                where = urljoin(resp.url, target)
                if urlsplit(where).scheme != "https":
                    raise UserError(
                        f"{resp.url} redirects to {where}, which is not https: anybody on the way could change the file; give an "
                        "address that stays with https"
                    )
            return target

    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings repeat the address with its signature
    session = Session()
    session.max_redirects = _REDIRECTS
    session.headers["Accept-Encoding"] = "identity"
    # A refused connection or an unknown host is final. The errors of a busy server are retried.
    busy = (429, 500, 502, 503, 504)
    retry = Retry(total=4, connect=1, backoff_factor=_BACKOFF, status_forcelist=busy, retry_after_max=_LONGEST_WAIT)
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.mount("http://", HTTPAdapter(max_retries=retry))
    return session


@contextmanager
def _answer(method: str, uri: str) -> Iterator["Response"]:
    """The server's response, before its body is read. Raises UserError for an error status, except for HEAD."""
    import requests
    import urllib3

    try:
        with _session().request(method, uri, stream=True, timeout=(5, 60)) as answer:
            if method != "HEAD":
                answer.raise_for_status()
            yield answer
    except requests.exceptions.RetryError as error:
        raise Unreachable(f"{uri} cannot be fetched: {brief(error)}") from None
    except requests.HTTPError as error:
        denied = error.response is not None and error.response.status_code in (401, 403)
        raise (NotAllowed if denied else UserError)(f"{uri} cannot be fetched: {brief(error)}") from None
    except requests.exceptions.SSLError as error:
        raise Unreachable(f"{uri} cannot be fetched: no trusted connection by TLS ({brief(error)})") from None
    except (requests.ConnectionError, requests.Timeout):
        raise Unreachable(f"{uri} cannot be fetched: no connection to {urlsplit(uri).hostname}") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        raise UserError(f"{uri} cannot be fetched: {brief(error)}") from None


def _refuse_size(uri: str, announced: int, folder: Path) -> None:
    """Raises UserError for a size that is above the limit or the free space. announced: 0 if the server does not say it."""
    if announced > most_bytes():
        raise too_large(uri)
    cache.refuse_without_room(uri, announced, folder)


def _write(uri: str, answer: "Response", file: Path) -> None:
    """Writes the body, and compares it with the MD5 that Google's servers send."""
    digest = hashlib.md5(usedforsecurity=False)
    with file.open("wb") as stream:
        for chunk in _body(uri, answer):
            stream.write(chunk)
            digest.update(chunk)
    expected = _md5_sent(answer.headers.get("x-goog-hash", ""))
    packed = answer.headers.get(
        "Content-Encoding"
    )  # the MD5 is that of the packed bytes then; unpacking has verified them
    if expected and not packed and expected != base64.b64encode(digest.digest()).decode():
        raise UserError(f"{uri}: the download is damaged (MD5 differs from the server's); try again")


def _body(uri: str, answer: "Response") -> Iterator[bytes]:
    """The unpacked body as it arrives. Raises UserError above the limit, for a body that is cut off, and for a very slow one."""
    most, size, started = most_bytes(), 0, time.monotonic()
    while chunk := answer.raw.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > most:
            raise too_large(uri)
        seconds = time.monotonic() - started
        if seconds > _PATIENCE and size < _SLOWEST * seconds:
            raise Unreachable(f"{uri} cannot be fetched: only {limits.in_words(size)} arrived in {seconds:.0f} seconds")
        yield chunk


def _md5_sent(header: str) -> str:
    """The MD5 in a header `x-goog-hash: crc32c=...,md5=...`. Empty without one."""
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "md5":
            return value
    return ""
