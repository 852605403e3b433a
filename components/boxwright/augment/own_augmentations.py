"""Judges which of our own augmentations fit the data. All except the crop are off unless the user asks for them.

We have not measured that any of the others raises AP on real data. The default policy, with the crop, was measured.
"""

from collections.abc import Mapping, Sequence

from boxwright.augment.measure import Facts
from boxwright.augment.policy import FLIPS
from boxwright.core.augmentations import AUGMENTATIONS
from boxwright.core.augmentations.own_augmentation import DataFacts, Verdict
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.core.runtime.errors import UserError


def verdicts(facts: Facts, turnable: bool, per_class: Mapping[str, int]) -> dict[str, Verdict]:
    """By name, whether each augmentation fits the data. turnable: objects look and mean the same when turned. per_class: number
    of training objects of each class."""
    of_data = DataFacts(
        fewest_images=min(facts.images_of.values(), default=0),
        rarest=min(per_class.values(), default=0),
        commonest=max(per_class.values(), default=0),
        small=facts.small,
        turnable=turnable,
    )
    return {name: augmentation.verdict(of_data) for name, augmentation in AUGMENTATIONS.items()}


def added(recipe: Recipe, asked: Sequence[str], judged: Mapping[str, Verdict]) -> Recipe:
    """Adds the flips and our own augmentations that the user asked for. If one does not fit the data, its reason says so.

    Raises UserError for an unknown name.
    """
    if unknown := [name for name in asked if name not in (*judged, *FLIPS)]:
        raise UserError(f"--also {','.join(unknown)}: unknown; choose from {', '.join([*AUGMENTATIONS, *FLIPS])}")
    there = {option.name for option in recipe.augmentation}
    new = tuple(_option(name, judged.get(name)) for name in dict.fromkeys(asked) if name not in there)
    return recipe.model_copy(update={"augmentation": (*new, *recipe.augmentation)})


def _option(name: str, verdict: Verdict | None) -> Augmentation:
    """verdict: None for a flip."""
    if verdict is None:
        return Augmentation(name=name, reason="asked for by --also")
    spoken = "asked for by --also" if verdict.fits else "asked for by --also, although it does not fit the data"
    options = dict(AUGMENTATIONS[name].complete({}))
    return Augmentation(name=name, options=options, reason=f"{spoken}: {verdict.reason}")
