"""Printing names that users chose: every name can be printed, and is printed as it is."""

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def plain_console() -> "Console":
    """A console without markup: the class `bolt [m8]` keeps its brackets, and `:cat:` does not become a picture."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False)


def tolerate_encodings() -> None:
    """Makes printing safe for this process.

    A letter that the terminal's encoding lacks is printed as its code, so that a class `猫` does not end a command. A standard
    stream that is closed is replaced, so that no file that is opened later takes its place.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the process lives)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
