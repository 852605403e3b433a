"""Finds and checks the model of an earlier training that is given as `--init`. It reads the recipe, but not the weights."""

from collections.abc import Iterator
from pathlib import Path

from boxwright.core import models
from boxwright.core import recipe as recipes
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError

RECIPE = "recipe.yaml"
CHECKPOINT = "checkpoint"


def read(folder: Path, init: str) -> Recipe | None:
    """The recipe of the model that `boxwright train` wrote into the folder; None if the folder holds other weights.

    init: the value of --init, for error messages. Raises UserError if the folder holds no weights, a recipe without a model, or
    a model in a subfolder.
    """
    if (folder / RECIPE).is_file() and _checkpoints(folder):
        return recipes.read(folder / RECIPE)
    if below := max(_models_below(folder), key=lambda model: (model / RECIPE).stat().st_mtime, default=None):
        place = f"{init.rstrip('/')}/{below.relative_to(folder)}"
        raise UserError(f"--init {init}: the model is in a subfolder; give {place}")
    if (folder / RECIPE).is_file() or not any(folder.rglob("*.index")):
        raise UserError(
            f"--init {init}: it holds no checkpoint (no *.index file); give a folder that `boxwright train` wrote, with "
            "checkpoint and recipe.yaml, or a folder with the model zoo's model.ckpt.*"
        )
    return None


def require_same_backbone(init: str, earlier: Recipe, recipe: Recipe) -> None:
    """Raises UserError if the earlier model and the recipe have different backbones: no weights of the backbone would fit."""
    if (theirs := _backbone(earlier)) != (ours := _backbone(recipe)):
        raise UserError(
            f"--init {init}: this is a {earlier.model} on {theirs}, but the recipe is for a {recipe.model} on {ours}; give "
            "weights for the recipe's network, or make a recipe for the network of these weights"
        )


def _backbone(recipe: Recipe) -> str:
    return f"{models.get(recipe.model).backbone}, width {recipe.depth_multiplier:g}"


def _checkpoints(model: Path) -> list[Path]:
    return list((model / CHECKPOINT).glob("*.index"))


def _models_below(folder: Path) -> Iterator[Path]:
    return (file.parent for file in folder.rglob(RECIPE) if _checkpoints(file.parent))
