"""The differences between two recipes as plain sentences, with the reasons that the second one gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from boxwright.core.augmentations import AUGMENTATIONS
from boxwright.core.models.model import first_stride
from boxwright.core.recipe import Anchors, Augmentation, Change, LearningRate, Recipe, Stage

# These fields do not affect training: `stock` says whether the recipe is the zoo's, `changes` records what was changed.
_NO_SETTINGS = ("stock", "changes")
_NAMES = {
    "model": "the model",
    "batch_size": "the batch size",
    "input_size": "the input size (in pixels)",
    "evaluate_every": "the number of steps between evaluations",
    "patience": "the number of evaluations without a better AP that ends training",
    "loss": "the loss",
    "seed": "the seed",
    "schedule": "the learning rate's schedule",
    "num_classes": "the number of classes",
    "feature_extractor": "the network",
    "image_resizer": "the resizing of the images",
    "anchor_generator": "the kind of the anchors",
    "classification_loss": "the loss of the classes",
    "optimizer": "the optimizer",
    "freeze_variables": "what is frozen",
    "graph_rewriter": "the quantisation",
}


@dataclass(frozen=True)
class Difference:
    """text: a sentence on a field of the recipe. reasons, findings, partly: keys of findings. All but the text are from
    the second recipe's changes to that field."""

    field: str
    text: str
    reasons: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()


def between(before: Recipe, after: Recipe) -> tuple[Difference, ...]:
    """One Difference for each field that differs, in the order of the recipe, then one for each change of what no field holds;
    empty if both recipes train alike."""
    names = [
        name
        for name in Recipe.model_fields
        if name not in _NO_SETTINGS and _decisive(before, name) != _decisive(after, name)
    ]
    given: set[str] = set()  # a reason that two fields share is given once
    found = []
    new = [change for change in after.changes if change not in before.changes]
    for name in names:
        made = [change for change in new if change.field.partition(".")[0] == name and _held(change, after)]
        reasons = tuple(reason for reason in dict.fromkeys(change.reason for change in made) if reason not in given)
        given.update(reasons)
        whole, partly = (
            tuple(dict.fromkeys(key for change in made for key in keys(change)))
            for keys in (lambda change: change.findings, lambda change: change.partly)
        )
        found.append(Difference(name, _sentence(name, before, after), reasons, whole, partly))
    return (*found, *(_unheld(change) for change in new if not _held(change, after)))


def recorded(recipe: Recipe) -> tuple[Difference, ...]:
    """One Difference for each change that a recipe records, where the recipe before them is not known."""
    return tuple(map(_unheld, recipe.changes))


def _held(change: Change, recipe: Recipe) -> bool:
    """Whether a field of the recipe holds what a change is about. None has the length of the decay: it ends with the training."""
    value: Any = recipe
    for part in change.field.split("."):
        if not hasattr(value, part):
            return False
        value = getattr(value, part)
    return True


def _unheld(change: Change) -> Difference:
    name = _NAMES.get(change.field, change.field)
    text = f"{name[0].upper()}{name[1:]} changes from {plain(change.before)} to {plain(change.after)}."
    return Difference(change.field, text, (change.reason,), change.findings, change.partly)


def _decisive(recipe: Recipe, name: str) -> Any:
    """The part of a field that affects training. Reasons, names of stages, and the order between our augmentations and the OD
    API's do not."""
    if name == "stages":
        return [(stage.trainable, stage.steps) for stage in recipe.stages]
    if name == "augmentation":
        return [(option.name, _options(option)) for option in _in_order(recipe.augmentation)]
    return getattr(recipe, name)


def _in_order(options: tuple[Augmentation, ...]) -> list[Augmentation]:
    """In the order in which training applies them: ours first."""
    return sorted(options, key=lambda option: not option.ours)


def _options(option: Augmentation) -> Mapping[str, Any]:
    return AUGMENTATIONS[option.name].complete(option.options) if option.ours else option.options


def _sentence(name: str, before: Recipe, after: Recipe) -> str:
    words = {
        "grid": _grid,
        "anchors": _anchors,
        "learning_rate": lambda old, new: _rate(old.learning_rate, new.learning_rate),
        "stages": lambda old, new: _stage_change(old.stages, new.stages),
        "max_repeats": lambda old, new: _repeats(new.max_repeats),
        "augmentation": lambda old, new: _augmentation(old.augmentation, new.augmentation),
    }
    if name in words:
        text = words[name](before, after)
    else:
        old, new = getattr(before, name), getattr(after, name)
        text = f"{_NAMES.get(name, name)} changes from {plain(old)} to {plain(new)}"
    return text[0].upper() + text[1:] + "."


def _grid(before: Recipe, after: Recipe) -> str:
    old, new = map(_cells, (before, after))
    finer = "finer" if new > old else "coarser"
    return (
        f"the grid becomes {finer}: the first feature map has {new} x {new} cells (one per {first_stride(after.grid)} pixels), "
        f"instead of {old} x {old}"
    )


def _cells(recipe: Recipe) -> int:
    """Cells along a side of the finest feature map."""
    return -(-recipe.input_size // first_stride(recipe.grid))


def _anchors(before: Recipe, after: Recipe) -> str:
    old, new = before.anchors, after.anchors
    said = []
    if old.scales != new.scales:
        said.append(f"the anchors measure {_sides(after)} pixels, instead of {_sides(before)}")
    if old.aspect_ratios != new.aspect_ratios:
        said.append(f"the anchor ratios (width / height) are {_ratios(new)}, instead of {_ratios(old)}")
    others = [name for name in Anchors.model_fields if name not in ("scales", "aspect_ratios")]
    said += [
        f"{name} is {plain(getattr(new, name))}, instead of {plain(getattr(old, name))}"
        for name in others
        if getattr(old, name) != getattr(new, name)
    ]
    return "; ".join(said)


def _sides(recipe: Recipe) -> str:
    return _listed([f"{scale * recipe.input_size:.0f}" for scale in recipe.anchors.scales])


def _ratios(anchors: Anchors) -> str:
    return _listed([f"{ratio:.2g}" for ratio in sorted(anchors.aspect_ratios)])


def _rate(old: LearningRate, new: LearningRate) -> str:
    said = []
    if old.base != new.base:
        said.append(
            f"the learning rate peaks at {new.base:.3g}, {_times(new.base / old.base)} the previous {old.base:.3g}"
        )
    if (old.warmup, old.warmup_steps) != (new.warmup, new.warmup_steps):
        said.append(
            f"the warm-up starts at {new.warmup:.2g} and takes {new.warmup_steps} steps, instead of {old.warmup:.2g} and "
            f"{old.warmup_steps} steps"
        )
    if old.momentum != new.momentum:
        said.append(f"the momentum is {new.momentum:g}, instead of {old.momentum:g}")
    return "; ".join(said)


def _times(factor: float) -> str:
    return f"{factor:.2g} times" if factor >= 1 else f"1/{1 / factor:.2g} of"


def _repeats(most: float) -> str:
    if most == 1:
        return "an epoch shows every image once"
    return f"an epoch shows images with rare classes more often, at most {most:g} times"


def _stage_change(old: tuple[Stage, ...], new: tuple[Stage, ...]) -> str:
    if len(old) == len(new) == 1 and old[0].trainable == new[0].trainable:
        return f"training takes {new[0].steps} steps, instead of {old[0].steps}"
    return f"training updates {_stages(new)}, instead of {_stages(old)}"


def _stages(stages: tuple[Stage, ...]) -> str:
    said = {"head": "the head alone", "all": "the whole network"}
    return ", then ".join(f"{said[stage.trainable]} for {stage.steps} steps" for stage in stages)


def _augmentation(old: tuple[Augmentation, ...], new: tuple[Augmentation, ...]) -> str:
    if not new:  # a plan before the step augment
        return f"the step augment chooses the replacement of {_listed([option.name for option in old])}"
    before, after = ({option.name: _options(option) for option in _in_order(options)} for options in (old, new))
    kept = [n for n in after if n in before]
    reordered = kept != [n for n in before if n in after]
    kinds = (
        ("drops", [name for name in before if name not in after]),
        ("adds", [name for name in after if name not in before]),
        ("changes the settings of", [n for n in kept if before[n] != after[n]]),
        ("keeps", [n for n in kept if before[n] == after[n] and not reordered]),
    )
    said = [f"{verb} {_listed(names)}" for verb, names in kinds if names]
    said += [f"applies them in the order {', then '.join(after)}"] if reordered else []
    return f"training {'; it '.join(said)}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def plain(value: Any) -> str:
    """A setting as text: numbers with 4 digits, lists and mappings without brackets."""
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ("; " if any(isinstance(v, Mapping) for v in value) else ", ").join(map(plain, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
