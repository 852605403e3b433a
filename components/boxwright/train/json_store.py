"""JSON files that a crash leaves whole, or not there."""

import json
import os
from pathlib import Path
from typing import Any


def write(path: Path, content: Any) -> None:
    """On the disk before it takes the place of the one before: a rename alone can outlive what it named."""
    aside = path.with_suffix(".part")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def read(path: Path) -> Any | None:
    """None where there is none, or what is there is damaged: it is then to be made anew."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
