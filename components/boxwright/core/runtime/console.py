"""What is printed holds names of the user's: every one of them can be shown, and is shown as it is."""

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def literal() -> "Console":
    """A console that prints text and tables as they are: the class `bolt [m8]` has no markup, `:cat:` is no picture."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False)


def forgiving() -> None:
    """From here on a letter that the terminal's encoding lacks is printed as its code: a class `猫` ends no command. Nor does a
    stream that somebody closed, in whose place no file is to be opened."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the process lives)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
