"""JSON files that are either complete or absent after a crash."""

import json
import os
from pathlib import Path
from typing import Any


def write(path: Path, content: Any) -> None:
    """Writes JSON atomically.

    fsync comes before the rename. Without it, a crash can leave the new name on disk with no content.
    """
    aside = path.with_suffix(".part")
    aside.unlink(missing_ok=True)  # of a killed process
    with aside.open("x", encoding="utf-8") as file:  # it follows no link that somebody put there
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def read(path: Path) -> Any | None:
    """The content; None if the file does not exist or is damaged. The caller then computes it again."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, RecursionError, ValueError):
        return None
