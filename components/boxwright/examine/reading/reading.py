"""One way of using a detector: how images are fed, and how its numbers are read."""

from dataclasses import dataclass
from typing import Literal

from boxwright.examine.running.raw import Scaling, Suppression

Channels = Literal["RGB", "BGR"]
# stretch: each side is scaled by itself. letterbox: the shape is kept, and the rest is filled with gray.
Fit = Literal["stretch", "letterbox"]
# The four numbers of a box: corners (y1 x1 y2 x2), or a centre (cx cy) or corner (x y) and the sides.
Order = Literal["yxyx", "xyxy", "cxcywh", "xywh"]
Unit = Literal["fractions", "input pixels", "image pixels"]


@dataclass(frozen=True, kw_only=True)
class Feeding:
    """What the detector gets. The numbers that it gives depend on nothing else."""

    channels: Channels = "RGB"
    scaling: Scaling = "symmetric"
    fit: Fit = "stretch"
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Reading:
    """feeding: what the detector gets. order, unit: of its boxes. classes: for each class number of its outputs, from 0, the id
    of the data's class, or 0 for none. suppression: ours, in place of the file's own; None: the file's own.
    """

    feeding: Feeding
    order: Order = "yxyx"
    unit: Unit = "fractions"
    classes: tuple[int, ...]
    suppression: Suppression | None = None
