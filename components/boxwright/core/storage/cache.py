"""Files by URI: local paths, https, gs://. A download is checked, kept in a cache and never half there; what is published in a
bucket is there as a whole or not at all."""

import base64
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import Unreachable, UserError, brief
from boxwright.core.storage import buckets, download, upload
from boxwright.core.storage.uri import require_known

_CHUNK = 1 << 20
# Seconds for which a bucket that does not answer is asked again while there is a copy of what is wanted.
_PATIENCE_WITH_COPY = 10.0
# Seconds that a web server may ask us to wait before another try; it can ask for hours.
_LONGEST_WAIT = 20


@dataclass(frozen=True)
class _Copy:
    """version: of what lies at `path`, empty where the server has none to tell."""

    version: str
    path: Path


def cache() -> Path:
    """`BOXWRIGHT_CACHE`, else the user's cache folder. Raises UserError for a user without a home."""
    if given := os.environ.get("BOXWRIGHT_CACHE"):
        return Path(given).expanduser()
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "boxwright"
    except RuntimeError:  # a user id without an entry in passwd, and no HOME
        raise UserError(
            "there is no home folder to keep downloads in; set BOXWRIGHT_CACHE to a folder you may write"
        ) from None


def in_bucket(uri: str) -> bool:
    return uri.startswith("gs://")


def is_local(uri: str) -> bool:
    return urlparse(uri).scheme not in ("http", "https", "gs")


def fetch(uri: str) -> Path:
    """The local path of a file (or folder), downloaded unless a copy is kept of what the server now holds, by its generation or
    ETag. While no server answers, the last copy is taken, with a warning.

    Raises UserError when it cannot be had.
    """
    if is_local(uri):
        if not Path(uri).exists():
            raise UserError(
                f"{uri}: there is no such file or folder; give a path that exists, an https:// or a gs:// URI"
            )
        return Path(uri)
    _, get = _asked(uri)
    got = get()
    _remember(uri, got)
    return got.path


def version(uri: str) -> str:
    """Changes when what `fetch` would get does: by generations in buckets, by ETag or date on the web (empty for a server that
    says neither). One request or a few, no content. Raises UserError when there is nothing there."""
    return _asked(uri)[0]


def places(data: str) -> list[str]:
    """The data sets that `--data` names: one, or several separated by commas; a path that exists with its comma is one."""
    return [data] if Path(data).exists() else [part.strip() for part in data.split(",") if part.strip()] or [data]


def folder(uri: str) -> Path:
    """The local path of a folder of images (or of one file in it), copied from its bucket if need be.

    Raises UserError when it cannot be had; whether a local path exists is for its reader to see.
    """
    if in_bucket(uri):
        return download.copy(buckets.find(uri), cache())
    require_known("", uri)
    return Path(uri)


def here(place: str, name: str = "") -> Path:
    """The local path of a folder; of one in a bucket that of a copy: of all in it, or of the one file that is named."""
    if not in_bucket(place):
        require_known("", place)
        return Path(place).expanduser()
    bucket, path = buckets.split(place)
    return fetch(f"gs://{bucket}/{buckets.as_prefix(path)}{name}").parent if name else folder(place)


def publish(source: Path, uri: str) -> str:
    """Publishes a file, or a folder with all below it, at `uri` (gs://bucket/prefix), where `fetch` and `folder` then find it,
    whole; returns gs://bucket/prefix/DIGEST, where the objects lie. Raises UserError when it cannot be done: see `stageout`."""
    if not in_bucket(uri):
        raise UserError(f"{uri}: expected gs://BUCKET/FOLDER to publish at")
    if not source.exists():
        raise UserError(f"{source}: there is no such file or folder to publish")
    if source.is_file():
        return upload.publish({source.name: source}, uri, single=True)
    return upload.publish({str(f.relative_to(source)): f for f in sorted(source.rglob("*")) if f.is_file()}, uri)


def _asked(uri: str) -> tuple[str, Callable[[], _Copy]]:
    """The version of what now lies at the URI, and what gets it: of the copy kept here when no server answers."""
    kept = _kept(uri)
    try:
        if not in_bucket(uri):
            now = _web_version(uri)
            return now, lambda: _from_web(uri, now)
        found = buckets.find(uri, alone=True, seconds=_PATIENCE_WITH_COPY if kept else None)
        return found.version, lambda: _Copy(found.version, download.copy(found, cache()))
    except Unreachable as error:
        if kept is None:
            raise
        print(f"warning: {error}; the copy of it that is kept in {kept.path} is used", file=sys.stderr)
        return kept.version, lambda: kept


def _record(uri: str) -> Path:
    return cache() / "kept" / f"{digests.of_json(uri)}.json"


def _kept(uri: str) -> _Copy | None:
    """The last copy that was fetched from there."""
    try:
        record = json.loads(_record(uri).read_text(encoding="utf-8"))
        kept = _Copy(record["version"], Path(record["path"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return kept if kept.path.exists() else None


def _remember(uri: str, copy: _Copy) -> None:
    if _kept(uri) == copy:  # a cache that holds what is wanted need not be one that can be written
        return
    with _aside(uri) as folder:
        (folder / "record").write_text(json.dumps({"version": copy.version, "path": str(copy.path)}), encoding="utf-8")
        _record(uri).parent.mkdir(exist_ok=True)
        (folder / "record").replace(_record(uri))


@contextmanager
def _aside(uri: str) -> Iterator[Path]:
    """A folder in the cache from which what is whole is moved to its place."""
    try:
        cache().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache()) as folder:
            yield Path(folder)
    except OSError as error:
        raise UserError(
            f"{uri} cannot be kept in {cache()}: {error.strerror or error}; set BOXWRIGHT_CACHE to a folder you may write, on "
            "a disk with room"
        ) from None


def _web_version(uri: str) -> str:
    with _answer("HEAD", uri) as answer:
        if answer.ok:
            return _version_in(answer.headers)
    with _answer("GET", uri) as answer:  # a signed address holds for one method, and some servers have no other
        return _version_in(answer.headers)


def _version_in(headers: Mapping[str, str]) -> str:
    return headers.get("ETag") or headers.get("Last-Modified") or ""


def _from_web(uri: str, version: str) -> _Copy:
    """Downloads, unless that version is kept; what comes may be a newer one."""
    if not (target := _place(uri, version)).exists():
        with _aside(uri) as folder, _answer("GET", uri) as answer:
            version = _version_in(answer.headers)
            target = _place(uri, version)
            _download(uri, answer, folder / "part")
            target.parent.mkdir(exist_ok=True)
            (folder / "part").rename(target)
    return _Copy(version, target)


def _place(uri: str, version: str) -> Path:
    return cache() / digests.of_json([uri, version] if version else uri) / Path(urlparse(uri).path).name


@contextmanager
def _answer(method: str, uri: str) -> Iterator[Any]:
    """What the web server answers, its body not yet read. Raises UserError for an error, unless to HEAD."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    session = requests.Session()
    # A refused connection or an unknown host is final; what a busy server answers is worth another try.
    busy = (429, 500, 502, 503, 504)
    retry = Retry(total=4, connect=1, backoff_factor=0.5, status_forcelist=busy, retry_after_max=_LONGEST_WAIT)
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


def _download(uri: str, answer: Any, part: Path) -> None:
    """Writes the body; compares with the MD5 that Google's servers send along, where they do."""
    digest = hashlib.md5(usedforsecurity=False)
    with part.open("wb") as file:
        for chunk in answer.iter_content(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
    expected = _md5_sent(answer.headers.get("x-goog-hash", ""))
    packed = answer.headers.get("Content-Encoding")  # then the sum is of what was packed; unpacking it found no damage
    if expected and not packed and expected != base64.b64encode(digest.digest()).decode():
        raise UserError(f"{uri}: what arrived is not what the server holds (MD5 differs); try again")


def _md5_sent(header: str) -> str:
    """The MD5 in an `x-goog-hash: crc32c=...,md5=...` header; empty without one."""
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "md5":
            return value
    return ""
