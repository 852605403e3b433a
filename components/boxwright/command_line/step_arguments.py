"""The words of a step's command as KFP passes them, in the form that the command line reads."""

import json
from collections.abc import Mapping
from typing import Any

from boxwright.core.runtime.flags import flags as known_flags


def split_executor_input(argv: list[str]) -> tuple[str | None, list[str]]:
    """The value of KFP's own flag, and the other flags."""
    if "--executor-input" not in argv[:-1]:
        return None, argv
    at = argv.index("--executor-input")
    return argv[at + 1], argv[:at] + argv[at + 2 :]


def attached(words: list[str]) -> list[str]:
    """Joins `--beam-options --runner=X` into one word. Otherwise the parser would read the value as a flag of ours."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--beam-options":
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def not_named(flags: list[str], given: Mapping[str, Any], config: type) -> list[str]:
    """As flags, the parameters of a task that its command does not name: a component.yaml passes them in the executor input only.

    given: from the executor input.
    """
    named = {flag.partition("=")[0] for flag in flags}
    left = [one for one in known_flags(config) if given.get(one.name) is not None and one.option not in named]
    return [part for one in left for part in (one.option, as_argument(given[one.name]))]


def as_argument(value: Any) -> str:
    """The text that KFP passes to a command for the value of a parameter. All its numbers are floats."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value)


def as_switches(flags: list[str], config: type) -> list[str]:
    """Turns KFP's form of a bool, `--stock true`, into the form of the command line, `--stock` or `--no-stock`."""
    names = {flag.option: flag.option.removeprefix("--") for flag in known_flags(config) if flag.kind is bool}
    switches: list[str] = []
    for flag in flags:
        if switches and switches[-1] in names and flag.lower() in ("true", "false"):
            name = names[switches.pop()]
            flag = f"--{name}" if flag.lower() == "true" else f"--no-{name}"
        switches.append(flag)
    return switches
