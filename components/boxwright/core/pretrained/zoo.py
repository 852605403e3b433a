"""Where the model zoo's checkpoints are: what `--init auto` stands for."""

from boxwright.core import models
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache

BASE = "https://download.tensorflow.org/models/object_detection/"
FILES = {name: model.zoo.checkpoint for name, model in models.MODELS.items()}


def uri(model: str) -> str:
    return BASE + FILES[model]


def version(model: str) -> str:
    """Changes when what training would start from does; `unreachable` where that is from scratch."""
    try:
        return cache.version(uri(model))
    except UserError:
        return "unreachable"
