"""Local paths of files and folders, for any URI. A download is checked, stored in the cache, and never incomplete."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from boxwright.core.runtime.errors import Unreachable, UserError
from boxwright.core.storage import cache, download, lookup, unchanged_files, web
from boxwright.core.storage.cache import Copy
from boxwright.core.storage.uri import as_prefix, in_bucket, is_local, require_known, split, split_pin, top, whole

# Seconds for which an unreachable bucket is retried if the cache has a copy.
_PATIENCE_WITH_COPY = 10.0


def file(uri: str) -> Path:
    """The local path of a file, or of a folder with all its files.

    It is downloaded, unless the cache has the current version (by generation or ETag). If no server answers, the latest copy is
    used, with a warning. A pin, `#sha256=HEX` after a URI, is compared each time.
    Raises UserError if it cannot be fetched, or differs from its pin.
    """
    if is_local(uri):
        if not Path(uri).exists():
            raise UserError(
                f"{uri}: there is no such file or folder; give a path that exists, or an https://, gs:// or s3:// URI"
            )
        return Path(uri)
    place, pin = split_pin(uri)
    place = whole(place)
    _, get = _latest(place)
    copy = get()
    if pin:
        _require_pin(place, copy.path, pin)
    cache.remember(place, copy)
    return copy.path


def version(uri: str) -> str:
    """A version that changes whenever the result of `file` would change: from versions in buckets, ETag or date on the web.

    Empty if a web server gives neither. It takes a few requests and reads no content.
    Raises UserError if nothing exists at the URI.
    """
    return _latest(whole(split_pin(uri)[0]))[0]


def _require_pin(uri: str, path: Path, pin: str) -> None:
    if path.is_dir():
        raise UserError(
            f"{uri}: a pin (#sha256=) is for one file, and this is a folder; give the file, or leave the pin out"
        )
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != pin:
        raise UserError(
            f"{uri}: this is another file than the pinned one: its SHA-256 is {found}, expected {pin}; do not use it, or "
            "correct the pin"
        )


def folder(uri: str) -> Path:
    """The local path of a folder of images, or of one file and the files beside it. It is copied first if it is in a bucket.

    Raises UserError if it cannot be copied. A local path is not checked; its reader does that.
    """
    if in_bucket(uri):
        return download.copy(lookup.find(uri), cache.root())
    require_known("", uri)
    return Path(uri)


def folder_with(place: str, name: str = "") -> Path:
    """The local path of a folder. A folder in a bucket is copied: all of it, or only the file `name`."""
    if not in_bucket(place):
        require_known("", place)
        return Path(place).expanduser()
    return file(f"{top(place)}/{as_prefix(split(place)[1])}{name}").parent if name else folder(place)


def _latest(uri: str) -> tuple[str, Callable[[], Copy]]:
    """The current version at the URI, and a function that fetches it. If no server answers, those of the latest copy."""
    kept = cache.kept(uri)
    try:
        if not in_bucket(uri):
            now = web.version(uri)
            return now, lambda: _from_web(uri, now)
        found = lookup.find(uri, alone=True, seconds=_PATIENCE_WITH_COPY if kept else None)
        return found.version, lambda: Copy(found.version, download.copy(found, cache.root()))
    except Unreachable as error:
        if kept is None or not _is_unchanged(kept.path):
            raise
        print(f"warning: {error}; using the cached copy {kept.path}", file=sys.stderr)
        return kept.version, lambda: kept


def _from_web(uri: str, wanted: str) -> Copy:
    """Downloads the file unless the cache has that version. The download may be a newer version."""
    target = cache.web_file(uri, wanted)
    if not unchanged_files.changed(target.parent, [target.name]):
        return Copy(wanted, target)
    with cache.staging(uri) as aside:
        arrived = web.download(uri, aside / "part")
        target = cache.web_file(uri, arrived)
        target.parent.mkdir(exist_ok=True)
        unchanged_files.forget(target.parent)
        (aside / "part").rename(target)
        unchanged_files.record(target.parent, [target.name])
    return Copy(arrived, target)


def _is_unchanged(path: Path) -> bool:
    """Whether a copy in the cache is as it arrived: a file from the web, or a file or folder from a bucket."""
    below = path.resolve().relative_to(cache.root().resolve()).parts
    depth = 2 if below[0] == download.FOLDER else 1
    folder = cache.root().resolve().joinpath(*below[:depth])
    files = [path.resolve()] if path.is_file() else [file for file in path.resolve().rglob("*") if file.is_file()]
    return not unchanged_files.changed(folder, [str(file.relative_to(folder)) for file in files])
