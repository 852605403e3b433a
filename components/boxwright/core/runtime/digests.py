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


def of_files(each: Mapping[str, str]) -> str:
    """The digest that `of_path` returns, computed from the result of `of_each`."""
    return each["."] if set(each) == {"."} else of_json(dict(each))
