"""Registry of the detectors that Boxwright trains, by name. To add one, add a module here that defines `MODEL`.

It uses the standard library only, because every command line imports it.
"""

from boxwright.core import registry
from boxwright.core.models.model import Model
from boxwright.core.runtime.errors import UserError

DEFAULT = "ssd_mobilenet_v1_ppn"


def _registered() -> dict[str, Model]:
    """The models by name; the default comes first."""
    found = [module.MODEL for module in registry.modules(__name__) if hasattr(module, "MODEL")]
    return {model.name: model for model in sorted(found, key=lambda model: (model.name != DEFAULT, model.name))}


MODELS = _registered()
NAMES = tuple(MODELS)
ALIASES = {alias: model.name for model in MODELS.values() for alias in model.aliases}


def get(name: str) -> Model:
    """The model of this name or alias. Raises UserError for an unknown name, and lists the known ones."""
    if (known := ALIASES.get(name, name)) not in MODELS:
        raise UserError(f"there is no model {name!r}; choose one of {', '.join(NAMES)}")
    return MODELS[known]
