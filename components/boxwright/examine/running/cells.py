"""Detectors without a detection op: raw SSD outputs (box codes and scores of every anchor) and YOLO's one tensor of all cells."""

from collections.abc import Mapping

import numpy as np

from boxwright.core.anchors import grid_sides, layer_shapes
from boxwright.core.recipe import Anchors, linear_scales
from boxwright.core.runtime.errors import UserError
from boxwright.examine.reading import boxes
from boxwright.examine.running import tflite_outputs
from boxwright.examine.running.raw import Kind, Raw

# The OD API's SsdAnchorGenerator with the zoo's settings, and its MultiscaleAnchorGenerator (levels 3 to 7, 2 scales an octave).
_RATIOS = (1.0, 2.0, 0.5, 3.0, 0.3333)
_BOX_SCALES = (10.0, 10.0, 5.0, 5.0)
_LEVELS = range(3, 8)
# Largest number of detections that a YOLO file with its own suppression gives.
_END_TO_END = 1000
_EXPECTED = (
    "expected the four outputs of TFLite_Detection_PostProcess (boxes, classes, scores, count), raw SSD outputs (box codes "
    "[1, anchors, 4] and scores [1, anchors, classes]), or one YOLO output ([1, 4 + classes, cells], or transposed)"
)


def kind(shapes: Mapping[str, list[int]]) -> Kind:
    """The form of the outputs. shapes: by name. Raises UserError for any other."""
    sizes = [shape for shape in shapes.values()]
    if {"boxes", "classes", "scores", "count"} <= set(shapes):
        return "ssd"
    if len(sizes) == 1 and len(sizes[0]) == 3 and sizes[0][0] == 1 and min(sizes[0][1:]) > 4:
        return "yolo"
    if len(sizes) == 2 and all(len(size) in (3, 4) for size in sizes):
        rows = [size[1] for size in sizes]
        if rows[0] == rows[1] and sum(size[-1] == 4 for size in sizes) >= 1:
            return "anchors"
    raise UserError(f"its outputs have the shapes {str(sizes)[:200]}; {_EXPECTED}")


def yolo(output: np.ndarray, classes: int, side: int) -> Raw:
    """output: (1, columns, cells) or (1, cells, columns). classes: of the data. side: of the input in pixels.

    The columns are cx, cy, w, h and a score for each class; with an objectness before the scores where the number of columns
    says so; or x1, y1, x2, y2, score and class for files with their own suppression.
    """
    cells = output[0] if output.shape[1] >= output.shape[2] else output[0].T
    if cells.shape[1] == 6 and classes != 2 and len(cells) <= _END_TO_END:
        size = side if cells[:, :4].max(initial=0) > 2 else 1
        return Raw(boxes=cells[:, [1, 0, 3, 2]] / size, scores=cells[:, 4], classes=cells[:, 5].astype(np.int64))
    has_objectness = cells.shape[1] == 5 + classes or (cells.shape[1] != 4 + classes and len(cells) % 3 == 0)
    scores = cells[:, 5:] * cells[:, 4:5] if has_objectness else cells[:, 4:]
    size = side if cells[:, :4].max(initial=0) > 2 else 1
    return Raw(candidates=boxes.corners(cells[:, :4] / size, "cxcywh"), class_scores=scores)


def anchored(outputs: Mapping[str, np.ndarray], classes: int, side: int) -> Raw:
    """Raw SSD outputs. classes: of the data. side: of the square input in pixels. Raises UserError for an unknown anchor grid."""
    first, second = (value.reshape(value.shape[1], -1) for value in outputs.values())
    codes, scores = (first, second) if first.shape[1] == 4 else (second, first)
    if scores.min() < 0 or scores.max() > 1:
        scores = 1 / (1 + np.exp(-scores))
    if scores.shape[1] == classes + 1:
        scores = scores[:, 1:]
    if codes.min() >= 0 and codes.max() <= 1.5 and (codes[:, 2:] >= codes[:, :2]).all():
        return Raw(candidates=codes, class_scores=scores)
    anchors = known_anchors(len(codes), side)
    return Raw(candidates=tflite_outputs.decoded_anchors(codes, anchors, _BOX_SCALES), class_scores=scores)


def known_anchors(count: int, side: int) -> np.ndarray:
    """(count, 4) centre y, centre x, height, width of the zoo's anchors at this input. Raises UserError if none has as many."""
    found = {len(anchors): anchors for anchors in (*_ssd(side), _multiscale(side))}
    if count not in found:
        raise UserError(
            f"it gives {count} boxes at an input of {side} pixels, and the zoo's anchors are {' or '.join(map(str, found))}; "
            "export it with the detection op (export_tflite_graph), which holds its anchors"
        )
    return found[count]


def _ssd(side: int) -> list[np.ndarray]:
    """With and without the reduced lowest layer."""
    made = []
    for reduced in (True, False):
        anchors = Anchors(
            scales=linear_scales(0.2, 0.95, 6), aspect_ratios=_RATIOS, reduce_boxes_in_lowest_layer=reduced
        )
        sides = grid_sides("stride16", side, 6)
        made.append(
            np.concatenate(
                [
                    _tiled((np.arange(n) + 0.5) / n, shapes)
                    for n, shapes in zip(sides, layer_shapes(anchors), strict=True)
                ]
            )
        )
    return made


def _multiscale(side: int) -> np.ndarray:
    """Anchor scale 4, ratios 1, 2, 0.5. Source: object_detection.anchor_generators.multiscale_grid_anchor_generator."""
    tiles = []
    for level in _LEVELS:
        base = 4.0 * 2**level / side
        sizes = [(base * 2**octave, ratio) for ratio in (1.0, 2.0, 0.5) for octave in (0, 0.5)]
        shapes = np.array([(size / ratio**0.5, size * ratio**0.5) for size, ratio in sizes])
        # The generator leaves out the offset of half a cell where the cells do not fill the input.
        offset = 0 if side % 2**level else 0.5
        tiles.append(_tiled((np.arange(-(-side // 2**level)) + offset) * 2**level / side, shapes))
    return np.concatenate(tiles)


def _tiled(centres: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """(c * c * k, 4) shapes (k, 2) at each of the centres (c,) of rows and columns: row, column, shape."""
    cells = len(centres)
    grid = np.stack(np.meshgrid(centres, centres, indexing="ij"), -1).reshape(-1, 1, 2)
    wide = np.broadcast_to(grid, (cells * cells, len(shapes), 2))
    return np.concatenate([wide, np.broadcast_to(shapes, wide.shape)], -1).reshape(-1, 4)
