"""Finds initial weights, and reads those that `boxwright train` wrote."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from boxwright.core.od_api import detection_model
from boxwright.core.pretrained import pretrained_model, slim_arrays, zoo
from boxwright.core.pretrained.slim_names import slim_name
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets
from boxwright.core.storage import fetch


@dataclass(frozen=True)
class Source:
    """Initial weights, as arrays by TF-slim variable name.

    name: path or URI of the weights, without secrets; `none` for training from scratch.
    notice: a warning for the user; empty if there is none.
    recipe: the recipe of the model that `boxwright train` wrote; None for other weights, whose classes are unknown.
    """

    name: str
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    notice: str = ""
    recipe: Recipe | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", without_secrets(self.name))

    @property
    def is_scratch(self) -> bool:
        """Whether training starts from scratch."""
        return self.name == "none"

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the weights; empty if unknown."""
        return self.recipe.classes if self.recipe else ()


def find(init: str, recipe: Recipe) -> Source:
    """Reads the weights that `init` names (see Config.init).

    Raises UserError if they cannot be reached or read, or if an earlier run's model has another backbone. The backbone is
    checked in the recipe, before the weights are read.
    """
    if init == "none":
        return Source(
            "none",
            notice="Training started FROM SCRATCH (--init none). Expect a much lower AP than with pretrained weights.",
        )
    if init != "auto":
        if Path(f"{init}.index").is_file():
            return Source(init, slim_arrays.read(Path(init)))
        path = fetch.file(init)
        if path.is_dir() and (theirs := pretrained_model.read(path, init)):
            pretrained_model.require_same_backbone(init, theirs, recipe)
            return read_trained_model(init, path)
        return Source(init, slim_arrays.read(path))
    if recipe.depth_multiplier != 1.0:
        return Source(
            "none",
            notice=f"Training started FROM SCRATCH: the model zoo has no checkpoint of width {recipe.depth_multiplier}.",
        )
    uri = zoo.uri(recipe.model)
    try:
        return Source(uri, slim_arrays.read(fetch.file(uri)))
    except UserError as error:
        return Source(
            "none",
            notice="Training started FROM SCRATCH because the model zoo's checkpoint cannot be reached. Expect a much lower AP "
            f"than with pretrained weights. Give a checkpoint with --init. ({error})",
        )


def read_trained_model(name: str, folder: Path) -> Source:
    """The weights and the recipe of a folder that `boxwright train` wrote. Raises UserError if its model is damaged."""
    model, recipe = detection_model.load(folder)
    arrays = {slim_name(v.name, recipe.grid): v.numpy() for v in detection_model.variables(model)}
    return Source(name, arrays, recipe=recipe)
