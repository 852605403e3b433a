"""Checks that the outputs of an earlier run are unchanged before they are reused."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from boxwright.core.runtime import digests, limits
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import FILES, STATES

# Bytes of the list of a step's files: 100,000 files have 10 MiB.
LIST_BYTES = 256 * limits.MIB


def all_unchanged(outputs: Mapping[str, Any]) -> bool:
    """Whether every artifact among a task's outputs (kfp's) is unchanged."""
    return all(
        unchanged(Path(one.uri), one.metadata.get("digest", "")) for one in outputs.values() if hasattr(one, "uri")
    )


def unchanged(path: Path, digest: str) -> bool:
    """Whether every file that the step wrote still exists with the same content. Other files are ignored.

    digest: of all files; empty for metrics, whose metadata have none.

    Records can be gigabytes. So the files are not read if their state is still the recorded one (see `digests.of_state`). Times
    are compared for equality only, so it does not matter whether the clock was set back.
    """
    recorded = recorded_digests(path, digest)
    if recorded is None:
        return False
    return _same_state(path, recorded) or all(_same(path / name, expected) for name, expected in recorded.items())


def _same_state(path: Path, names: Iterable[str]) -> bool:
    try:
        states = _read(path.parent / STATES)
        return states[path.name] == digests.of_state(path, names)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
        UserError,
    ):  # another version wrote it, or a file is missing
        return False


def _same(file: Path, digest: str) -> bool:
    return file.is_file() and digests.of_file(file) == digest


def recorded_digests(path: Path, digest: str) -> Mapping[str, str] | None:
    """The digest of each file of an artifact when the step ended. None if that list is missing or was changed.

    Without a digest, no change of the list is noticed.
    """
    try:
        recorded = _read(path.parent / FILES)[path.name]
        return recorded if digests.of_files(recorded) == digest or not digest else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, UserError):
        return None


def _read(file: Path) -> Any:
    """Somebody else may have made the folder, so a pipe or a device is not read, and not more than LIST_BYTES."""
    if not file.is_file():
        raise FileNotFoundError(file)
    with file.open("rb") as opened:
        return json.loads(limits.read_at_most(opened, LIST_BYTES, file))
