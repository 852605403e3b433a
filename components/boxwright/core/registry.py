"""Finds the modules of a registry: one module is one format, model, finding or augmentation, and a new one is a new file."""

import importlib
import pkgutil
from types import ModuleType


def modules(package: ModuleType | str) -> list[ModuleType]:
    """Imports every module below a package, and returns them in the order of their names. Modules that start with `_` and
    packages themselves are left out.

    package: the package, or its name while it is being imported (`__name__`).
    """
    found = importlib.import_module(package) if isinstance(package, str) else package
    below = pkgutil.walk_packages(found.__path__, f"{found.__name__}.")
    names = sorted(info.name for info in below if not info.ispkg and not info.name.rpartition(".")[2].startswith("_"))
    return [importlib.import_module(name) for name in names]
