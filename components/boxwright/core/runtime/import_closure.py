"""Finds our modules that a module can import, by reading the source. Standard library only: every image runs this.

An import counts anywhere, even inside a function, but not below `if TYPE_CHECKING:`. A string with the name of one of our modules
counts as an import of it. Some modules load others by name (`pkgutil`, `importlib.import_module`, `core.registry`). Such a module
is assumed to load every module of each package that it names, and of its own package if it uses `__name__`, `__package__` or
`__path__`.
"""

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_TOP = "boxwright"
_LOADERS = ("pkgutil", "importlib", "importlib.util", "importlib.import_module", f"{_TOP}.core.registry")
_OWN_PACKAGE = ("__name__", "__package__", "__path__")
# The command line loads one step by name, and nothing else. The package itself loads `boxwright.api`, which no step uses.
_LOADS_NOTHING_ELSE = (f"{_TOP}.cli", _TOP)


class _Names(NamedTuple):
    """imported: every dotted name that a file imports, ours or not; texts: names of our modules in its strings."""

    imported: frozenset[str]
    texts: frozenset[str]
    says_own_package: bool


def files(entries: Iterable[str], package: Path) -> list[Path]:
    """The source files of the modules `entries`, of all modules that they can import, and of the packages of these, sorted.

    package: folder of `boxwright`. Names that are not modules of ours are ignored.
    """
    found: dict[str, Path] = {}
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name in found or not (file := _source(name, package)):
            continue
        found[name] = file
        waiting += [name.rpartition(".")[0], *_reached(name, file, package)]
    return sorted(set(found.values()))


def module_name(file: Path, package: Path) -> str:
    parts = [_TOP, *file.relative_to(package).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _reached(name: str, file: Path, package: Path) -> Iterator[str]:
    names = _names(file.read_bytes(), name if file.name == "__init__.py" else name.rpartition(".")[0])
    for target in names.imported | names.texts:
        yield from (target, target.rpartition(".")[0])  # in `from a import b`, b may be a module or not
    if name in _LOADS_NOTHING_ELSE or not names.imported.intersection(_LOADERS):
        return
    loaded = [target for target in names.imported | names.texts if target != _TOP]
    loaded += [name if file.name == "__init__.py" else name.rpartition(".")[0]] if names.says_own_package else []
    for target in loaded:
        folder = _folder(target, package)
        if folder and (folder / "__init__.py").is_file():
            yield from (module_name(inner, package) for inner in folder.rglob("*.py"))


def _folder(name: str, package: Path) -> Path | None:
    top, *below = name.split(".")
    return package.joinpath(*below) if top == _TOP and all(part.isidentifier() for part in below) else None


def _source(name: str, package: Path) -> Path | None:
    folder = _folder(name, package)
    if folder is None:
        return None
    candidates = (folder / "__init__.py", folder.with_name(f"{folder.name}.py"))
    return next((file for file in candidates if file.is_file()), None)


@functools.cache
def _names(source: bytes, package_name: str) -> _Names:
    imported: set[str] = set()
    texts: set[str] = set()
    says_own_package = False
    for node in _running(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package_name)
            imported.update(f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(f"{_TOP}."):
            texts.add(node.value.partition(":")[0])
        elif isinstance(node, ast.Name) and node.id in _OWN_PACKAGE:
            says_own_package = True
    return _Names(frozenset(imported), frozenset(texts), says_own_package)


def _absolute(node: ast.ImportFrom, package_name: str) -> str:
    if not node.level:
        return node.module or ""
    above = package_name.split(".")
    return ".".join([*above[: len(above) - node.level + 1], *([node.module] if node.module else [])])


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes except those below `if TYPE_CHECKING:`."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        only_types = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        waiting += node.orelse if isinstance(node, ast.If) and only_types else ast.iter_child_nodes(node)
