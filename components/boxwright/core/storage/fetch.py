"""Local paths of files and folders, whatever their URI. A download is checked, kept in the cache, and never half there."""

import sys
from collections.abc import Callable
from pathlib import Path

from boxwright.core.runtime.errors import Unreachable, UserError
from boxwright.core.storage import cache, download, lookup, web
from boxwright.core.storage.cache import Copy
from boxwright.core.storage.uri import as_prefix, in_bucket, is_local, require_known, split

# Seconds for which an unreachable bucket is asked again when there is a copy of what is wanted.
_PATIENCE_WITH_COPY = 10.0


def file(uri: str) -> Path:
    """The local path of a file, or of a folder with all in it.

    It is downloaded, unless the cache holds what the server has now, by its generation or ETag. When no server answers, the last
    copy is used, with a warning.
    Raises UserError when it cannot be had.
    """
    if is_local(uri):
        if not Path(uri).exists():
            raise UserError(
                f"{uri}: there is no such file or folder; give a path that exists, an https:// or a gs:// URI"
            )
        return Path(uri)
    _, get = _latest(uri)
    copy = get()
    cache.remember(uri, copy)
    return copy.path


def version(uri: str) -> str:
    """Changes when `file` would give something else: by generations in buckets, by ETag or date on the web.

    Empty for a web server that gives neither. It takes a few requests and no content.
    Raises UserError when there is nothing there.
    """
    return _latest(uri)[0]


def folder(uri: str) -> Path:
    """The local path of a folder of images, or of one file with what lies beside it; copied first when it is in a bucket.

    Raises UserError when it cannot be had. A local path need not exist: its reader sees to that.
    """
    if in_bucket(uri):
        return download.copy(lookup.find(uri), cache.root())
    require_known("", uri)
    return Path(uri)


def folder_with(place: str, name: str = "") -> Path:
    """The local path of a folder. Of one in a bucket all is copied, or only the file `name`."""
    if not in_bucket(place):
        require_known("", place)
        return Path(place).expanduser()
    bucket, path = split(place)
    return file(f"gs://{bucket}/{as_prefix(path)}{name}").parent if name else folder(place)


def _latest(uri: str) -> tuple[str, Callable[[], Copy]]:
    """The version of what lies at the URI now, and a function that gets it. Those of the kept copy when no server answers."""
    kept = cache.kept(uri)
    try:
        if not in_bucket(uri):
            now = web.version(uri)
            return now, lambda: _from_web(uri, now)
        found = lookup.find(uri, alone=True, seconds=_PATIENCE_WITH_COPY if kept else None)
        return found.version, lambda: Copy(found.version, download.copy(found, cache.root()))
    except Unreachable as error:
        if kept is None:
            raise
        print(f"warning: {error}; the copy of it that is kept in {kept.path} is used", file=sys.stderr)
        return kept.version, lambda: kept


def _from_web(uri: str, wanted: str) -> Copy:
    """Downloads the file unless that version is kept. What arrives may be a newer version."""
    target = cache.web_file(uri, wanted)
    if target.exists():
        return Copy(wanted, target)
    with cache.staging(uri) as aside:
        arrived = web.download(uri, aside / "part")
        target = cache.web_file(uri, arrived)
        target.parent.mkdir(exist_ok=True)
        (aside / "part").rename(target)
    return Copy(arrived, target)
