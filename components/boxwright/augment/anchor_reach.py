"""Whether an augmentation takes objects out of the anchors' reach. It is applied to the training boxes to find out."""

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
# These options change colours, and no box.
_COLOURS = ("random_adjust_", "random_distort_color", "random_rgb_to_gray", "random_pixel_value", "normalize_image")


@dataclass(frozen=True)
class Loss:
    """before, after: shares of objects that no anchor reaches at IoU 0.5, without and with the augmentation `name`. n: boxes
    after it."""

    name: str
    before: float
    after: float
    n: int

    @property
    def too_much(self) -> bool:
        return self.after - self.before > LIMIT

    def __str__(self) -> str:
        return (
            f"with {self.name} {self.after:.1%} of the objects are out of the anchors' reach (IoU 0.5, {self.n} boxes), "
            f"without it {self.before:.1%}; at most {LIMIT:.0%} more are allowed"
        )


def within_reach(recipe: Recipe, records: Path) -> tuple[Recipe, list[Loss]]:
    """Removes options, the worst first, until few enough objects are lost.

    Returns the recipe, and what each removed option lost.
    """
    rejected: list[Loss] = []
    while found := worst(recipe, records):
        rejected.append(found)
        left = tuple(option for option in recipe.augmentation if option.name != found.name)
        recipe = recipe.model_copy(update={"augmentation": left})
    return recipe, rejected


def worst(recipe: Recipe, records: Path) -> Loss | None:
    """The option that alone takes the most objects out of reach, if all options together take too many; else None."""
    samples = list(_blank(records))
    moving = [option for option in recipe.augmentation if not option.name.startswith(_COLOURS)]
    if not moving or not loss(recipe, moving, samples).too_much:
        return None
    return max((loss(recipe, [option], samples) for option in moving), key=lambda found: found.after)


def loss(recipe: Recipe, options: list[Augmentation], samples: list[Sample]) -> Loss:
    """How many objects these options together take out of reach."""
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
    """The training boxes on black images of the right size. Nothing is decoded, because only the boxes matter."""
    for record in itertools.islice(recordfiles.read(records, "train"), _IMAGES):
        yield Sample(np.zeros((record.height, record.width, 3), np.uint8), record.boxes_yxyx, record.class_ids)


def _from(samples: list[Sample], at: int) -> list[Sample]:
    return [*samples[at : at + 4], *samples[:4]][:4]
