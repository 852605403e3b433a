"""The locations of the model zoo's checkpoints, which `--init auto` uses."""

from boxwright.core import models
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch

BASE = "https://download.tensorflow.org/models/object_detection/"
FILES = {name: model.zoo.checkpoint for name, model in models.MODELS.items()}


def uri(model: str) -> str:
    """The address of the zoo's checkpoint of a model."""
    return BASE + FILES[model]


def resolve(init: str, model: str, depth_multiplier: float = 1.0) -> tuple[str, str]:
    """The weights that `--init` means (a path, a URI or `none`), and why training starts from scratch; empty if it does not.

    auto means the zoo's checkpoint of the model, if the zoo has one and it can be downloaded or is in the cache.
    """
    if init == "auto" and depth_multiplier != 1.0:
        return "none", f"the model zoo has no checkpoint with width {depth_multiplier}"
    if init == "auto":
        try:
            fetch.version(uri(model))
        except UserError as error:
            return "none", f"the model zoo's checkpoint cannot be reached ({error})"
        return uri(model), ""
    return init or "none", "--init is none" if init in ("", "none") else ""


def version(model: str) -> str:
    """A text that changes when the zoo's checkpoint changes; `unreachable` if the checkpoint cannot be reached."""
    try:
        return fetch.version(uri(model))
    except UserError:
        return "unreachable"
