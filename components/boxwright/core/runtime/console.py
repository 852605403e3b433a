"""What reaches the terminal: every name that a user chose, as it is, and nothing that libraries say."""

import io
import logging
import os
import sys
import warnings
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


def silence_libraries() -> None:
    """Call it before TensorFlow, Beam or Google's clients are imported: they print a screenful, none of it about the data."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", category=FutureWarning, module="google")
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("apache_beam.runners.common").setLevel(logging.CRITICAL)  # it raises what it logs
