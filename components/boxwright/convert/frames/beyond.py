"""Boxes for images of another size, where no claimed size shows it.

They lie far beyond the images, or in the upper left corner of all of them.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from boxwright.convert import notices
from boxwright.convert.frames.fits import MARGIN, Box, fits, sound_boxes
from boxwright.convert.frames.frame import Frame, Size, exchanged, same_ratio, text
from boxwright.convert.reading.source import Fault, Image, Reject
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError

# Boxes wholly outside of their images, and boxes that do not fit. Clean sets have none of the first, even if a tenth of their
# boxes reach over the edge. After a reduction to 0.8 there are one percent and a third, after one to 0.5 a third and four fifths.
_FEWEST, _OUTSIDE, _BEYOND = 3, 0.01, 0.15
# Boxes over the left or upper edge. Reduced images have none.
_BEFORE = 0.02
# Boxes of one size of files, so that these files are judged apart from the others.
_PART = 20
# The farthest boxes, by which the size is estimated, without the farthest percent.
_FARTHEST = 0.99
# An image that was enlarged has its boxes in the upper left corner of this share of its sides, at most.
_CORNER = 0.67
# How probable it may be that so many images have their boxes there by chance, if they were spread evenly.
_CHANCE = 1e-6
# Boxes fill the corner of enlarged images, from the first tenth on. Objects at a fixed place fill a part of it.
_BEGINS = 0.1
# How much farther boxes may reach to one side than to the other if the ratio of the sides is the same.
_UNEQUAL = 1.15
# Common sizes of photos, videos and screens, in landscape.
_SIZES: tuple[Size, ...] = (
    (640, 480), (800, 600), (1024, 768), (1280, 960), (1600, 1200), (2048, 1536), (2592, 1944), (3264, 2448), (4000, 3000),
    (4032, 3024), (4608, 3456), (640, 360), (854, 480), (960, 540), (1280, 720), (1600, 900), (1920, 1080), (2560, 1440),
    (3840, 2160), (1280, 800), (1920, 1200), (720, 480), (1500, 1000), (3000, 2000), (6000, 4000), (1280, 1024), (512, 512),
    (640, 640), (1024, 1024), (2048, 2048),
)  # fmt: skip
_FACTORS = (1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16)


class _Example(NamedTuple):
    filename: str
    box: Box
    size: Size


@dataclass
class _Reach:
    """How far boxes reach. x, y: right and bottom edges in shares of the sides. sizes: of the images, with their number."""

    boxes: int = 0
    outside: int = 0
    beyond: int = 0
    before: int = 0
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    sizes: Counter[Size] = field(default_factory=Counter)
    first: _Example | None = None

    def add(self, image: Image, size: Size) -> None:
        self.sizes[size] += 1
        for box in sound_boxes(image.objects):
            left, top, right, bottom = box
            self.boxes += 1
            self.before += left < -MARGIN * size[0] or top < -MARGIN * size[1]
            self.x.append(right / size[0])
            self.y.append(bottom / size[1])
            self.outside += left >= size[0] or top >= size[1]
            if not fits(box, size):
                self.beyond += 1
                self.first = self.first or _Example(image.filename, box, size)

    def shows_larger_images(self) -> bool:
        return (
            self.outside >= max(_FEWEST, _OUTSIDE * self.boxes)
            and self.beyond >= _BEYOND * self.boxes
            and self.before <= _BEFORE * self.boxes
            and min(_farthest(self.x), _farthest(self.y)) > 1
        )

    @property
    def factor(self) -> float:
        """How many times larger the images must have been at least."""
        return max(_farthest(self.x), _farthest(self.y))


def _farthest(shares: Sequence[float]) -> float:
    return sorted(shares)[math.ceil(_FARTHEST * len(shares)) - 1] if shares else 0.0


def check(
    images: Sequence[Image], frames: Sequence[Frame | Fault], rejects: Iterable[Reject], root: Path
) -> list[Finding]:
    """A finding if all boxes lie in a corner. rejects: of these images. root: of the data.

    Raises UserError if many boxes lie beyond their images, to the right and below, as those of larger images do.
    """
    outside = sum(reject.reason == "outside" and reject.object is not None for reject in rejects)
    pairs = [(i, f) for i, f in zip(images, frames, strict=True) if isinstance(f, Frame) and not i.fractions]
    if outside >= max(_FEWEST, _OUTSIDE * sum(len(image.objects) for image, _ in pairs)):
        _fail_if_larger(pairs, root)
    return _corner_finding(pairs)


def _fail_if_larger(pairs: Sequence[tuple[Image, Frame]], root: Path) -> None:
    """All images are judged together, then those of each size apart, because others may have been left as they were."""
    every, by_size = _Reach(), defaultdict[Size, _Reach](_Reach)
    for image, frame in pairs:
        every.add(image, frame.drawn)
        by_size[frame.drawn].add(image, frame.drawn)
    for reach in (every, *(one for one in by_size.values() if one.boxes >= _PART)):
        if reach.shows_larger_images() and reach.first:
            raise UserError(f"{root}: {_larger(reach, reach.first)}")


def _larger(reach: _Reach, first: _Example) -> str:
    left, top, right, bottom = first.box
    return (
        f"{reach.beyond} of {plurals.count(reach.boxes, 'box', 'lies')} beyond the images, to the right and below: the boxes are "
        f"for images that are about {reach.factor:.3g} times as large (first: {first.filename[:200]}: left {left:g}, "
        f"top {top:g}, right {right:g}, bottom {bottom:g} in {text(first.size)}). The images were probably made smaller after "
        f"labelling{_doubt(reach)}. {_advice(reach)}. If they were padded, cropped or stretched, take the images as they were "
        "labelled"
    )


def _doubt(reach: _Reach) -> str:
    """Boxes of a resized set reach equally far in both directions, unless objects keep away from one edge."""
    x, y = _farthest(reach.x), _farthest(reach.y)
    if reach.boxes < _PART or max(x, y) <= _UNEQUAL * min(x, y):
        return ""
    return (
        f", and padded, cropped or stretched: the boxes reach {x:.3g} times as far as the images to the right and {y:.3g} times "
        "as far down"
    )


def _advice(reach: _Reach) -> str:
    sizes = {max(size, exchanged(size)) for size in reach.sizes}
    if len(sizes) == 1:
        fitting = _likely_size(sizes.pop(), reach.factor)
        return (
            f"If they kept the ratio of their sides, re-run with --boxes-for and the size that they had when they were labelled; "
            f"one that would fit is --boxes-for {text(fitting)}"
        )
    factor = _likely_factor(reach.factor)
    return (
        "If all of them were made smaller by one factor, re-run with --boxes-for and this factor; one that would fit is "
        f"--boxes-for {factor:g}x. If each had its own factor, write the sizes that they had into the annotations, and re-run "
        "with --boxes-for annotated"
    )


def _likely_size(size: Size, factor: float) -> Size:
    """The smallest common size with this ratio of sides that the boxes fit, or a smaller multiple. size: in landscape."""
    multiple = _likely_factor(factor)
    fitting = [one for one in _SIZES if same_ratio(one, size) and one[0] >= _FARTHEST * factor * size[0]]
    return min([*fitting, (round(size[0] * multiple), round(size[1] * multiple))])


def _likely_factor(factor: float) -> float:
    return next((one for one in _FACTORS if one >= _FARTHEST * factor), math.ceil(factor))


def _corner_finding(pairs: Sequence[tuple[Image, Frame]]) -> list[Finding]:
    """The search ends at the first box outside of the corner: it costs nothing for most data."""
    left = top = 1.0
    right = bottom = 0.0
    count = images = 0
    for image, frame in pairs:
        width, height = frame.drawn
        for box in sound_boxes(image.objects):
            left, top = min(left, box[0] / width), min(top, box[1] / height)
            right, bottom = max(right, box[2] / width), max(bottom, box[3] / height)
            count += 1
        if right > _CORNER or bottom > _CORNER:
            return []
        images += bool(image.objects)
    fills = left <= _BEGINS * right and top <= _BEGINS * bottom
    return [_corner(count, right, bottom)] if count and fills and (right * bottom) ** images <= _CHANCE else []


def _corner(count: int, right: float, bottom: float) -> Finding:
    return notices.build(
        "boxes_in_corner", "All boxes lie in the upper left corner of their images",
        f"All {count} boxes lie in the upper left {right:.0%} of the width and {bottom:.0%} of the height of their images, as "
        "after images were made larger and boxes were not", count=count, of=count, what="boxes", severity="high",
        remedy="Look at a few images with their boxes. If the images were made larger after labelling, re-run with --boxes-for "
        "and the size that they had, such as --boxes-for 640x480.",
    )  # fmt: skip
