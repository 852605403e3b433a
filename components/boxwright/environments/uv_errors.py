"""Turns an error of uv into a sentence that says what to do."""

import re
import signal
from pathlib import Path

from boxwright.core.runtime.errors import brief
from boxwright.core.runtime.text_files import FULL

SPACE = "free space, or set BOXWRIGHT_HOME, and UV_CACHE_DIR for uv's cache, to folders on a larger disk"
NETWORK = (
    "give the network, a proxy (HTTPS_PROXY) or a mirror (UV_DEFAULT_INDEX), or bring the packages from another machine: "
    "`boxwright env --wheelhouse DIR` there, `boxwright env --offline DIR` here"
)
# What uv says (a pattern), what that means, and what to do. The first match counts: an error names its cause after its effect.
MEANINGS = (
    ("|".join(FULL), "the disk is full", SPACE),
    (
        r"No interpreter found|[Ff]ailed to (?:download|install|fetch).*(?:python-build-standalone|cpython)|No download found",
        "Python 3.11 is not installed, and uv could not bring it",
        "install Python 3.11 (on Debian and Ubuntu: the package python3.11), or let uv reach its downloads "
        "(UV_PYTHON_INSTALL_MIRROR names a mirror)",
    ),
    (
        r"[Hh]ash mismatch",
        "a package is not the one that the lock names",
        "do not use that package index or folder before you know why",
    ),
    (
        r"Read-only file system|Permission denied|Operation not permitted",
        "a folder cannot be written",
        "set BOXWRIGHT_HOME, and UV_CACHE_DIR for uv's cache, to folders that you can write",
    ),
    (
        r"not found in the provided package locations|no versions? of|unavailable because the packages? were|"
        r"not found in the package registry|network was disabled|needs to be downloaded from a registry",
        "a package of the lock is not there",
        "give the whole folder that `boxwright env --wheelhouse` wrote with this version of Boxwright, or a complete mirror",
    ),
    (
        r"dns error|error sending request|[Cc]onnect(?:ion)?\b.*(?:error|refused|reset|timed out)|client error|timed out|"
        r"[Ff]ailed to fetch|HTTP status|certificate",
        "the packages could not be downloaded",
        NETWORK,
    ),
    (
        r"[Ff]ailed to build|build backend",
        "a package that comes as source could not be built",
        "look at uv's message; an environment that worked elsewhere can be brought with `boxwright env --wheelhouse`",
    ),
)


def sentence(said: str, code: int, folder: Path) -> str:
    """said: what uv wrote. code: its exit code, negative for a signal. folder: where it wrote."""
    if code < 0:
        return f"uv was ended by {signal.Signals(-code).name} before {folder} was complete; run the command again"
    for pattern, meaning, remedy in MEANINGS:
        if found := re.search(pattern, said, re.DOTALL if "cpython" in pattern else 0):
            return f"{meaning}; {remedy} (uv: {reason(said, found.start())})"
    return f"uv could not make {folder}: {reason(said, 0)}"


def reason(said: str, at: int) -> str:
    """The line of uv's error that says why, in short."""
    line = said[said.rfind("\n", 0, at) + 1 :].partition("\n")[0] if at else said[said.find("error:") :]
    return brief(re.sub(r"^\W*(?:error:|cause:|Caused by:)?\s*", "", line))
