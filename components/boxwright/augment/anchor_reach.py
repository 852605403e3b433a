"""Whether an augmentation moves objects out of the anchors' reach, by drawing it on the training boxes."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boxwright.augment.draw import Sample, drawer
from boxwright.core import anchors
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.core.records import tfrecords as recordfiles

# Share of the objects that may lose their last anchor of IoU 0.5 by one augmentation: set, not calibrated.
LIMIT = 0.05
_IMAGES, _DRAWS = 60, 2
# They change colours, and no box.
_STILL = ("random_adjust_", "random_distort_color", "random_rgb_to_gray", "random_pixel_value", "normalize_image")


@dataclass(frozen=True)
class Loss:
    """before, after: shares of objects without an anchor of IoU 0.5, as they are and after draws of `name` (n boxes)."""

    name: str
    before: float
    after: float
    n: int

    @property
    def too_much(self) -> bool:
        return self.after - self.before > LIMIT

    def __str__(self) -> str:
        return (
            f"{self.name} puts {self.after:.1%} of the objects out of the anchors' reach (IoU 0.5, {self.n} boxes drawn), "
            f"{self.before:.1%} are without it; {LIMIT:.0%} more is the most"
        )


def within_reach(recipe: Recipe, records: Path) -> tuple[Recipe, list[Loss]]:
    """The recipe without the options that have to go, the worst first, until few enough objects are lost; and what they lost."""
    rejected: list[Loss] = []
    while found := worst(recipe, records):
        rejected.append(found)
        left = tuple(option for option in recipe.augmentation if option.name != found.name)
        recipe = recipe.model_copy(update={"augmentation": left})
    return recipe, rejected


def worst(recipe: Recipe, records: Path) -> Loss | None:
    """The option that alone takes the most objects out of reach, where all together take too many; else None."""
    samples = list(_blank(records))
    moving = [option for option in recipe.augmentation if not option.name.startswith(_STILL)]
    if not moving or not loss(recipe, moving, samples).too_much:
        return None
    return max((loss(recipe, [option], samples) for option in moving), key=lambda found: found.after)


def loss(recipe: Recipe, options: list[Augmentation], samples: list[Sample]) -> Loss:
    """Of these options together."""
    augment = drawer(recipe.model_copy(update={"augmentation": tuple(options)}))
    places = range(_DRAWS * len(samples))
    drawn = [augment(_from(samples, place // _DRAWS), place).boxes_yxyx for place in places]
    before, after = (
        np.concatenate(boxes) if boxes else np.zeros((0, 4)) for boxes in ([s.boxes_yxyx for s in samples], drawn)
    )
    names = ", ".join(option.name for option in options)
    return Loss(names, unreachable(before, recipe), unreachable(after, recipe), len(after))


def unreachable(boxes_yxyx: np.ndarray, recipe: Recipe) -> float:
    """Share of (n, 4) boxes, 0 of none, that no anchor of the recipe meets at IoU 0.5."""
    if not len(boxes_yxyx):
        return 0.0
    return float((anchors.best_iou(boxes_yxyx, recipe) < anchors.MATCHED_IOU).mean())


def _blank(records: Path) -> Iterator[Sample]:
    """The training boxes on black images of the right size: what an option does to boxes, without decoding."""
    for record in itertools.islice(recordfiles.read(records, "train"), _IMAGES):
        yield Sample(np.zeros((record.height, record.width, 3), np.uint8), record.boxes_yxyx, record.class_ids)


def _from(samples: list[Sample], at: int) -> list[Sample]:
    return [*samples[at : at + 4], *samples[:4]][:4]
