"""Finds the modules of a registry. Each module defines one format, model, finding or augmentation; to add one, add a module."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any


def modules(package: ModuleType | str) -> list[ModuleType]:
    """Imports every module below a package, and returns the modules sorted by name.

    Modules that start with `_` and packages themselves are left out. package: the package, or its name (`__name__`) while it is
    being imported.
    """
    found = importlib.import_module(package) if isinstance(package, str) else package
    below = pkgutil.walk_packages(found.__path__, f"{found.__name__}.")
    names = sorted(info.name for info in below if not info.ispkg and not info.name.rpartition(".")[2].startswith("_"))
    return [load(name) for name in names]


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
