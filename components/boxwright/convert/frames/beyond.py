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
    """A finding if all boxes, or all of a split, lie in a corner. rejects: of these images. root: of the data.

    Raises UserError if many boxes lie beyond their images, to the right and below, as those of larger images do.
    """
    outside = sum(reject.reason == "outside" and reject.object is not None for reject in rejects)
    pairs = [(i, f) for i, f in zip(images, frames, strict=True) if isinstance(f, Frame) and not i.fractions]
    if outside >= max(_FEWEST, _OUTSIDE * sum(len(image.objects) for image, _ in pairs)):
        _fail_if_larger(pairs, root)
    in_fractions = [(i, (1, 1)) for i, f in zip(images, frames, strict=True) if isinstance(f, Frame) and i.fractions]
    return _corner_finding(((i, f.drawn) for i, f in pairs), _BY_SIZE) + _corner_finding(in_fractions, _BY_FRACTION)


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


@dataclass
class _Corner:
    """The place that boxes fill, in shares of the sides of their images."""

    left: float = 1.0
    top: float = 1.0
    right: float = 0.0
    bottom: float = 0.0
    boxes: int = 0
    images: int = 0

    def add(self, image: Image, size: Size) -> None:
        width, height = size
        for left, top, right, bottom in sound_boxes(image.objects):
            self.left, self.top = min(self.left, left / width), min(self.top, top / height)
            self.right, self.bottom = max(self.right, right / width), max(self.bottom, bottom / height)
            self.boxes += 1
        self.images += 1

    @property
    def is_left(self) -> bool:
        """Whether a box reaches beyond the corner."""
        return self.right > _CORNER or self.bottom > _CORNER

    def is_filled(self) -> bool:
        begins = self.left <= _BEGINS * self.right and self.top <= _BEGINS * self.bottom
        return self.boxes > 0 and begins and (self.right * self.bottom) ** self.images <= _CHANCE


def _corner_finding(pairs: Iterable[tuple[Image, Size]], how: tuple[str, str]) -> list[Finding]:
    """Judges all splits that stay in the corner together. Of a split that does not, few boxes are looked at."""
    corners: dict[str, _Corner] = {}
    for image, size in pairs:
        corner = corners.setdefault(image.split or "", _Corner())
        if image.objects and not corner.is_left:
            corner.add(image, size)
    inside = {split: corner for split, corner in corners.items() if corner.boxes and not corner.is_left}
    if not inside:
        return []
    every = [*inside.values()]
    whole = _Corner(
        min(c.left for c in every), min(c.top for c in every), max(c.right for c in every), max(c.bottom for c in every),
        sum(c.boxes for c in every), sum(c.images for c in every),
    )  # fmt: skip
    where = f" of {' and '.join(sorted(inside))}" if len(inside) < len(corners) else ""
    return [_corner(whole, where, *how)] if whole.is_filled() else []


# What may have happened, and what to do about it: to boxes in pixels, and to boxes in fractions.
_BY_SIZE = (
    "as after images were made larger and boxes were not",
    "If the images were made larger after labelling, re-run with --boxes-for and the size that they had, such as --boxes-for "
    "640x480.",
)
_BY_FRACTION = (
    "as if they had been divided by the sides of larger images",
    "If the boxes are too small and too far to the upper left, divide them anew: x by the width of the image, y by its height.",
)


def _corner(found: _Corner, where: str, cause: str, remedy: str) -> Finding:
    return notices.build(
        "boxes_in_corner", "All boxes lie in the upper left corner of their images",
        f"All {found.boxes} boxes{where} lie in the upper left {found.right:.0%} of the width and {found.bottom:.0%} of the "
        f"height of their images, {cause}", count=found.boxes, of=found.boxes, what="boxes", severity="high",
        remedy=f"Look at a few images with their boxes. {remedy}",
    )  # fmt: skip
