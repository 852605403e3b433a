"""The annotation formats that convert reads.

Each module (or package) of this folder is one format; its name is the choice of `--format`. It defines `READER`, a
`boxwright.convert.reading.reader.Reader`. To add a format, add one module: nothing else lists the formats.

`names` and `summaries` need only the standard library: the command line and the KFP components call them where no format can be
imported.
"""

import ast
import importlib.util
import pkgutil
from functools import cache
from pathlib import Path

from boxwright.convert.reading.reader import Reader
from boxwright.core import registry


@cache
def names() -> tuple[str, ...]:
    """The names of all formats, sorted, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def summaries() -> dict[str, str]:
    """By format, the first line of its module's docstring, without importing it."""
    return {name: _docstring(name).partition("\n")[0] for name in names()}


@cache
def readers() -> dict[str, Reader]:
    """By format, its reader. Imports all formats."""
    return {name: registry.member(f"{__name__}.{name}", "READER", "Add a format") for name in names()}


def listed() -> str:
    """`A, B or C`: how an error lists the formats that could have been given."""
    texts = [reader.expected for reader in readers().values()]
    return f"{', '.join(texts[:-1])} or {texts[-1]}"


def expected() -> str:
    return f"expected {listed()}"


def _docstring(name: str) -> str:
    spec = importlib.util.find_spec(f"{__name__}.{name}")
    assert spec and spec.origin
    return ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or ""
