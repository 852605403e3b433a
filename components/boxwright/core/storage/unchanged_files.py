"""Checks that the files of a copy in the cache are as they were when they arrived.

A list beside the copy has each file's SHA-256, size, times and inode. A file with the same size, times and inode is not read
again: its ctime cannot be set back by an ordinary program, and a data set may have gigabytes. Any other file is compared by its
SHA-256.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError

# What the list says of one file: SHA-256, size, mtime and ctime in nanoseconds, inode.
_Facts = list[str | int]


def record(folder: Path, names: Iterable[str]) -> None:
    """Writes the list of these files, which have just arrived in the folder."""
    before = _recorded(folder)
    _write(folder, {name: _facts(folder / name, before.get(name, [])) for name in names})


def forget(folder: Path) -> None:
    _list(folder).unlink(missing_ok=True)


def changed(folder: Path, names: Iterable[str]) -> list[str]:
    """The names of files that are missing, are no ordinary files, or have another content than they arrived with.

    A file with new times and the same content counts as unchanged, and the list gets its new times.
    """
    recorded = _recorded(folder)
    names = list(names)
    now = {name: _now(folder / name, recorded.get(name)) for name in names}
    if any(facts and facts != recorded[name] for name, facts in now.items()):
        with suppress(UserError):  # a cache that cannot be written
            _write(folder, {**recorded, **{name: facts for name, facts in now.items() if facts}})
    return [name for name in names if not now[name]]


def _now(file: Path, recorded: _Facts | None) -> _Facts | None:
    """The facts of an unchanged file; None for a changed one."""
    try:
        facts = _facts(file, recorded or [])
    except OSError:
        return None
    return facts if recorded and facts[:2] == recorded[:2] and not file.is_symlink() else None


def _facts(file: Path, recorded: _Facts) -> _Facts:
    there = file.stat(follow_symlinks=False)
    numbers = [there.st_size, there.st_mtime_ns, there.st_ctime_ns, there.st_ino]
    if recorded[1:] == numbers:
        return recorded
    with file.open("rb") as stream:
        return [hashlib.file_digest(stream, "sha256").hexdigest(), *numbers]


def _list(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.files.json")


def _recorded(folder: Path) -> Mapping[str, _Facts]:
    """Empty if there is no list, or a damaged one."""
    try:
        found = json.loads(_list(folder).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) and all(isinstance(one, list) for one in found.values()) else {}
    except (OSError, ValueError, RecursionError):
        return {}


def _write(folder: Path, facts: Mapping[str, _Facts]) -> None:
    text_files.write(_list(folder), json.dumps(facts))


def extra(folder: Path, names: Iterable[str]) -> str:
    """The name of a file in the folder that is not among these; empty if there is none."""
    expected = set(names)
    walked = (os.path.join(top, name) for top, _, files in os.walk(folder) for name in files)
    return next((name for file in walked if (name := os.path.relpath(file, folder)) not in expected), "")
