"""Boxes in fractions whose edges are whole pixels in one of two frames only. This shows on which of them they were drawn.

Most tools draw from pixel to pixel, and then write fractions of the sides.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from boxwright.convert.frames.fits import sound_boxes
from boxwright.convert.frames.frame import Size
from boxwright.convert.reading.source import Image

# How far a fraction with six digits may be from a whole or half pixel: 0.75e-6 of 12,000 pixels is 0.01.
_WHOLE_PX = 0.02
# Boxes that are whole pixels in one frame only. Chance makes a box whole in a wrong 4:3 frame once in 36 times.
_ENOUGH = 3
_NEARLY_ALL = 0.9
_CONTRARY = 0.02


@dataclass
class WholePixels:
    """counts: boxes by whether they are whole pixels in the first and in the second frame."""

    counts: Counter[tuple[bool, bool]] = field(default_factory=Counter)

    def add(self, image: Image, first: Size, second: Size) -> None:
        self.counts.update(zip(_whole(image, first), _whole(image, second), strict=True))

    def show_first(self) -> bool:
        """Whether nearly all boxes are whole pixels in the first frame, and only there."""
        return self._show(self.counts[True, False], self.counts[False, True])

    def show_second(self) -> bool:
        """As `show_first`, for the second frame."""
        return self._show(self.counts[False, True], self.counts[True, False])

    def only_second(self) -> bool:
        """Whether all boxes are whole pixels in the second frame, and at least one of them in no other."""
        return (
            self.counts[False, True] > 0 and self.counts[False, True] + self.counts[True, True] == self.counts.total()
        )

    def _show(self, only: int, contrary: int) -> bool:
        nearly_all = only + self.counts[True, True] >= _NEARLY_ALL * self.counts.total()
        return nearly_all and only >= _ENOUGH and contrary <= _CONTRARY * only


def _whole(image: Image, size: Size) -> Iterator[bool]:
    """For each box in fractions: whether all its edges are whole or half pixels in an image of this size."""
    scale = (2 * size[0], 2 * size[1], 2 * size[0], 2 * size[1])
    for box in sound_boxes(image.objects):
        edges = (edge * sides for edge, sides in zip(box, scale, strict=True))
        yield all(abs(edge - round(edge)) <= 2 * _WHOLE_PX for edge in edges)
