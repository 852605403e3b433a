"""What is printed holds names of the user's: every one of them can be shown, and is shown as it is."""

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def literal() -> "Console":
    """A console that prints text and tables as they are: the class `bolt [m8]` has no markup, `:cat:` is no picture."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False)


def forgiving() -> None:
    """From here on a letter that the terminal's encoding lacks is printed as its code: a class `猫` ends no command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
