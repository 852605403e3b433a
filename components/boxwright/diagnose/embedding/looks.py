"""The looks of objects and backgrounds, as vectors of the initial weights' backbone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.embedding import backbone_crops, init_backbone, placement
from boxwright.diagnose.embedding.backbone import Layer
from boxwright.diagnose.embedding.backbone_crops import Sampled
from boxwright.diagnose.embedding.placement import Around, Placed
from boxwright.diagnose.embedding.vectors import scaled, vectors

# Where evidence on the looks comes from.
WHERE = "records: looks of sampled training objects"


ReadAround = Callable[[str, Mapping[str, np.ndarray]], Mapping[str, Around]]


def _nothing_around(split: str, boxes_yxyx: Mapping[str, np.ndarray]) -> dict[str, Around]:
    return {}


@dataclass(frozen=True, eq=False)
class Looks:
    """sampled: the pictures. objects: (n, d) and windows: (w, d) vectors of the same scale, in the order of `sampled`.
    placed: by split, boxes beside other places in their pictures; see `placement`.
    around: reads the places around one box of each of some pictures of a split; see `placement.around`."""

    sampled: Sampled
    objects: np.ndarray
    windows: np.ndarray
    placed: Mapping[str, Placed] = field(default_factory=dict)
    around: ReadAround = _nothing_around


def read(records: Path, data: Data, init: str, recipe: Recipe, seed: int) -> Looks | str:
    """The looks of a sample of the training pictures that `data` has; as a text, why they cannot be seen.

    init: the weights, as resolved from --init. Raises UserError for damaged records.
    """
    network = init_backbone.read(init, recipe)
    if network.why_not:
        return network.why_not
    seen = of(backbone_crops.read(records, data, seed), network.layers)
    placed = placement.read(records, data, network.layers, seed)
    return replace(seen, placed=placed, around=partial(placement.around, records, network.layers))


def of(sampled: Sampled, network: tuple[Layer, ...]) -> Looks:
    """The looks of sampled pictures."""
    found = scaled(vectors(np.concatenate([sampled.objects, sampled.windows]), network))
    return Looks(sampled, found[: len(sampled.objects)], found[len(sampled.objects) :])
