"""The model of an earlier training, given as initial weights (`--init`). It is known by its recipe; the weights are not read."""

from collections.abc import Iterator
from pathlib import Path

from boxwright.core import models
from boxwright.core import recipe as recipes
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError

RECIPE = "recipe.yaml"
CHECKPOINT = "checkpoint"


def read(folder: Path, init: str) -> Recipe | None:
    """The recipe of the model that `boxwright train` wrote into the folder. None if other weights are there.

    init: how the user names the folder.
    Raises UserError for a recipe without its model, for a run whose model is in a folder below, and for a folder without weights.
    """
    if (folder / RECIPE).is_file() and _checkpoints(folder):
        return recipes.read(folder / RECIPE)
    if below := max(_models_below(folder), key=lambda model: (model / RECIPE).stat().st_mtime, default=None):
        place = f"{init.rstrip('/')}/{below.relative_to(folder)}"
        raise UserError(f"--init {init}: this is no model, but there is one below it; give {place}")
    if (folder / RECIPE).is_file() or not any(folder.rglob("*.index")):
        raise UserError(
            f"--init {init}: there is no checkpoint in it (no *.index file); give the folder that `boxwright train` wrote, with "
            "checkpoint and recipe.yaml, or one with the model zoo's model.ckpt.*"
        )
    return None


def require_same_backbone(init: str, earlier: Recipe, recipe: Recipe) -> None:
    """Raises UserError if the earlier model has another backbone than the recipe: training would start from noise."""
    if (theirs := _backbone(earlier)) != (ours := _backbone(recipe)):
        raise UserError(
            f"--init {init}: this is a {earlier.model} on {theirs}, but the recipe is for a {recipe.model} on {ours}; give "
            "weights of that network, or plan for the network of these weights"
        )


def _backbone(recipe: Recipe) -> str:
    return f"{models.get(recipe.model).backbone}, width {recipe.depth_multiplier:g}"


def _checkpoints(model: Path) -> list[Path]:
    return list((model / CHECKPOINT).glob("*.index"))


def _models_below(folder: Path) -> Iterator[Path]:
    return (file.parent for file in folder.rglob(RECIPE) if _checkpoints(file.parent))
