"""Content digests: the first 16 hex digits of a SHA-256."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any


def short(digest: "hashlib._Hash") -> str:
    return digest.hexdigest()[:16]


def of_file(path: Path) -> str:
    with path.open("rb") as file:
        return short(hashlib.file_digest(file, "sha256"))


def of_chunks(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return short(digest)


def of_json(value: Any) -> str:
    """Digest of a JSON value. The order of keys does not matter."""
    return short(hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()))


def of_path(path: Path) -> str:
    """Digest of a file, or of the names and contents of all files below a folder."""
    return of_files(of_each(path))


def of_each(path: Path, seen: Callable[[Path], object] = lambda file: None) -> dict[str, str]:
    """Digest of every file below a folder, by relative name; `.` if `path` is a file. seen: called after each file."""
    digest_of = {}
    for file in [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.is_file()):
        digest_of[str(file.relative_to(path))] = of_file(file)
        seen(file)
    return digest_of


def of_state(path: Path, names: Iterable[str]) -> str:
    """Digest of size, times and inode of some files below a folder, or of the file itself (`.`). No content is read.

    The time of change of an inode (ctime) cannot be set by copying or restoring a file. Compare states for equality only: a file
    that was changed while the clock was set back looks older than it is. Raises OSError for a file that does not exist.
    """
    found = {name: (path / name).stat() for name in names}
    return of_json({name: [s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino] for name, s in found.items()})


def of_files(each: Mapping[str, str]) -> str:
    """The digest that `of_path` returns, computed from the result of `of_each`."""
    return each["."] if set(each) == {"."} else of_json(dict(each))
