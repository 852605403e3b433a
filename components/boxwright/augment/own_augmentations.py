"""Which of our own augmentations would fit the data. None is switched on unless asked for: each has its reason, for or against.

None of them has been shown here to raise AP on real data; the default policy is the one that has been measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from boxwright.augment.measure import Facts
from boxwright.augment.policy import FLIPS
from boxwright.core import augmentation_options
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.core.runtime.errors import UserError

# The smallest set on which MixUp for detectors was shown: Pascal VOC 2007 and 2012, 16,551 images of 20 classes (Zhang et al.,
# Bag of Freebies for Training Object Detection Neural Networks, 2019).
_MIXING_IMAGES = 800
_FEW_IMAGES = 100  # images a class under which a canvas of four is worth its cut objects: set, not calibrated
_SMALL_SHARE = 0.1
_RARE = 10  # times fewer objects than the commonest class


@dataclass(frozen=True)
class Verdict:
    """name: of one of ours; fits: whether the data speak for it; reason: why, or why not."""

    name: str
    fits: bool
    reason: str


def verdicts(facts: Facts, turns: bool, per_class: dict[str, int]) -> list[Verdict]:
    """One for each of ours. turns: objects look and mean the same turned. per_class: training objects of each class."""
    fewest = min(facts.images_of.values(), default=0)
    against = "a class has an up, has too few objects to tell, or was declared by --no-flip"
    looks = "no class has an up, and none was declared" if turns else against
    mixing = (
        f"the class with the fewest has {fewest} images; shown to help from {_MIXING_IMAGES} a class (Zhang et al. 2019) "
        "and left out of small models by YOLOX (2021)"
    )
    small = f"{facts.small:.1%} of the objects are under 12 px at the input; zoom-out makes them smaller"
    few = f"the class with the fewest has {fewest} images, few being under {_FEW_IMAGES}; no object shrinks in ours"
    most, least = max(per_class.values(), default=0), min(per_class.values(), default=0)
    rare = f"{least} objects of the rarest class, {most} of the commonest; rare is {_RARE} times fewer"
    found = {
        "rotate": (turns, looks),
        "shear": (turns, looks),
        "zoom_out": (facts.small <= _SMALL_SHARE, small),
        "mosaic": (0 < fewest < _FEW_IMAGES, few),
        "mixup": (fewest >= _MIXING_IMAGES, mixing),
        "cutmix": (fewest >= _MIXING_IMAGES, mixing),
        "copy_paste": (most >= _RARE * least > 0, rare),
    }
    return [Verdict(name, bool(fits), reason) for name, (fits, reason) in found.items()]


def added(recipe: Recipe, asked: Sequence[str], judged: Sequence[Verdict]) -> Recipe:
    """The recipe with those of ours, and the flips, that were asked for, also where the data speak against them, which the
    reason then says.

    Raises UserError for another name.
    """
    options = {verdict.name: _option(verdict) for verdict in judged}
    options |= {name: Augmentation(name=name, reason="asked for by --also") for name in FLIPS}
    if unknown := [name for name in asked if name not in options]:
        raise UserError(f"--also {','.join(unknown)}: known are {', '.join([*augmentation_options.SETTINGS, *FLIPS])}")
    there = {option.name for option in recipe.augmentation}
    new = tuple(options[name] for name in dict.fromkeys(asked) if name not in there)
    return recipe.model_copy(update={"augmentation": (*new, *recipe.augmentation)})


def _option(verdict: Verdict) -> Augmentation:
    spoken = "asked for" if verdict.fits else "asked for, although the data speak against it"
    return Augmentation(
        name=verdict.name, options=augmentation_options.complete(verdict.name, {}), reason=f"{spoken}: {verdict.reason}"
    )
