"""The weights that a training starts from, as far as the plan depends on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from boxwright.core.anchors import layer_shapes
from boxwright.core.pretrained import pretrained_model as models
from boxwright.core.recipe import Recipe
from boxwright.core.storage import fetch
from boxwright.core.storage.uri import in_bucket, split_pin

# Files with these endings are not models of an earlier training, so the plan does not download them.
_FILES = (".gz", ".tgz", ".tar", ".npz")


@dataclass(frozen=True)
class InitWeights:
    """given: whether training starts from weights. earlier: the recipe of the model that they come from, if `boxwright train`
    wrote it. Without that recipe, the classes of the head are unknown."""

    given: bool = False
    earlier: Recipe | None = None


def read(init: str, recipe: Recipe) -> InitWeights:
    """The weights that `--init` names, for a training with this recipe.

    This does not check that a file exists or holds weights. train checks it, because train may run on another machine.
    Raises UserError for a folder without weights, and for a model of another network.
    """
    if init in ("", "none", "auto"):
        return InitWeights()
    folder = _folder(init)
    earlier = models.read(folder, init) if folder else None
    if earlier:
        models.require_same_backbone(init, earlier, recipe)
    return InitWeights(given=True, earlier=earlier)


def _folder(init: str) -> Path | None:
    """The local folder that `init` names, copied from its bucket if it is in one. None if it names no folder."""
    remote = in_bucket(init) and not split_pin(init)[0].endswith(_FILES)
    path = fetch.file(init) if remote else Path(init)
    return path if path.is_dir() else None


def new_head(initial: InitWeights, recipe: Recipe) -> str:
    """Which part of the head starts from random numbers on a trained backbone, and why, as a clause.

    Empty if no part does: without weights the backbone is random as well, and the head of an earlier model may know all classes.
    """
    if not initial.given:
        return ""
    n = len(recipe.classes)
    classes = "this class" if n == 1 else f"these {n} classes"
    everything = f"the predictor for {classes} starts from random numbers on a trained backbone"
    if not initial.earlier:
        return everything
    if unlike := _unlike(initial.earlier, recipe):
        return f"{everything}, because the head of the earlier model cannot be used: {unlike}"
    known = [name for name in recipe.classes if name in initial.earlier.classes]
    new = [name for name in recipe.classes if name not in known]
    if not known:
        return f"{everything}, because the earlier model knows none of these classes"
    if new:
        return (
            f"the predictor for {', '.join(new)} starts from random numbers, because the earlier model knows only "
            f"{', '.join(known)} of these classes"
        )
    return ""


def _unlike(earlier: Recipe, recipe: Recipe) -> str:
    """Why the variables of the head do not fit the recipe; empty if they do. train restores them one by one."""
    for theirs, ours in ((earlier.model, recipe.model), (earlier.grid, recipe.grid)):
        if theirs != ours:
            return f"it is for {theirs}, the recipe for {ours}"
    theirs, ours = _anchors_a_cell(earlier), _anchors_a_cell(recipe)
    if theirs[: len(ours)] != ours:
        return f"it has {_counted(theirs)} anchors per cell, the recipe {_counted(ours)}"
    return ""


def _anchors_a_cell(recipe: Recipe) -> list[int]:
    """Anchors in a cell of each feature map, finest first."""
    return [len(shapes) for shapes in layer_shapes(recipe.anchors)]


def _counted(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(set(numbers)) == 1 else f"{numbers[0]} to {numbers[-1]}"
