"""The detectors that Boxwright trains, by name. A module here that holds a `MODEL` is one of them: to add one, add a file.

Standard library only, because every command line imports it.
"""

from boxwright.core import registry
from boxwright.core.models.model import Model
from boxwright.core.runtime.errors import UserError

DEFAULT = "ssd_mobilenet_v1_ppn"


def _registered() -> dict[str, Model]:
    """By name, the default first."""
    found = [module.MODEL for module in registry.modules(__name__) if hasattr(module, "MODEL")]
    return {model.name: model for model in sorted(found, key=lambda model: (model.name != DEFAULT, model.name))}


MODELS = _registered()
NAMES = tuple(MODELS)
ALIASES = {alias: model.name for model in MODELS.values() for alias in model.aliases}


def get(name: str) -> Model:
    """The model of this name or alias. Raises UserError that lists the names."""
    if (known := ALIASES.get(name, name)) not in MODELS:
        raise UserError(f"there is no model {name!r}; choose one of {', '.join(NAMES)}")
    return MODELS[known]
