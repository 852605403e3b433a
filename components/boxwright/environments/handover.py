"""Hands a command over to the environment that has its libraries. Any Python from 3.11 on runs this."""

import os
import sys
from collections.abc import Sequence

from boxwright.command_line import installation, parsers
from boxwright.core.runtime.environments import checkout
from boxwright.core.runtime.errors import UserError
from boxwright.environments import places, uv
from boxwright.environments.making import ensure
from boxwright.environments.places import Name

# The commands that run steps.
GRAPHS = ("run", "diagnose")


def to_authoring(argv: Sequence[str]) -> None:
    """As `start`, with the command first. `doctor` installs nothing to say what is not installed."""
    if argv[0] == "doctor" and not places.installed("authoring"):
        return installation.main(list(argv[1:]))
    on_host = not {"docker", "--engine=docker"} & set(argv)
    steps: tuple[Name, ...] = ("data", "train") if argv[0] in GRAPHS and on_host else ()
    start("authoring", argv, *steps)


def to_data(argv: Sequence[str]) -> None:
    start("data", argv)


def to_train(argv: Sequence[str]) -> None:
    start("train", argv)


def start(environment: Name, argv: Sequence[str], *others: Name) -> None:
    """Replaces this process with `boxwright ARGV` of an environment. What is missing is made first, after `--help` is answered
    and the flags are known to exist.

    others: the environments that the command will start. Raises UserError for a flag that the command lacks, and if an
    environment cannot be made.
    """
    if not all(map(places.installed, (environment, *others))):
        command, *words = argv
        if {"-h", "--help"} & set(words):
            print(parsers.help_of(command))
            sys.exit()
        if wrong := parsers.unknown(command, words):
            raise UserError(f"{wrong} `boxwright {command} --help` lists them")
    script = ensure(environment, *others) / "bin" / "boxwright"
    inherit()
    print(end="", flush=True)
    os.execv(script, [str(script), *argv])


def inherit() -> None:
    """Tells the processes of the environments, which have neither platformdirs nor uv, what this Python knows."""
    if not checkout():
        os.environ["BOXWRIGHT_HOME"] = str(places.home())
        os.environ["BOXWRIGHT_UV"] = uv.program()
