"""Finds the backbone of the initial weights, for measurements on pictures."""

from dataclasses import dataclass
from pathlib import Path

from boxwright.core import models
from boxwright.core.pretrained import slim_arrays, trained_arrays
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError, brief
from boxwright.core.storage import fetch
from boxwright.diagnose.embedding import backbone
from boxwright.diagnose.embedding.backbone import Layer

_JUDGED = "MobileNet v1"


@dataclass(frozen=True, eq=False)
class InitBackbone:
    """layers: empty if there is no backbone. why_not: then the reason, as a clause."""

    layers: tuple[Layer, ...] = ()
    why_not: str = ""


def read(init: str, recipe: Recipe) -> InitBackbone:
    """The backbone that `init` names: a path, a URI, or none.

    Weights that cannot be read are no error here, because train may run on another machine and reports them.
    """
    if init in ("", "none", "auto"):
        return InitBackbone(why_not="training starts from scratch")
    if (network := models.get(recipe.model).backbone) != _JUDGED:
        return InitBackbone(why_not=f"the backbone is a {network}, and only that of {_JUDGED} is measured")
    try:
        path = Path(init) if Path(f"{init}.index").is_file() else fetch.file(init)
        arrays = trained_arrays.read(path) if trained_arrays.is_model(path) else slim_arrays.read(path)
        return InitBackbone(backbone.layers(arrays))
    except (UserError, ValueError) as error:
        return InitBackbone(why_not=f"the initial weights were not read here ({brief(error)})")
