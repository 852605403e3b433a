"""JSON files that a crash leaves either complete or absent."""

import json
import os
from pathlib import Path
from typing import Any


def write(path: Path, content: Any) -> None:
    """Forces the new file to disk before it replaces the old one: a rename alone can survive a crash that its content does
    not."""
    aside = path.with_suffix(".part")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def read(path: Path) -> Any | None:
    """None if the file does not exist or is damaged; the caller then makes it again."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
