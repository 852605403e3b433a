"""Terminal output: names from users are printed literally, and messages of libraries are hidden."""

import io
import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def plain_console() -> "Console":
    """A console without markup: the class `bolt [m8]` keeps its brackets, and `:cat:` does not become an emoji."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False)


def tolerate_encodings() -> None:
    """Makes printing safe for this process.

    A character that the terminal's encoding lacks is printed as its code, so that a class `猫` does not crash a command. A closed
    standard stream is replaced, so that no file opened later gets its descriptor.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the process lives)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence_libraries() -> None:
    """Hides messages of TensorFlow, Beam and Google's clients that are not about the user's data. Call it before their import."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", category=FutureWarning, module="google")
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("apache_beam.runners.common").setLevel(logging.CRITICAL)  # it logs errors that it also raises
