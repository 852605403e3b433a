"""Reads YAML that strangers wrote.

A few hundred bytes of YAML can stand for billions of values: an alias (`*a`) repeats a value, and a merge key (`<<: *a`) copies
one. So a text is first read as a flat sequence of events, where the values behind the aliases are counted, and only then built.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import brief

# libyaml's parser is ten times as fast as PyYAML's own. It also accepts tabs between words.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What the constructors of PyYAML raise for a scalar that its tag or its form does not fit, such as `!!int x` or 2024-13-45.
_ERRORS = (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError, RecursionError)
_STARTS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
# Characters and size of a whole number. Sums of larger ones, such as 1:1:1:..., would take hours.
_LONGEST_NUMBER, _LARGEST_NUMBER = 40, 1 << 60
# libyaml compares each %TAG with all before it.
_MOST_TAGS = 100


class InvalidYaml(ValueError):
    """A text that is not read as YAML. Its message is the end of a sentence, with the line where there is one."""


class Loader(_Safe):
    """yaml.SafeLoader that refuses recursive aliases such as `&a [*a]`, whose value is infinite, and absurd numbers."""

    def construct_document(self, node: yaml.Node) -> Any:
        return self.construct_object(node, deep=True)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        found = super().construct_yaml_int(node) if len(node.value) <= _LONGEST_NUMBER else _LARGEST_NUMBER
        if abs(found) >= _LARGEST_NUMBER:
            raise yaml.constructor.ConstructorError(
                problem=f"a whole number of {len(node.value)} characters", problem_mark=node.start_mark
            )
        return found


Loader.add_constructor("tag:yaml.org,2002:int", Loader.construct_yaml_int)


def read(file: Path) -> str:
    """The text of a file. Raises OSError, InvalidYaml if it is not UTF-8, and TooLarge."""
    with file.open("rb") as opened:
        content = limits.read_at_most(opened, limits.YAML_BYTES, file)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise InvalidYaml("it is not UTF-8 text; save it as UTF-8") from None


def parse(text: str, loader: type[Loader] = Loader) -> Any:
    """The value of a YAML text. Raises InvalidYaml for any text without one, and for one beyond the limits."""
    try:
        _check(text)
        return yaml.load(text, loader)
    except InvalidYaml:
        raise
    except _ERRORS as error:
        raise InvalidYaml(_why(error)) from None


def _why(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    what = str(getattr(error, "problem", None) or f"{type(error).__name__}: {error}")
    return brief(what) + (f" in line {mark.line + 1}" if mark else "")


def _check(text: str) -> None:
    """Raises InvalidYaml for a text beyond the limits, and yaml.YAMLError for one that is no YAML."""
    if len(text) > limits.YAML_BYTES:
        raise InvalidYaml(f"more than {limits.in_words(limits.YAML_BYTES)} of YAML")
    if text.count("%TAG") > _MOST_TAGS:
        raise InvalidYaml(f"more than {_MOST_TAGS} %TAG directives")
    for size, levels in _sizes(yaml.parse(text, _Safe)):
        if size > limits.YAML_NODES:
            raise InvalidYaml(
                f"its values, with aliases and merge keys written out, are more than {limits.YAML_NODES:,}"
            )
        if levels > limits.LEVELS:
            raise InvalidYaml(f"it is nested more than {limits.LEVELS} levels deep")


def _sizes(events: Iterator[yaml.Event]) -> Iterator[tuple[int, int]]:
    """After each event: the values so far, with all aliases written out, and the levels of the value that it opens or ends."""
    known: dict[Any, tuple[int, int]] = {}  # by anchor: its values and levels
    opened: list[_Opened] = []
    size = 0
    for event in events:
        values, levels = known.get(event.anchor, (1, 0)) if isinstance(event, yaml.AliasEvent) else (1, 0)
        if isinstance(event, _STARTS):
            opened.append(_Opened(event.anchor, size))
        elif isinstance(event, _ENDS):
            ended = opened.pop()
            values, levels = 0, ended.levels
            known[ended.anchor] = (size - ended.before, levels)
        elif isinstance(event, yaml.ScalarEvent):
            known[event.anchor] = (1, 0)
        size += values if isinstance(event, yaml.NodeEvent) else 0
        if opened:
            opened[-1].levels = max(opened[-1].levels, levels + 1)
        yield size, len(opened) + levels


@dataclass
class _Opened:
    """A list or mapping that has not ended. before: the values before it. levels: of itself and of what it holds so far."""

    anchor: Any
    before: int
    levels: int = 1
