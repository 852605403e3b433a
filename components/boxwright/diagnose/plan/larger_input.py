"""What would reach the objects that the plan leaves out of reach: a larger input and its cost, and the size of tiles.

The cost is in multiply-adds of the backbone (core/models), which grow with the area of the input. It is not a measured time.
"""

from dataclasses import dataclass

import numpy as np

from boxwright.core import anchors, models
from boxwright.core.models.model import first_stride
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.anchor_coverage import starved
from boxwright.diagnose.plan.fit_anchors import fit

_MEASURED_AT, _LARGEST, _STEP = 224, 1024, 32
_FACTORS = (1.5, 2.0)
# A larger input is proposed if it brings at least this share of what the plan leaves out of reach into reach.
_WORTH = 0.25
# A square of this many strides is reached wherever it is: its centre is half a stride from that of the nearest cell at most, and
# (side - stride / 2)^2 of 2 side^2 - (side - stride / 2)^2 must be half. Along the short side of a long object, an anchor that
# fits it must overlap by half: (side - stride / 2) / (side + stride / 2).
_SQUARE, _SHORT = 2.7, 1.5
# Smaller tiles enlarge so much that there is nothing to see.
_SMALLEST_TILE, _TILE_STEP = 96, 32


@dataclass(frozen=True, eq=False)
class Option:
    """misses: (n,) whether a training object is out of reach of anchors that were fitted to an input of `size` pixels. cost: the
    multiply-adds of the backbone, over those at the present size."""

    size: int
    misses: np.ndarray
    cost: float


def larger_input(data: Data, planned: Recipe, misses: np.ndarray, seed: int) -> Option | None:
    """The smallest larger input that halves what the plan leaves out of reach, as the mean over the classes; else the largest, if
    it brings a quarter of it into reach. None if there is none, and if the plan leaves no class out of reach.

    misses: (n,) whether a training object is out of reach under the plan.
    """
    boxes_yxyx, ids = data.boxes_in("train")
    if not starved(misses, ids):
        return None
    now, best = _mean_share(misses, ids), None
    for size in sizes(planned.input_size):
        option = _fitted(planned, boxes_yxyx, ids, size, seed)
        left = _mean_share(option.misses, ids)
        if left <= (1 - _WORTH) * now:
            best = option
        if left <= now / 2:
            break
    return best


def _mean_share(misses: np.ndarray, ids: np.ndarray) -> float:
    counts = np.bincount(ids)
    return float((np.bincount(ids, misses)[counts > 0] / counts[counts > 0]).mean())


def multiply_adds(model: str, size: int) -> float:
    """Millions of multiply-adds of a backbone of full width."""
    return models.get(model).multiply_adds * (size / _MEASURED_AT) ** 2


def sizes(size: int) -> list[int]:
    """1.5 times and twice the input, in steps of 32 px, as far as a recipe allows."""
    larger = (round(size * factor / _STEP) * _STEP for factor in _FACTORS)
    return [s for s in larger if size < s <= _LARGEST]


def _fitted(planned: Recipe, boxes_yxyx: np.ndarray, ids: np.ndarray, size: int, seed: int) -> Option:
    layers = len(planned.anchors.scales)
    layout = fit(boxes_yxyx, ids, grid=planned.grid, layers=layers, input_size=size, seed=seed)
    recipe = planned.model_copy(update={"input_size": size, "anchors": layout})
    cost = multiply_adds(planned.model, size) / multiply_adds(planned.model, planned.input_size)
    return Option(size, anchors.best_iou(boxes_yxyx, recipe) < anchors.MATCHED_IOU, cost)


def tile_side(data: Data, planned: Recipe, misses: np.ndarray) -> int:
    """The side of square tiles, in pixels of the images, that bring half of the missed objects into reach.

    0 if the tiles would be too small to show anything, or as large as the images.

    misses: (n,) whether a training object is out of reach under the plan.
    """
    objects, images = data.objects_in("train")[misses], data.images_in("train").set_index("image_id")
    wide, high = (images[side].reindex(objects.image_id).to_numpy(float) for side in ("width", "height"))
    sides = np.stack([(objects.ymax - objects.ymin) * high, (objects.xmax - objects.xmin) * wide]).clip(1e-9)
    stride = first_stride(planned.grid)
    largest = np.minimum(np.sqrt(sides.prod(0)) / _SQUARE, sides.min(0) / _SHORT) * planned.input_size / stride
    side = int(np.median(largest) // _TILE_STEP) * _TILE_STEP
    return side if _SMALLEST_TILE <= side < np.median(np.maximum(wide, high)) else 0
