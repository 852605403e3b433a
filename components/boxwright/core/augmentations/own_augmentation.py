"""What an augmentation of our own is: its settings, what it does to an image with boxes, and which data it fits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from boxwright.core.augmentations.examples import VISIBLE

# The smallest set on which MixUp for detectors was shown: Pascal VOC 2007 and 2012, 16,551 images of 20 classes (Zhang et al.,
# Bag of Freebies for Training Object Detection Neural Networks, 2019).
_MIXING_IMAGES = 800


class Setting(NamedTuple):
    """A setting that a recipe may give, with its bounds."""

    default: float
    low: float
    high: float


class Verdict(NamedTuple):
    """Whether an augmentation fits the data, and why or why not."""

    fits: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """What a verdict looks at.

    fewest_images: training images that hold the class with the fewest. rarest, commonest: training objects of these classes.
    small: share of the objects that are under 12 px at the input. turnable: objects look and mean the same when they are turned.
    """

    fewest_images: int
    rarest: int
    commonest: int
    small: float
    turnable: bool

    def turning(self) -> Verdict:
        """Whether objects may be turned a little."""
        if self.turnable:
            return Verdict(True, "no class has an up, and none was declared by --no-flip")
        return Verdict(False, "a class has an up, has too few objects to tell, or was declared by --no-flip")

    def mixing(self) -> Verdict:
        """Whether there is enough data to blend images."""
        reason = (
            f"the class with the fewest images has {self.fewest_images}; blending images was shown to help from {_MIXING_IMAGES} "
            "images a class (Zhang et al. 2019), and YOLOX (2021) leaves it out of small models"
        )
        return Verdict(self.fewest_images >= _MIXING_IMAGES, reason)


# Every augmentation of ours has it: how often it is applied.
PROBABILITY = {"probability": Setting(0.5, 0.0, 1.0)}
# For those that cut boxes: a box stays if at least this share of its area is visible.
CUTS = {"visible": Setting(VISIBLE, 0.0, 1.0)}


@dataclass(frozen=True, kw_only=True)
class OwnAugmentation:
    """settings: by name, without `probability`.
    images: how many images one draw takes.
    apply: (examples, side, seed, **settings) -> the augmented example. There are `images` examples; the first one is the image
    itself. side: of the network's input. Pure TensorFlow ops that depend on nothing but the arguments.
    verdict: whether it fits the data.
    """

    name: str
    settings: dict[str, Setting] = field(hash=False)
    images: int = 1
    apply: Callable[..., Any]
    verdict: Callable[[DataFacts], Verdict]

    def complete(self, options: dict[str, float | int | bool]) -> dict[str, float]:
        """All settings, given or default. Raises ValueError that names the setting and what it may be."""
        known = PROBABILITY | self.settings
        for key, value in options.items():
            if key not in known:
                raise ValueError(f"options.{key}: {self.name} has no such setting; it has {', '.join(known)}")
            if isinstance(value, bool) or not known[key].low <= value <= known[key].high:
                raise ValueError(f"options.{key}: {value} is not in {known[key].low:g} to {known[key].high:g}")
        return {key: float(options.get(key, setting.default)) for key, setting in known.items()}
