"""Hands a command over to the environment that has its libraries. Standard library only: any Python runs this."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from boxwright.command_line import parsers
from boxwright.core.runtime import environments
from boxwright.core.runtime.errors import UserError


def elsewhere(environment: str) -> bool:
    """Whether another process must run the commands of an environment. Not in an image: it has one environment."""
    return "BOXWRIGHT_IMAGE" not in os.environ and Path(sys.prefix).resolve() != folder(environment).resolve()


def hand_over(environment: str, name: str, argv: Sequence[str]) -> NoReturn:
    """Replaces this process. Where the environment is not made yet, it makes it first.

    Before that it answers `--help`, and refuses a flag that the command lacks. Raises UserError for such a flag, and if the
    environment cannot be made.
    """
    script = folder(environment) / "bin" / "boxwright"
    if not script.exists():
        if {"-h", "--help"} & set(argv):
            print(parsers.help_of(name))
            sys.exit()
        if wrong := parsers.unknown(name, argv):
            raise UserError(f"{wrong} `boxwright {name} --help` lists them")
        raise UserError(
            f"the environment {environment} is not installed; run `make install` in the checkout of Boxwright"
        )
    print(end="", flush=True)
    os.execv(script, [str(script), name, *argv])


def folder(environment: str) -> Path:
    """The folder of an environment."""
    home = environments.home()
    return home.parent / ".venv" if environment == "authoring" else home / environment
