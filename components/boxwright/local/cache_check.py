"""Checks that an earlier run's outputs are still what its steps wrote, before a step is skipped because of them."""

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
    """Whether every file that the step wrote is there with the same content. Other files beside them are ignored.

    A file is not read when it was last changed before its digest was written: records can be gigabytes. The time compared is the
    inode's ctime, which copying and restoring cannot set back as they can the mtime.
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
    """The digest of each file of an artifact as the step left it. None when that list is missing or was itself changed."""
    try:
        recorded = json.loads((path.parent / FILES).read_text(encoding="utf-8"))[path.name]
        return recorded if digests.of_files(recorded) == digest else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
