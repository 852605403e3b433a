"""Registry of the detectors that Boxwright trains, by name. To add one, add a module here that defines `MODEL`.

It uses the standard library only, because every command line imports it.
"""

from boxwright.core import registry
from boxwright.core.models.model import Model
from boxwright.core.runtime.errors import UserError

DEFAULT = "ssd_mobilenet_v1_ppn"
STOCK_GRID = "stride16"


def _registered() -> dict[str, Model]:
    """The models by name; the default comes first. Raises RuntimeError for a name or an extractor of two models."""
    found: list[tuple[str, Model]] = registry.members(__name__, "MODEL", "Add a model", helpers=("model",))
    for file, model in found:  # recipe.stock uses the stock grid, and plans start from it
        if next(iter(model.grids), None) != STOCK_GRID:
            grids = ", ".join(model.grids) or "none"
            raise RuntimeError(
                f"{file}: the first grid must be {STOCK_GRID}, the grid of the stock recipe; got {grids}"
            )
    registry.check_unique("model name", ((file, name) for file, one in found for name in (one.name, *one.aliases)))
    extractors = ((file, grid.extractor) for file, one in found for grid in one.grids.values())
    registry.check_unique("extractor", extractors)
    by_name = {model.name: model for _, model in found}
    return dict(sorted(by_name.items(), key=lambda item: (item[0] != DEFAULT, item[0])))


MODELS = _registered()
NAMES = tuple(MODELS)
ALIASES = {alias: model.name for model in MODELS.values() for alias in model.aliases}


def get(name: str) -> Model:
    """The model of this name or alias. Raises UserError for an unknown name, and lists the known ones."""
    if (known := ALIASES.get(name, name)) not in MODELS:
        raise UserError(f"there is no model {name!r}; choose one of {', '.join(NAMES)}")
    return MODELS[known]
