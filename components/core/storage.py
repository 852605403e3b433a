"""Fetching files by URI: local paths, https, gs://. A download is checked, kept in a cache and never half there."""

import base64
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

from boxwright.core import buckets, digests
from boxwright.core.errors import UserError

_CHUNK = 1 << 20


def cache() -> Path:
    """`BOXWRIGHT_CACHE`, else the user's cache folder. Raises UserError for a user without a home."""
    if given := os.environ.get("BOXWRIGHT_CACHE"):
        return Path(given)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "boxwright"
    except RuntimeError:  # a user id without an entry in passwd, and no HOME
        raise UserError(
            "there is no home folder to keep downloads in; set BOXWRIGHT_CACHE to a folder you may write"
        ) from None


def fetch(uri: str) -> Path:
    """The local path of a file (or local folder), downloaded if need be. Raises UserError when it cannot be had."""
    scheme = urlparse(uri).scheme
    if scheme not in ("http", "https", "gs"):
        if not Path(uri).exists():
            raise UserError(
                f"{uri}: there is no such file or folder; give a path that exists, an https:// or a gs:// URI"
            )
        return Path(uri)
    target = cache() / digests.of_json(uri) / Path(urlparse(uri).path).name
    if not target.exists():
        _keep(uri, target, buckets.download if scheme == "gs" else _from_web)
    return target


def places(data: str) -> list[str]:
    """The data sets that `--data` names: one, or several separated by commas; a path that exists with its comma is one."""
    return [data] if Path(data).exists() else [part.strip() for part in data.split(",") if part.strip()] or [data]


def folder(uri: str) -> Path:
    """The local path of a folder of images (or of one file in it), copied from its bucket if need be.

    Raises UserError when it cannot be had; whether a local path exists is for its reader to see.
    """
    scheme = urlparse(uri).scheme
    if scheme == "gs":
        return buckets.stage(uri, cache())
    if scheme:
        raise UserError(f"{uri}: expected a path or a gs:// URI; copy the data to one of them (`gcloud storage rsync`)")
    return Path(uri)


def _keep(uri: str, target: Path, download: Callable[[str, Path], None]) -> None:
    """Downloads beside the target and moves it there when it is whole."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as aside:
            part = Path(aside) / "part"
            download(uri, part)
            part.rename(target)
    except OSError as error:
        raise UserError(
            f"{uri} cannot be kept in {target.parent}: {error.strerror or error}; set BOXWRIGHT_CACHE to a folder you may "
            "write, on a disk with room"
        ) from None


def _from_web(uri: str, part: Path) -> None:
    """Downloads with retries; compares with the MD5 that Google's servers send along, where they do."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    session = requests.Session()
    # A refused connection or an unknown host is final; what a busy server answers is worth another try.
    retry = Retry(total=4, connect=1, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504))
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.mount("http://", HTTPAdapter(max_retries=retry))
    try:
        with session.get(uri, stream=True, timeout=(5, 60)) as answer, part.open("wb") as file:
            answer.raise_for_status()
            digest = hashlib.md5(usedforsecurity=False)
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
    except requests.ConnectionError:
        raise UserError(f"{uri} cannot be fetched: no connection to {urlparse(uri).netloc}") from None
    except requests.RequestException as error:
        raise UserError(f"{uri} cannot be fetched: {_brief(error)}") from None
    expected = _md5_sent(answer.headers.get("x-goog-hash", ""))
    if expected and expected != digest.digest():
        raise UserError(f"{uri}: what arrived is not what the server holds (MD5 differs); try again")


def _md5_sent(header: str) -> bytes | None:
    """The MD5 in an `x-goog-hash: crc32c=...,md5=...` header."""
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "md5":
            return base64.b64decode(value)
    return None


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
