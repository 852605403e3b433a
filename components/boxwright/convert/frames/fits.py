"""Counts the boxes that fit into one of two frames only. This shows on which of them the boxes were drawn."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from boxwright.convert.reading.source import Object

# A frame in the unit of the boxes: (width, height).
Sides = tuple[float, float]
Box = tuple[float, float, float, float]
# How far a box may reach over the edge and still fit, in shares of the side: tools round, and people draw over the edge.
MARGIN = 0.02
# Boxes that fit one frame only. With fewer, a few wrong boxes could decide.
_ENOUGH = 3
# The largest share of contrary boxes: real sets have up to one percent of wrong boxes.
_CONTRARY = 0.02
# The largest share of boxes that fit neither frame.
_NEITHER = 0.1
# If boxes were spread evenly over the larger frame, this many would lie outside of the smaller one. None then has a probability
# of e^-7, less than one in a thousand.
_SURE = 7.0
# Boxes of a whole set reach the edges of their own frame. Those of a frame that is too large end before.
_REACH = 0.9


@dataclass
class Tally:
    """Boxes by the frames that they fit. first, second: boxes that fit this frame only.

    expected_first: how many boxes would fit the first frame only, if all boxes were spread evenly over the first frame.
    reach_first: how far the boxes that fit the first frame reach, in shares of its sides. expected_second and reach_second alike.
    """

    boxes: int = 0
    first: int = 0
    second: int = 0
    neither: int = 0
    expected_first: float = 0.0
    expected_second: float = 0.0
    reach_first: float = 0.0
    reach_second: float = 0.0

    def add(self, objects: Sequence[Object], first: Sides, second: Sides) -> None:
        """Counts the boxes of an image with these two frames."""
        beyond_second, beyond_first = _share_beyond(first, second), _share_beyond(second, first)
        for box in sound_boxes(objects):
            in_first, in_second = fits(box, first), fits(box, second)
            self.boxes += 1
            self.first += in_first and not in_second
            self.second += in_second and not in_first
            self.neither += not in_first and not in_second
            self.expected_first += beyond_second
            self.expected_second += beyond_first
            if in_first:
                self.reach_first = max(self.reach_first, box[2] / first[0], box[3] / first[1])
            if in_second:
                self.reach_second = max(self.reach_second, box[2] / second[0], box[3] / second[1])

    def shows_first(self, enough: int = _ENOUGH) -> bool:
        """Whether the boxes show that they were drawn on the first frame: many fit this frame only.

        enough: how many boxes at least must fit this frame only.
        """
        few_fit_neither = self.neither <= _NEITHER * self.boxes
        return few_fit_neither and _outweighs(self.first, self.second, self.expected_first, enough)

    def shows_second(self, enough: int = _ENOUGH) -> bool:
        """As `shows_first`, for the second frame."""
        few_fit_neither = self.neither <= _NEITHER * self.boxes
        return few_fit_neither and _outweighs(self.second, self.first, self.expected_second, enough)

    def fills_first(self) -> bool:
        """Whether boxes that all fit both frames fill the first, the smaller one, so that they were drawn on it."""
        return self._all_fit_both() and self.expected_second >= _SURE and self.reach_first >= _REACH

    def fills_second(self) -> bool:
        """As `fills_first`, for the second frame."""
        return self._all_fit_both() and self.expected_first >= _SURE and self.reach_second >= _REACH

    def _all_fit_both(self) -> bool:
        return self.first + self.second + self.neither <= _CONTRARY * self.boxes


def _outweighs(only: int, contrary: int, expected: float, enough: int) -> bool:
    """A quarter of the expected number is asked for: objects are more often in the middle of an image."""
    return only >= max(enough, expected / 4) and contrary <= _CONTRARY * only


def _share_beyond(frame: Sides, other: Sides) -> float:
    """The share of a frame's area that lies outside of another frame with the same origin."""
    return 1 - min(1.0, other[0] / frame[0]) * min(1.0, other[1] / frame[1])


def fits(box_xyxy: Box, frame: Sides) -> bool:
    (left, top, right, bottom), (width, height) = box_xyxy, frame
    over_x, over_y = MARGIN * width, MARGIN * height
    return left >= -over_x and top >= -over_y and right <= width + over_x and bottom <= height + over_y


def sound_boxes(objects: Sequence[Object]) -> Iterator[Box]:
    """The finite boxes with an area."""
    for item in objects:
        box = item.box_xyxy
        if item.fault is None and box[0] < box[2] and box[1] < box[3] and all(map(math.isfinite, box)):
            yield box
