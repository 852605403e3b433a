"""Finds the modules of a registry. Each module defines one format, model, finding or augmentation; to add one, add a module."""

import importlib
import pkgutil
from collections.abc import Collection, Iterable
from types import ModuleType
from typing import Any


def members(package: str, constant: str, recipe: str, helpers: Collection[str] = ()) -> list[tuple[str, Any]]:
    """What every module below a package defines under a name, each with the module's file (`models/ssd_mobilenet_v2.py`).

    They are sorted by the module's name. package: its `__name__`; it may still be importing. recipe: the section of
    components/README.md. helpers: modules that define no member. Raises RuntimeError for any other module without one.
    """
    below = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    names = sorted(info.name for info in below if not info.ispkg and info.name.rpartition(".")[2] not in helpers)
    return [(_file(name), member(name, constant, recipe)) for name in names]


def check_unique(what: str, used: Iterable[tuple[str, str]]) -> None:
    """Raises RuntimeError for a name that is used twice. what: what it names. used: (file of the module, name)."""
    first: dict[str, str] = {}
    for file, name in used:
        if name in first:
            files = " and ".join(dict.fromkeys((first[name], file)))
            raise RuntimeError(f"the {what} {name!r} is used twice, in {files}; expected each {what} once")
        first[name] = file


def load(name: str) -> ModuleType:
    """Imports a module of a registry. Raises RuntimeError for one that registers itself with wrong arguments."""
    try:
        return importlib.import_module(name)
    except TypeError as error:
        raise RuntimeError(f"{_file(name)} cannot be loaded: {error}; see components/README.md") from error


def member(name: str, constant: str, recipe: str) -> Any:
    """What a module defines under a name. recipe: the section of components/README.md. Raises RuntimeError without it."""
    module = load(name)
    if not hasattr(module, constant):
        raise RuntimeError(f"{_file(name)} defines no {constant}; see components/README.md, {recipe}")
    return getattr(module, constant)


def _file(name: str) -> str:
    """`formats/kitti.py` of `boxwright.convert.formats.kitti`."""
    return f"{'/'.join(name.split('.')[-2:])}.py"
