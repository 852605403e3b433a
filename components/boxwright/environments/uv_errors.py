"""Turns an error of uv into a sentence that says what to do."""

from pathlib import Path

from boxwright.core.runtime.errors import brief


def sentence(said: str, code: int, folder: Path) -> str:
    """said: what uv wrote. code: its exit code. folder: where it wrote."""
    return f"uv could not make {folder}: {brief(said)}"
