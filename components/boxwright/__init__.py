"""Boxwright: finds out why an SSD-MobileNet detector does poorly on your images, and fixes it.

In Python: `answer = boxwright.diagnose("my_images")`; `help(boxwright.diagnose)` says more.
"""

import importlib
import sys
from types import ModuleType

TYPE_CHECKING = False  # type checkers take it for true; the module typing would double the time of this import
if TYPE_CHECKING:
    from boxwright.api import (
        Diagnosis,
        Error,
        Evaluation,
        Evidence,
        Finding,
        Prediction,
        Run,
        Validation,
        diagnose,
        evaluate,
        run,
        validate,
    )

__version__ = "0.2.0"
# The names of `boxwright.api`. It is imported when one of them is used: every step imports this file.
__all__ = [
    "Diagnosis",
    "Error",
    "Evaluation",
    "Evidence",
    "Finding",
    "Prediction",
    "Run",
    "Validation",
    "diagnose",
    "evaluate",
    "run",
    "validate",
]


class _Package(ModuleType):
    """`boxwright.diagnose` is the function, also after a module of the step of the same name was imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return importlib.import_module, ("boxwright",)


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'boxwright' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.api"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


sys.modules[__name__].__class__ = _Package
