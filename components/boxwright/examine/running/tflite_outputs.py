"""Which outputs of a .tflite file are boxes, scores and classes, and how they are decoded."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from boxwright.core import tflite


class PostProcess(NamedTuple):
    """The detection op. inputs: tensor indices of box codes, class scores and anchors. outputs: by name. options: settings."""

    inputs: list[int]
    outputs: dict[str, int]
    options: Mapping[str, float]


def post_process(model: Any) -> PostProcess | None:
    """The detection op of a file; None without one. Raises UserError if its settings are damaged."""
    for op in tflite.operators(model):
        if tflite.op_name(model, op) == tflite.POSTPROCESS and op.OutputsLength() == 4:
            checked = tflite.detection_options(model)
            return PostProcess(op.InputsAsNumpy().tolist(), tflite.detection_outputs(model), checked)
    return None


def decoded_anchors(codes: np.ndarray, anchors: np.ndarray, scales: Sequence[float]) -> np.ndarray:
    """(n, 4) boxes yxyx from box codes (n, 4) of ty, tx, th, tw, and anchors (n, 4) of centre y, centre x, height, width.

    scales: of y, x, h, w. Source: FasterRcnnBoxCoder of the OD API, and detection_postprocess.cc.
    """
    ty, tx, th, tw = (codes / np.asarray(scales, float)).T
    cy, cx, height, width = np.asarray(anchors, float).T
    y, x = ty * height + cy, tx * width + cx
    half_h, half_w = np.exp(np.minimum(th, 20)) * height / 2, np.exp(np.minimum(tw, 20)) * width / 2
    return np.stack([y - half_h, x - half_w, y + half_h, x + half_w], axis=1)
