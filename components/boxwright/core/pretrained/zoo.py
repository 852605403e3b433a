"""Where the model zoo's checkpoints are: what `--init auto` stands for."""

from boxwright.core import models
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch

BASE = "https://download.tensorflow.org/models/object_detection/"
FILES = {name: model.zoo.checkpoint for name, model in models.MODELS.items()}


def uri(model: str) -> str:
    return BASE + FILES[model]


def resolve(init: str, model: str, depth_multiplier: float = 1.0) -> tuple[str, str]:
    """The weights that `--init` stands for, a path, a URI or `none`, and why training starts from scratch where it does.

    auto is the zoo's checkpoint of the model, if the zoo has one and a server answers or a copy is kept.
    """
    if init == "auto" and depth_multiplier != 1.0:
        return "none", f"the model zoo has no checkpoint of width {depth_multiplier}"
    if init == "auto":
        try:
            fetch.version(uri(model))
        except UserError as error:
            return "none", f"the model zoo's checkpoint cannot be reached ({error})"
        return uri(model), ""
    return init or "none", "--init none asks for it" if init in ("", "none") else ""


def version(model: str) -> str:
    """Changes when what training would start from does; `unreachable` where that is from scratch."""
    try:
        return fetch.version(uri(model))
    except UserError:
        return "unreachable"
