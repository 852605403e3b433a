"""What a foreign detector gives for an image, before anything is assumed about it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

# pixels: 0..255 as stored. symmetric: -1..1. unit: 0..1.
Scaling = Literal["symmetric", "unit", "pixels"]
# ssd: boxes and classes after non-maximum suppression. anchors: box codes and scores of every anchor. yolo: one tensor of cells.
Kind = Literal["ssd", "anchors", "yolo"]


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Non-maximum suppression. threshold: lowest score. iou: highest overlap of two detections of a class. most: detections of an
    image."""

    threshold: float = 0.0
    iou: float = 0.6
    most: int = 100


@dataclass(frozen=True, kw_only=True)
class Detector:
    """What a file says about itself.

    kind: form of its outputs. height, width: of the input in pixels; 0: any size. takes: the type of the input tensor.
    quantization: scale and zero point of a quantised input. scaling: how pixels are usually scaled for this kind of file.
    scales_itself: it takes pixels in 0..255 and scales them itself. labels: class names; empty if the file has none. first_class:
    number of the first class in the outputs. suppression: what the file does by itself, if it says so. most: detections of an
    image that it can give; 0: unknown.
    """

    kind: Kind
    height: int
    width: int
    takes: str
    quantization: tuple[float, int] = (0.0, 0)
    scaling: Scaling
    scales_itself: bool = False
    labels: tuple[str, ...] = ()
    first_class: int = 0
    suppression: Suppression | None = None
    most: int = 0
    box_order: Literal["yxyx", "xyxy", "cxcywh", "xywh"] = "yxyx"
    box_unit: Literal["fractions", "input pixels", "image pixels"] = "fractions"


@dataclass(frozen=True, eq=False)
class Raw:
    """The numbers for one image.

    boxes: (n, 4), scores: (n,), classes: (n,) after the file's own suppression, or None. candidates: (m, 4) boxes yxyx as
    fractions of the input, and class_scores: (m, k), before it, or None.
    """

    boxes: np.ndarray | None = None
    scores: np.ndarray | None = None
    classes: np.ndarray | None = None
    candidates: np.ndarray | None = None
    class_scores: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Image:
    """image_id: in the ground truth. name: of the file, as convert stored it. pixels: (h, w, 3) uint8 RGB."""

    image_id: int
    name: str
    pixels: np.ndarray
