"""Where the anchors of a config lie on the images.

Sources: object_detection.anchor_generators.multiple_grid_anchor_generator and multiscale_grid_anchor_generator.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from boxwright.core import anchors
from boxwright.core import recipe as recipes
from boxwright.core.anchors import FeatureMap, Layout, layer_shapes
from boxwright.core.recipe import Anchors
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.given.numbers import shortest
from boxwright.diagnose.given.resizer import Resizer

# Feature maps (the zoo has 5 and 6), levels of a pyramid, and anchors of a cell (the zoo has 6).
_MOST_LAYERS, _LEVELS, _MOST_OF_CELL = 20, (1, 10), 100
# The finest map of an SSD without a pyramid has a cell each 16 pixels.
_SSD_STRIDE = 16
_READ = ("ssd_anchor_generator", "multiscale_anchor_generator")


def read(message: Any, resizer: Resizer, stride: int = _SSD_STRIDE) -> Layout:
    """message: an AnchorGenerator. stride: of the finest map, pixels of the input; a multiscale generator has its own.

    Raises UserError for another generator and for numbers that no training has.
    """
    kind = message.WhichOneof("anchor_generator_oneof")
    if kind == "ssd_anchor_generator":
        maps = list(_ssd(in_recipe(message.ssd_anchor_generator), resizer, stride))
    elif kind == "multiscale_anchor_generator":
        maps = list(_multiscale(message.multiscale_anchor_generator, resizer))
    else:
        raise UserError(f"model.ssd.anchor_generator: {kind or 'none'}; Boxwright reads {' and '.join(_READ)}")
    aspect = resizer.seen[1] / resizer.seen[0]
    return Layout(tuple(_on_image(one, resizer) for one in maps), resizer.side, aspect)


def in_recipe(made: Any) -> Anchors:
    """made: a SsdAnchorGenerator. Raises UserError for numbers that no training has, ValidationError for those of no recipe."""
    if not made.scales:
        _check("ssd_anchor_generator.num_layers", made.num_layers, 2, _MOST_LAYERS)
    return Anchors(
        scales=tuple(map(shortest, made.scales))
        or recipes.linear_scales(shortest(made.min_scale), shortest(made.max_scale), made.num_layers),
        aspect_ratios=tuple(map(shortest, made.aspect_ratios)) or (1.0,),
        interpolated_aspect_ratio=shortest(made.interpolated_scale_aspect_ratio),
        reduce_boxes_in_lowest_layer=made.reduce_boxes_in_lowest_layer,
    )


def _check(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise UserError(f"model.ssd.anchor_generator.{field}: {value:g}; expected {least} to {most}")


def _ssd(made: Anchors, resizer: Resizer, stride: int) -> Iterator[FeatureMap]:
    """Maps whose cells fill the input. Sizes are relative to its shorter side."""
    shorter = min(resizer.height, resizer.width)
    scale = np.array([shorter / resizer.height, shorter / resizer.width])
    rows, columns = -(-resizer.height // stride), -(-resizer.width // stride)
    for shapes in layer_shapes(made):
        yield anchors.ssd_map((rows, columns), shapes * scale)
        rows, columns = -(-rows // 2), -(-columns // 2)


def _multiscale(made: Any, resizer: Resizer) -> Iterator[FeatureMap]:
    """A map each level. The first centre is half a cell from the border only if the cells fill the input exactly."""
    name = "multiscale_anchor_generator"
    _check(f"{name}.min_level", made.min_level, *_LEVELS)
    _check(f"{name}.max_level", made.max_level, made.min_level, _LEVELS[1])
    _check(f"{name}.scales_per_octave", made.scales_per_octave, 1, 10)
    _check(f"{name}.anchor_scale", made.anchor_scale, 0.1, 100)
    _check(f"number of {name}.aspect_ratios", len(made.aspect_ratios), 1, _MOST_OF_CELL // made.scales_per_octave)
    for ratio in made.aspect_ratios:
        _check(f"{name}.aspect_ratios", ratio, 0.01, 100)
    sides = np.array([resizer.height, resizer.width])
    octave = [2 ** (i / made.scales_per_octave) for i in range(made.scales_per_octave)]
    for level in range(made.min_level, made.max_level + 1):
        stride = 2**level
        specs = [(s * stride * made.anchor_scale, ratio) for ratio in made.aspect_ratios for s in octave]
        shapes = np.array([(size / ratio**0.5, size * ratio**0.5) for size, ratio in specs]) / sides
        cells = -(-resizer.height // stride), -(-resizer.width // stride)
        first, step = np.where(sides % stride == 0, stride / 2, 0) / sides, stride / sides
        yield FeatureMap(cells, (first[0], first[1]), (step[0], step[1]), shapes)


def _on_image(one: FeatureMap, resizer: Resizer) -> FeatureMap:
    """From shares of the input to shares of the image, which may fill only a part of it."""
    high, wide = resizer.height / resizer.seen[0], resizer.width / resizer.seen[1]
    first, step = ((pair[0] * high, pair[1] * wide) for pair in (one.first, one.step))
    return FeatureMap(one.cells, first, step, one.shapes * np.array([high, wide]))
