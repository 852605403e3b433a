"""The flags of every command as argparse parsers: for `--help` and shell completion in any Python, without an environment.

The parsers of the commands themselves, which tyro makes, check the values. Standard library only.
"""

import argparse
import functools
import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("reference.json")


@functools.cache
def reference() -> Mapping[str, Any]:
    """What each command does, and its flags: see `reference.py`."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def help_of(command: str) -> str:
    placed = [flag["metavar"] for flag in reference()[command]["flags"] if not flag["names"]]
    usage = " ".join([f"boxwright {command} [-h] [OPTIONS]", *placed])
    return fill(argparse.ArgumentParser(usage=usage, **_layout(command)), command).format_help()


def whole(summaries: Mapping[str, str], prepare: Any = None) -> argparse.ArgumentParser:
    """The parser of `boxwright` with all commands. summaries: name of a command -> what it does, in a line. prepare: is called
    with each argument."""
    parser = argparse.ArgumentParser("boxwright")
    commands = parser.add_subparsers(dest="command")
    for name, summary in summaries.items():
        fill(commands.add_parser(name, help=summary), name, prepare)
    return parser


def fill(parser: argparse.ArgumentParser, command: str, prepare: Any = None) -> argparse.ArgumentParser:
    """The parser with the arguments of a command."""
    for flag in reference().get(command, {}).get("flags", ()):
        action = parser.add_argument(*(flag["names"] or [flag["metavar"]]), **_options(flag))
        if prepare:
            prepare(action)
    return parser


def unknown(command: str, words: Sequence[str]) -> str:
    """A sentence about the first flag that the command does not have; else empty.

    The value of a flag may also begin with two dashes, so a word after a flag that takes one is no flag.
    """
    known = {name: flag for flag in reference()[command]["flags"] for name in flag["names"]} | {"--help": {"takes": 0}}
    value = False
    for word in words:
        name = word.partition("=")[0].replace("_", "-")
        if not value and word.startswith("--") and name not in known:
            near = get_close_matches(name, known, 1, 0.6)
            return f"there is no flag {name}" + (f"; did you mean {near[0]}?" if near else ".")
        value = not value and name in known and "=" not in word and known[name]["takes"] != 0
    return ""


def _layout(command: str) -> dict[str, Any]:
    description = reference()[command]["description"]
    return {"description": _escaped(description), "formatter_class": argparse.RawDescriptionHelpFormatter}


def _options(flag: Mapping[str, Any]) -> dict[str, Any]:
    """What argparse is told of a flag."""
    options: dict[str, Any] = {"help": _escaped(flag["help"])}
    if flag["takes"] == 0:
        return options | {"action": "store_true"}
    if flag["names"]:
        options["required"] = flag["required"]
    return options | {"nargs": flag["takes"], "choices": flag["choices"] or None, "metavar": _metavar(flag)}


def _metavar(flag: Mapping[str, Any]) -> str:
    return f"{{{','.join(flag['choices'])}}}" if flag["choices"] else str(flag["metavar"])


def _escaped(text: str) -> str:
    """argparse formats its texts with `%`."""
    return text.replace("%", "%%")
