"""Measures, on the training boxes, whether an augmentation takes objects out of the anchors' reach.

Each object that stays is compared with itself before the augmentation. An option that drops large objects does not look as if
it made objects small, and the chance of the draws counts only where an object changes.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boxwright.augment.draw import Sample, box_drawer
from boxwright.core import anchors
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.core.records import tfrecords as recordfiles

# The share of the objects that augmentation may take out of reach (IoU 0.5). Set by hand.
LIMIT = 0.05
# A loss counts as certain if it exceeds the limit by this many standard errors: by chance, once in 700 times.
_ERRORS = 3.0
# Images, and draws of all together. 1,000 draws take about 3 seconds.
_IMAGES, _DRAWS = 200, 1_000
# These options move no boxes.
_STILL = (
    *("random_adjust_", "random_distort_color", "random_rgb_to_gray", "random_pixel_value", "normalize_image"),
    *("drop_label_probabilistically", "remap_labels"),
)


@dataclass(frozen=True)
class Loss:
    """What the options `names` together do to the objects that stay.

    before, after: the shares of them that no anchor reaches at IoU 0.5. error: standard error of after - before. n: objects,
    over all draws. images: number of images.
    """

    names: tuple[str, ...]
    before: float
    after: float
    error: float
    n: int
    images: int

    @property
    def more(self) -> float:
        return self.after - self.before

    @property
    def too_much(self) -> bool:
        """Whether it certainly exceeds the limit."""
        return self.more - _ERRORS * self.error > LIMIT

    def __str__(self) -> str:
        low, high = (100 * (self.more + sign * _ERRORS * self.error) for sign in (-1, 1))
        verb = "raises" if len(self.names) == 1 else "together raise"
        return (
            f"{', '.join(self.names)} {verb} the share of objects out of the anchors' reach from {self.before:.1%} to "
            f"{self.after:.1%}, so by {low:.1f} to {high:.1f} points (IoU 0.5, {self.n} boxes of {self.images} images, "
            f"{_ERRORS:g} standard errors); the limit is {100 * LIMIT:g} points"
        )


@dataclass(frozen=True)
class Rejected:
    """A removed option. loss: of this option, or of all together if it does not exceed the limit alone."""

    name: str
    loss: Loss

    def __str__(self) -> str:
        alone = self.loss.names == (self.name,)
        return str(self.loss) if alone else f"{self.name}, which takes the most objects out of reach: {self.loss}"


def within_reach(recipe: Recipe, records: Path) -> tuple[Recipe, list[Rejected]]:
    """Removes options, the worst first, until the loss of objects is not certainly more than LIMIT.

    Returns the recipe, and the removed options. The draws are the same for every seed of the recipe, because the question is
    what the options do, not what one training draws.
    """
    rejected: list[Rejected] = []
    samples = list(_blank(records))
    total = recordfiles.manifest(records).splits["train"].images
    while found := worst(recipe, samples, total):
        rejected.append(found)
        left = tuple(option for option in recipe.augmentation if option.name != found.name)
        recipe = recipe.model_copy(update={"augmentation": left})
    return recipe, rejected


def worst(recipe: Recipe, samples: Sequence[Sample], total: int) -> Rejected | None:
    """The option that takes the most objects out of reach by itself. None if all options together stay within LIMIT.

    total: number of training images, of which these are samples.
    """
    moving = [option for option in recipe.augmentation if not option.name.startswith(_STILL)]
    if not moving or not (together := loss(recipe, moving, samples, total)).too_much:
        return None
    name, alone = max(
        ((option.name, loss(recipe, [option], samples, total)) for option in moving), key=lambda found: found[1].more
    )
    return Rejected(name, alone if alone.too_much else together)


def loss(recipe: Recipe, options: Sequence[Augmentation], samples: Sequence[Sample], total: int, seed: int = 0) -> Loss:
    """What these options do together, in some draws of each sample."""
    augment = box_drawer(recipe.model_copy(update={"augmentation": tuple(options), "seed": seed}))
    names, draws = tuple(option.name for option in options), max(2, _DRAWS // max(1, len(samples)))
    numbered = _numbered(samples)
    drawn = [augment(_from(numbered, place // draws), place) for place in range(draws * len(samples))]
    before = _unreachable(np.concatenate([np.zeros((0, 4)), *(one.boxes_yxyx for one in samples)]), recipe)
    before = before[np.concatenate([np.zeros(0, int), *(numbers - 1 for _, numbers in drawn)])]
    after = _unreachable(np.concatenate([np.zeros((0, 4)), *(boxes_yxyx for boxes_yxyx, _ in drawn)]), recipe)
    if not len(after):
        return Loss(names, 0.0, 0.0, math.inf, 0, len(samples))
    draw_of = np.repeat(np.arange(len(drawn)), [len(numbers) for _, numbers in drawn])
    change, share = after.astype(float) - before, len(samples) / max(total, len(samples))
    error = math.sqrt(
        (1 - share) * _variance(change, draw_of // draws, len(samples))
        + share * _variance(change, draw_of, len(drawn), draws)
    )
    return Loss(names, float(before.mean()), float(after.mean()), error, len(after), len(samples))


def _numbered(samples: Sequence[Sample]) -> list[Sample]:
    """With the number of an object, from 1, in place of its class, so that it can be recognised in an augmented image."""
    ends = np.cumsum([len(one.boxes_yxyx) for one in samples])
    return [
        Sample(one.image, one.boxes_yxyx, np.arange(end - len(one.boxes_yxyx), end) + 1)
        for one, end in zip(samples, ends, strict=True)
    ]


def _variance(values: np.ndarray, group_of: np.ndarray, groups: int, together: int = 0) -> float:
    """Variance of the mean of (n,) values, if chance decides about whole groups of them, 0..groups - 1.

    together: groups that belong together, one after another; only the differences between these count. 0: all groups. For
    images, the groups are a sample of them. For the draws of an image, whose chance alone remains when all images are measured,
    together is their number. Source: ratio estimates and two-stage sampling in Cochran, Sampling Techniques, 6.13 and 10.3.
    Infinite if there are no two groups to compare.
    """
    together = together or groups
    if together < 2:
        return math.inf
    off = np.bincount(group_of, values, groups) - values.mean() * np.bincount(group_of, minlength=groups)
    return float(off.reshape(-1, together).var(axis=1, ddof=1).sum() * together / len(values) ** 2)


def _unreachable(boxes_yxyx: np.ndarray, recipe: Recipe) -> np.ndarray:
    """(n,) whether no anchor of the recipe reaches each of the (n, 4) boxes at IoU 0.5."""
    if not len(boxes_yxyx):
        return np.zeros(0, bool)
    return anchors.best_iou(boxes_yxyx, recipe) < anchors.MATCHED_IOU


def _blank(records: Path) -> Iterator[Sample]:
    """The training boxes on black images of the right size. No image is decoded, because only the boxes matter."""
    for record in itertools.islice(recordfiles.read(records, "train"), _IMAGES):
        black = np.broadcast_to(np.uint8(0), (record.height, record.width, 3))
        yield Sample(black, record.boxes_yxyx, record.class_ids)


def _from(samples: Sequence[Sample], at: int) -> list[Sample]:
    return [*samples[at : at + 4], *samples[:4]][:4]
