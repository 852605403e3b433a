"""Writes `reference.json`: the flags of every command, as the parsers of the commands know them.

`make docs` runs it. So `boxwright COMMAND --help` and shell completion need none of the environments.
"""

import importlib
import json
import warnings
from argparse import Action, BooleanOptionalAction
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import cleandoc
from pathlib import Path
from typing import Any

import tyro

from boxwright import cli
from boxwright.core.runtime import console
from boxwright.core.runtime.environments import STEPS
from boxwright.core.runtime.printable import visible

FILE = Path(__file__).with_name("reference.json")


class Asked(Exception):
    """A command wants to parse its flags. config: their definition; description: what the command does."""

    def __init__(self, config: type, description: str) -> None:
        self.config, self.description = config, description


def render() -> str:
    commands = {name: entry(*asked(function)) for name, (function, _) in cli.COMMANDS.items()}
    for step in STEPS:
        described = importlib.import_module(f"boxwright.{step}.config")
        commands.setdefault(step, entry(cli.with_choices(described.Config), described.__doc__ or ""))
    return json.dumps(commands, indent=1, ensure_ascii=False) + "\n"


def asked(function: str) -> tuple[type, str]:
    """The definition of a command's flags, and what it does. function: `module:function`, as in `cli.COMMANDS`."""
    module, _, name = function.partition(":")
    called = getattr(importlib.import_module(f"boxwright.{module}"), name)
    try:
        with _parse_raises():
            called([])
    except Asked as found:
        return found.config, found.description or found.config.__doc__ or ""
    raise AssertionError(f"{function} parses no flags")


@contextmanager
def _parse_raises() -> Iterator[None]:
    def ask(config: type, argv: Sequence[str], prog: str, description: str | None = None) -> None:
        raise Asked(config, description or "")

    kept, console.parse = console.parse, ask
    try:
        yield
    finally:
        console.parse = kept


def entry(config: type, description: str) -> Mapping[str, Any]:
    """What a command does, and its flags."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # tyro keeps it for documentation, which this is
        parser = tyro.extras.get_parser(config)
    return {"description": cleandoc(description), "flags": [flag(one) for one in parser._actions if one.dest != "help"]}


def flag(action: Action) -> Mapping[str, Any]:
    """names: empty for an argument without a flag. takes: how many words follow it, as argparse says it."""
    takes = 0 if isinstance(action, BooleanOptionalAction) else None if action.nargs == 1 else action.nargs
    return {
        "names": list(action.option_strings),
        "help": visible(str(action.help)),
        "metavar": _metavar(action),
        "choices": _choices(action),
        "takes": takes,
        "required": action.required,
    }


def _metavar(action: Action) -> str:
    """What stands for the value in `--help`. tyro writes `{None}|PATH` and `[STR [STR ...]]`."""
    if not action.option_strings:
        return action.dest.upper()
    return str(action.metavar or "").strip("[]").removeprefix("{None}|").partition(" ")[0]


def _choices(action: Action) -> list[str]:
    """The words that it may be. tyro writes those of an own metavar only there: `{auto,coco}`."""
    metavar = str(action.metavar or "")
    written = metavar[1:-1].split(",") if metavar.startswith("{") and metavar.endswith("}") else []
    return [str(choice) for choice in action.choices or written]


def main() -> None:
    FILE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
