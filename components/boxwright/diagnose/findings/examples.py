"""Examples: pictures of the user's own images that show a finding. A kind names images and boxes, and the page draws them.

How a kind uses it: `KIND = Kind(..., examples=examples)` with a function like this one:

    def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
        for seen, held_out in finding.items:
            left = View(seen, caption="train")
            yield Example((left, View(held_out, caption="val")), caption="One picture in two splits.", whole=True)

The page shows the first few of them. A kind may give more, because an image that is damaged, or far back in the records, is left
out. Give at most a dozen. `finding.items` can carry file names from where they were measured to here.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
# A close-up shows this many times the side of the box.
_CLOSE_UP = 3.0


@dataclass(frozen=True)
class Mark:
    """A box that is drawn on a picture. yxyx: fractions of height and width. colour: red for what is wrong, green for what is
    right, blue (dashed) for an anchor or a window, grey for the rest. means: its words in the legend."""

    yxyx: Box
    colour: Literal["red", "green", "blue", "grey"] = "red"
    means: str = ""


@dataclass(frozen=True)
class View:
    """One picture. filename: of the stored image. caption: a few words below it. around: the part that is shown, in fractions.

    at_input: side in pixels of the network's input. The picture is then resized to it before it is magnified, so that it shows
    what the network sees. 0: shows the picture as it is.
    """

    filename: str
    marks: tuple[Mark, ...] = ()
    caption: str = ""
    around: Box = WHOLE
    at_input: int = 0


@dataclass(frozen=True)
class Example:
    """Pictures that belong together, side by side, such as the two of a pair. Many are drawn small, as a contact sheet.
    caption: one sentence. whole: whether it is shown only if all of its pictures can be, as a pair."""

    views: tuple[View, ...]
    caption: str = ""
    whole: bool = False


def box(yxyx: Iterable[float] | np.ndarray) -> Box:
    """Four numbers as a Box."""
    ymin, xmin, ymax, xmax = (float(side) for side in yxyx)
    return ymin, xmin, ymax, xmax


def as_text(yxyx: Iterable[float] | np.ndarray) -> str:
    """Four numbers as an entry of `Finding.items`."""
    return " ".join(f"{side:.4f}" for side in yxyx)


def from_text(text: str) -> Box:
    """The box that `as_text` wrote."""
    return box(map(float, text.split()))


def is_box(text: str) -> bool:
    """Whether `as_text` wrote this."""
    return re.fullmatch(r"-?\d+\.\d{4}( -?\d+\.\d{4}){3}", text) is not None


def side_by_side(views: Sequence[View], n: int = 3) -> Iterator[Example]:
    """Examples of n views each."""
    for start in range(0, len(views), n):
        yield Example(tuple(views[start : start + n]))


def close_up(*boxes: Box, times: float = _CLOSE_UP) -> Box:
    """The part of the image around these boxes: `times` as large as what holds them all, and inside the image."""
    ymin, xmin = (min(one[side] for one in boxes) for side in (0, 1))
    ymax, xmax = (max(one[side] for one in boxes) for side in (2, 3))
    more_y, more_x = (ymax - ymin) * (times - 1) / 2, (xmax - xmin) * (times - 1) / 2
    return max(ymin - more_y, 0.0), max(xmin - more_x, 0.0), min(ymax + more_y, 1.0), min(xmax + more_x, 1.0)
