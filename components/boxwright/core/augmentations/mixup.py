"""MixUp: the mean of two images."""

from collections.abc import Sequence

from boxwright.core.augmentations import examples
from boxwright.core.augmentations.examples import Example, Seed
from boxwright.core.augmentations.own_augmentation import DataFacts, OwnAugmentation, Verdict


def apply(images: Sequence[Example], side: int, seed: Seed) -> Example:
    """The mean of two images, with the boxes of both. Each box has full weight in the loss, as in YOLOX (Ge et al. 2021)."""
    one, other = images
    return examples.joined((one["image"] + examples.fitted(other, one)) / 2, [one, other])


def verdict(facts: DataFacts) -> Verdict:
    return facts.mixing()


AUGMENTATION = OwnAugmentation(
    name="mixup",
    settings={},
    images=2,
    apply=apply,
    verdict=verdict,
)
