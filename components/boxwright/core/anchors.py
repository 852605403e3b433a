"""The anchors of a recipe, as the OD API's SsdAnchorGenerator places them, and how well they fit boxes.

Source: object_detection.anchor_generators.multiple_grid_anchor_generator.create_ssd_anchors (Liu et al., SSD, section 2.2).

A Layout is the same for a training that no recipe can hold: multiscale anchors, or an input that is not square.
"""

from dataclasses import dataclass

import numpy as np

from boxwright.core.models.model import first_stride
from boxwright.core.recipe import Anchors, Recipe

# An anchor with at least this IoU is a positive example of an object (argmax_matcher, matched_threshold of the zoo's configs).
MATCHED_IOU = 0.5
_ROWS = 20_000  # boxes per chunk: their IoUs with thirty shapes take about 5 MB, so they fit into the processor's cache


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """cells: rows and columns. first, step: y and x of the first cell's centre, and the distance of the centres. shapes: (k, 2)
    heights and widths of the anchors of a cell. All lengths are relative to the image."""

    cells: tuple[int, int]
    first: tuple[float, float]
    step: tuple[float, float]
    shapes: np.ndarray

    def anchors(self) -> np.ndarray:
        """(rows * columns * k, 4) yxyx, in the OD API's order."""
        ys, xs = (self.first[i] + self.step[i] * np.arange(self.cells[i]) for i in (0, 1))
        centres = np.stack(np.meshgrid(ys, xs, indexing="ij"), -1)[:, :, None]
        return np.concatenate([centres - self.shapes / 2, centres + self.shapes / 2], -1).reshape(-1, 4)

    def best_iou(self, boxes_yxyx: np.ndarray) -> np.ndarray:
        """(n,) IoU of each box with the best anchor of its cell; see `best_iou_per_shape`."""
        sizes = (boxes_yxyx[:, 2:] - boxes_yxyx[:, :2]).T
        centres = (boxes_yxyx[:, 2:] + boxes_yxyx[:, :2]).T / 2
        away = [self._from_cell(centre, axis) for axis, centre in enumerate(centres)]
        down, across = (_overlap(sizes[axis], away[axis], self.shapes[:, axis]) for axis in (0, 1))
        shared = down * across
        return (shared / (sizes.prod(0) + self.shapes.prod(1)[:, None] - shared)).max(0)

    def _from_cell(self, centres: np.ndarray, axis: int) -> np.ndarray:
        nearest = np.clip(np.round((centres - self.first[axis]) / self.step[axis]), 0, self.cells[axis] - 1)
        return np.abs(self.first[axis] + nearest * self.step[axis] - centres)


@dataclass(frozen=True, eq=False)
class Layout:
    """The anchors of any training, finest map first. input_size: side in pixels of a square with as many pixels as an image has
    at the input. aspect: width / height of such an image at the input."""

    maps: tuple[FeatureMap, ...]
    input_size: int
    aspect: float = 1.0


# What says where the anchors lie.
Laid = Recipe | Layout


def shapes(laid: Laid) -> np.ndarray:
    """(k, 2) heights and widths of the anchors of all maps, relative to the image."""
    return np.concatenate([one.shapes for one in laid.maps] if isinstance(laid, Layout) else layer_shapes(laid.anchors))


def grid_sides(grid: str, input_size: int, layers: int) -> list[int]:
    """Cells along a side of each feature map, finest first: 19, 10, 5, 3, 2, 1 for stride16 at 300 px.

    With SAME padding each map is half of the one before, rounded up.
    """
    side = -(-input_size // first_stride(grid))
    sides = [side]
    for _ in range(layers - 1):
        sides.append(-(-sides[-1] // 2))
    return sides


def feature_map_shapes(recipe: Recipe) -> list[tuple[int, int]]:
    """(height, width) in cells of each feature map of the recipe, finest first."""
    return [(side, side) for side in grid_sides(recipe.grid, recipe.input_size, len(recipe.anchors.scales))]


def layer_shapes(anchors: Anchors) -> list[np.ndarray]:
    """For each feature map the (k, 2) heights and widths of its anchors, relative to the input side."""
    shapes = []
    for layer, (scale, following) in enumerate(zip(anchors.scales, (*anchors.scales[1:], 1.0), strict=True)):
        specs = [(scale, ratio) for ratio in anchors.aspect_ratios]
        if anchors.interpolated_aspect_ratio > 0:
            specs.append((np.sqrt(scale * following), anchors.interpolated_aspect_ratio))
        if layer == 0 and anchors.reduce_boxes_in_lowest_layer:
            specs = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
        shapes.append(np.array([(s / np.sqrt(ratio), s * np.sqrt(ratio)) for s, ratio in specs]))
    return shapes


def layout(laid: Laid) -> Layout:
    """The anchors of a recipe as a Layout."""
    if isinstance(laid, Layout):
        return laid
    of_maps = zip(feature_map_shapes(laid), layer_shapes(laid.anchors), strict=True)
    return Layout(tuple(ssd_map(cells, shapes) for cells, shapes in of_maps), laid.input_size)


def ssd_map(cells: tuple[int, int], shapes: np.ndarray) -> FeatureMap:
    """A feature map whose cells fill the image. shapes: (k, 2) heights and widths."""
    step = 1 / cells[0], 1 / cells[1]
    return FeatureMap(cells, (step[0] / 2, step[1] / 2), step, shapes)


def anchors(laid: Laid) -> np.ndarray:
    """(N, 4) yxyx relative to the input, not clipped, in the OD API's order: map, row, column, shape."""
    return np.concatenate([one.anchors() for one in layout(laid).maps])


def best_iou(boxes_yxyx: np.ndarray, laid: Laid) -> np.ndarray:
    """(n,) IoU of each box with its best anchor. This equals the row maximum of the full IoU matrix."""
    best = np.zeros(len(boxes_yxyx))
    for start in range(0, len(best), _ROWS):
        best[start : start + _ROWS] = _best_iou(boxes_yxyx[start : start + _ROWS], laid)
    return best


def _best_iou(boxes_yxyx: np.ndarray, laid: Laid) -> np.ndarray:
    if isinstance(laid, Layout):
        return np.max([one.best_iou(boxes_yxyx) for one in laid.maps], axis=0)
    sides = grid_sides(laid.grid, laid.input_size, len(laid.anchors.scales))
    return np.max([iou for _, iou in best_iou_per_shape(boxes_yxyx, laid.anchors, sides)], axis=0)


def best_iou_per_shape(
    boxes_yxyx: np.ndarray, anchors: Anchors, sides: list[int]
) -> list[tuple[tuple[int, int], np.ndarray]]:
    """For each (map, shape) the (n,) best IoU of each box over the cells of the map.

    The overlap along an axis falls with the distance of the centres. So the best cell is the one that contains the centre of
    the box. A centre on the far border belongs to the last cell.
    """
    return InCells(boxes_yxyx, sides).best_iou_per_shape(anchors)


class InCells:
    """Boxes and the cells that they are in. Several anchors can be tried on them."""

    def __init__(self, boxes_yxyx: np.ndarray, sides: list[int]) -> None:
        """boxes_yxyx: (n, 4). sides: cells along a side of each map."""
        ymin, xmin, ymax, xmax = np.ascontiguousarray(boxes_yxyx.T)
        self._sizes = ymax - ymin, xmax - xmin
        centres = (ymin + ymax) / 2, (xmin + xmax) / 2
        self._areas = self._sizes[0] * self._sizes[1]
        self._away = [[_from_cell(axis, side) for axis in centres] for side in sides]

    def best_iou_per_shape(self, anchors: Anchors) -> list[tuple[tuple[int, int], np.ndarray]]:
        """See `best_iou_per_shape`."""
        best = []
        kind = self._areas.dtype
        for layer, (away, shapes) in enumerate(zip(self._away, layer_shapes(anchors), strict=True)):
            heights, widths = np.array(shapes, float).T
            down, across = (
                _overlap(*axis)
                for axis in zip(self._sizes, away, (heights.astype(kind), widths.astype(kind)), strict=True)
            )
            shared = down * across
            iou = shared / (self._areas + (heights * widths).astype(kind)[:, None] - shared)
            best += [((layer, k), of_shape) for k, of_shape in enumerate(iou)]
        return best


def _from_cell(centres: np.ndarray, side: int) -> np.ndarray:
    """(n,) distance of centres along one axis from the centre of their cell. side: number of cells."""
    return np.abs((np.clip(np.floor(centres * side), 0, side - 1) + 0.5) / side - centres)


def _overlap(sizes: np.ndarray, away: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """(k, n) overlap of n boxes with k anchors along one axis. away: (n,) distances between their centres."""
    anchor = anchors[:, None]
    return np.maximum(np.minimum(np.minimum(sizes, anchor), (sizes + anchor) / 2 - away), 0.0)
