"""The definition of one of our own augmentations: its settings, its function, and the data that it fits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from boxwright.core.augmentations.examples import VISIBLE

# Images per class of the smallest set on which MixUp was shown to help detectors: Pascal VOC 2007 and 2012, 16,551 images of 20
# classes (Zhang et al., Bag of Freebies for Training Object Detection Neural Networks, 2019).
_MIXING_IMAGES = 800


class Setting(NamedTuple):
    """A setting of an augmentation. low, high: its bounds, both allowed."""

    default: float
    low: float
    high: float


class Verdict(NamedTuple):
    """Whether an augmentation fits the data, and why or why not."""

    fits: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """Facts about the training data, on which verdicts are based.

    fewest_images: number of images of the class with the fewest images. rarest, commonest: number of objects of the class with
    the fewest and with the most objects. small: share of objects under 12 px at the input. turnable: whether objects look and
    mean the same after a rotation.
    """

    fewest_images: int
    rarest: int
    commonest: int
    small: float
    turnable: bool

    def turning(self) -> Verdict:
        """Whether objects may be rotated or sheared slightly."""
        if self.turnable:
            return Verdict(True, "the objects have no up, and --no-flip names none")
        return Verdict(False, "nothing shows that the objects are seen at all angles, or --no-flip names a class")

    def mixing(self) -> Verdict:
        """Whether there is enough data to mix images (MixUp, CutMix)."""
        reason = (
            f"the class with the fewest images has {self.fewest_images}; mixing images was shown to help from {_MIXING_IMAGES} "
            "images per class on (Zhang et al. 2019), and YOLOX (2021) does not use it for small models"
        )
        return Verdict(self.fewest_images >= _MIXING_IMAGES, reason)


# The setting that every augmentation of ours has: how often it is applied.
PROBABILITY = {"probability": Setting(0.5, 0.0, 1.0)}
# The setting of augmentations that cut or cover boxes: a box is kept if at least this share of its area is visible.
CUTS = {"visible": Setting(VISIBLE, 0.0, 1.0)}


@dataclass(frozen=True, kw_only=True)
class OwnAugmentation:
    """One of our own augmentations.

    settings: by name, without `probability`.
    images: number of images that one application uses.
    apply: (examples, side, seed, **settings) -> the augmented example. It gets `images` examples; the first is the image
    itself. side: of the network's input, in pixels. seed: (2,) int32. It uses pure TensorFlow ops and depends only on its
    arguments.
    window: instead of `apply`, for one that only crops: (size, seed, **settings without `visible`) -> (4,) int32 top, left,
    height, width, in pixels of an image of this size, (2,) int32 height and width. Then only the window is decoded.
    verdict: whether it fits the data.
    """

    name: str
    settings: dict[str, Setting] = field(hash=False)
    images: int = 1
    apply: Callable[..., Any] | None = None
    window: Callable[..., Any] | None = None
    verdict: Callable[[DataFacts], Verdict]

    def complete(self, options: dict[str, float | int | bool]) -> dict[str, float]:
        """All settings, with defaults for those not in `options`. Raises ValueError for an unknown or invalid setting."""
        known = PROBABILITY | self.settings
        for key, value in options.items():
            if key not in known:
                raise ValueError(f"options.{key}: {self.name} has no such setting; it has {', '.join(known)}")
            if isinstance(value, bool) or not known[key].low <= value <= known[key].high:
                raise ValueError(f"options.{key}: {value} is not between {known[key].low:g} and {known[key].high:g}")
        return {key: float(options.get(key, setting.default)) for key, setting in known.items()}
