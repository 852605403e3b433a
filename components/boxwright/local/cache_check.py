"""Checks that the outputs of an earlier run are unchanged before they are reused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boxwright.core.runtime import digests
from boxwright.core.runtime.step_io import FILES


def all_unchanged(outputs: Mapping[str, Any]) -> bool:
    """Whether every artifact among a task's outputs (kfp's) is unchanged."""
    return all(
        unchanged(Path(one.uri), one.metadata.get("digest", "")) for one in outputs.values() if hasattr(one, "uri")
    )


def unchanged(path: Path, digest: str) -> bool:
    """Whether every file that the step wrote still exists with the same content. Other files are ignored.

    Records can be gigabytes. So a file is not read if its last change is older than the record of its digest. The time of change
    is the inode's ctime: unlike the mtime, it cannot be set back by copying or restoring a file.
    """
    recorded = recorded_digests(path, digest)
    if recorded is None:
        return False
    written = (path.parent / FILES).stat().st_mtime_ns
    return all(_same(path / name, expected, written) for name, expected in recorded.items())


def _same(file: Path, digest: str, written: int) -> bool:
    """written: when the digest was written, in nanoseconds."""
    return file.is_file() and (file.stat().st_ctime_ns <= written or digests.of_file(file) == digest)


def recorded_digests(path: Path, digest: str) -> Mapping[str, str] | None:
    """The digest of each file of an artifact when the step ended. None if that list is missing or was changed."""
    try:
        recorded = json.loads((path.parent / FILES).read_text(encoding="utf-8"))[path.name]
        return recorded if digests.of_files(recorded) == digest else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
