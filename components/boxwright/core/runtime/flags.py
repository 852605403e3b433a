"""Flags of a step: annotations for the fields of a `Config`, and the checks that they imply.

A step's `config.py` is the only place that defines its flags. The command line, the KFP component, the graphs' parameters, the
bounds and the README are generated from it. Standard library only: every environment imports every `config.py`.
"""

import ast
import functools
import inspect
import itertools
import math
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from boxwright.core.runtime.errors import UserError


@dataclass(frozen=True)
class Input:
    """A file or folder to read. One in a bucket is copied first. kfp: type of the input artifact; empty for a parameter."""

    kfp: str = ""


@dataclass(frozen=True)
class Output:
    """A file or folder that the step writes. kfp: type of the output artifact."""

    kfp: str


@dataclass(frozen=True)
class Fetched:
    """A path or URI that the step fetches itself. schemes: allowed schemes; what: kind of file that a local path must be."""

    schemes: tuple[str, ...] = ("https", "gs", "s3", "minio")
    what: Literal["file", "folder", ""] = ""


@dataclass(frozen=True)
class Kept:
    """A folder or URI where a step keeps files for its own next attempt. They do not change its outputs."""


@dataclass(frozen=True)
class Bounds:
    """Smallest and largest allowed value of a number."""

    least: float
    most: float = math.inf


@dataclass(frozen=True)
class Choices:
    """The allowed values of a text. aliases: other names for some of them."""

    words: tuple[str, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class FinalStatus:
    """KFP's PipelineTaskFinalStatus. KFP fills it in as JSON."""


@dataclass(frozen=True)
class AsText:
    """A number that KFP passes as text, because its driver reads the number of accelerators only as text."""


@dataclass(frozen=True)
class Returned:
    """An output parameter of a step, by its name in `Config.returns`."""

    kind: type
    text: str


@dataclass(frozen=True)
class Flag:
    """One field of a Config. kind: its type; marks: its annotations (the classes above); default: MISSING if it is required."""

    name: str
    kind: Any
    marks: tuple[Any, ...]
    default: Any
    text: str

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")

    def mark(self, wanted: type) -> Any:
        """The annotation of this class, or None."""
        return next((mark for mark in self.marks if isinstance(mark, wanted)), None)

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed values, with aliases; empty if any value is allowed."""
        if choices := self.mark(Choices):
            return (*choices.words, *choices.aliases)
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()

    @property
    def text_with_choices(self) -> str:
        """The text, for places that cannot show the choices otherwise: READMEs and the KFP UI."""
        return f"{self.text} One of: {', '.join(self.choices)}." if self.choices else self.text

    @property
    def metavar(self) -> str | None:
        """How `--help` shows the words that it may be, `{a,b}`; None where any text will do."""
        return f"{{{','.join(self.choices)}}}" if self.choices else None

    def wrong(self, value: Any) -> str:
        """What is expected instead of this value, as the end of a sentence. Empty if the value is valid."""
        if self.choices and value not in self.choices:
            return f"expected one of {', '.join(self.choices)}"
        bounds = self.mark(Bounds)
        if bounds and value < bounds.least:
            return f"expected {bounds.least} or more"
        return f"expected {bounds.most} or less" if bounds and value > bounds.most else ""


class StepConfig:
    """Base of every Config. Creating a Config with a value out of bounds raises UserError."""

    returns: ClassVar[Mapping[str, Returned]] = {}
    # Configs with parameters of a graph that no step reads. This step checks them on a cluster, because it runs first.
    checks: ClassVar[tuple[type["StepConfig"], ...]] = ()

    def __post_init__(self) -> None:
        check(self)


def check(config: Any) -> None:
    """Raises UserError with every flag whose value is out of bounds."""
    wrong = [
        f"{flag.option} {getattr(config, flag.name)}: {expected}"
        for flag in flags(type(config))
        if (expected := flag.wrong(getattr(config, flag.name)))
    ]
    if wrong:
        raise UserError("; ".join(wrong))


def check_others(config: type[StepConfig], parameters: Mapping[str, Any]) -> None:
    """Raises UserError for a wrong value of a parameter that the step checks for others. parameters: of its task, by name."""
    for other in config.checks:
        other(**{one.name: parameters[one.name] for one in flags(other) if one.name in parameters})


@functools.cache
def flags(config: type) -> tuple[Flag, ...]:
    """The flags of a Config, in the order of its fields."""
    hints, texts = get_type_hints(config, include_extras=True), field_texts(config)
    return tuple(
        Flag(field.name, *_split(hints[field.name]), _default(field), texts.get(field.name, ""))
        for field in fields(config)
    )


def flag(config: type, name: str) -> Flag:
    """One flag of a Config. Raises StopIteration for an unknown name."""
    return next(one for one in flags(config) if one.name == name)


def _default(field: Field) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _split(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """The plain type of a hint, and its annotations."""
    return (hint.__origin__, hint.__metadata__) if get_origin(hint) is Annotated else (hint, ())


def field_texts(config: type) -> dict[str, str]:
    """The text below each field of a dataclass and of its bases, as one line."""
    texts: dict[str, str] = {}
    for base in reversed(config.__mro__[:-1]):
        texts |= dict(_own_texts(base))
    return texts


def _own_texts(config: type) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(config)))
    except (OSError, TypeError):  # a class that was created at run time has no source
        return
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef))
    for field, text in itertools.pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            yield field.target.id, " ".join(str(text.value.value).split())
