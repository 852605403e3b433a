"""Measures, on the training boxes, whether an augmentation takes objects out of the anchors' reach."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boxwright.augment.draw import Sample, drawer
from boxwright.core import anchors
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.core.records import tfrecords as recordfiles

# The share of the objects that augmentation may take out of reach (IoU 0.5). Set by hand.
LIMIT = 0.05
_IMAGES, _DRAWS = 60, 2
# These options change colours only, not boxes.
_COLOURS = ("random_adjust_", "random_distort_color", "random_rgb_to_gray", "random_pixel_value", "normalize_image")


@dataclass(frozen=True)
class Loss:
    """before, after: shares of objects that no anchor reaches at IoU 0.5, without and with the augmentation `name`. n: number of
    boxes after it."""

    name: str
    before: float
    after: float
    n: int

    @property
    def too_much(self) -> bool:
        return self.after - self.before > LIMIT

    def __str__(self) -> str:
        return (
            f"{self.name} raises the share of objects out of the anchors' reach from {self.before:.1%} to {self.after:.1%} "
            f"(IoU 0.5, {self.n} boxes); the limit is {LIMIT:.0%} more"
        )


def within_reach(recipe: Recipe, records: Path) -> tuple[Recipe, list[Loss]]:
    """Removes options, the worst first, until the loss of objects is within LIMIT.

    Returns the recipe, and the loss of each removed option.
    """
    rejected: list[Loss] = []
    while found := worst(recipe, records):
        rejected.append(found)
        left = tuple(option for option in recipe.augmentation if option.name != found.name)
        recipe = recipe.model_copy(update={"augmentation": left})
    return recipe, rejected


def worst(recipe: Recipe, records: Path) -> Loss | None:
    """The option that takes the most objects out of reach by itself. None if all options together stay within LIMIT."""
    samples = list(_blank(records))
    moving = [option for option in recipe.augmentation if not option.name.startswith(_COLOURS)]
    if not moving or not loss(recipe, moving, samples).too_much:
        return None
    return max((loss(recipe, [option], samples) for option in moving), key=lambda found: found.after)


def loss(recipe: Recipe, options: list[Augmentation], samples: list[Sample]) -> Loss:
    """The share of objects that these options together take out of reach."""
    augment = drawer(recipe.model_copy(update={"augmentation": tuple(options)}))
    places = range(_DRAWS * len(samples))
    drawn = [augment(_from(samples, place // _DRAWS), place).boxes_yxyx for place in places]
    before, after = (
        np.concatenate(boxes) if boxes else np.zeros((0, 4)) for boxes in ([s.boxes_yxyx for s in samples], drawn)
    )
    names = ", ".join(option.name for option in options)
    return Loss(names, unreachable(before, recipe), unreachable(after, recipe), len(after))


def unreachable(boxes_yxyx: np.ndarray, recipe: Recipe) -> float:
    """Share of (n, 4) boxes that no anchor of the recipe reaches at IoU 0.5; 0 if there are no boxes."""
    if not len(boxes_yxyx):
        return 0.0
    return float((anchors.best_iou(boxes_yxyx, recipe) < anchors.MATCHED_IOU).mean())


def _blank(records: Path) -> Iterator[Sample]:
    """The training boxes on black images of the right size. No image is decoded, because only the boxes matter."""
    for record in itertools.islice(recordfiles.read(records, "train"), _IMAGES):
        yield Sample(np.zeros((record.height, record.width, 3), np.uint8), record.boxes_yxyx, record.class_ids)


def _from(samples: list[Sample], at: int) -> list[Sample]:
    return [*samples[at : at + 4], *samples[:4]][:4]
