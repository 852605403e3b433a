"""Whether what an earlier run left is still as its steps wrote it, quickly: before a step is not run again for it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boxwright.core.runtime import digests
from boxwright.core.runtime.step_io import FILES


def whole(outputs: Mapping[str, Any]) -> bool:
    """Whether all artifacts among a task's outputs (kfp's) hold what they held."""
    return all(
        unchanged(Path(one.uri), one.metadata.get("digest", "")) for one in outputs.values() if hasattr(one, "uri")
    )


def unchanged(path: Path, digest: str) -> bool:
    """Whether every file that the step wrote is there with the same content; files beside them do no harm.

    A file untouched since its digest was written down is not read: records can be gigabytes. What says so is the time of the
    inode's last change, which, unlike that of the content's, no copying or restoring sets back.
    """
    before = listed(path, digest)
    if before is None:
        return False
    written = (path.parent / FILES).stat().st_mtime_ns
    return all(_same(path / name, was, written) for name, was in before.items())


def _same(file: Path, digest: str, written: int) -> bool:
    """written: when the digest was, in nanoseconds."""
    return file.is_file() and (file.stat().st_ctime_ns <= written or digests.of_file(file) == digest)


def listed(path: Path, digest: str) -> Mapping[str, str] | None:
    """The digest of each file of an artifact as the step left it; None where that list is gone or itself was changed."""
    try:
        each = json.loads((path.parent / FILES).read_text(encoding="utf-8"))[path.name]
        return each if digests.of_files(each) == digest else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
