"""The boxes of a data set as arrays, and the parts of it in which the same mistake is likely: a split, a folder, a class."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

import numpy as np

from boxwright.convert.plan import box_hypotheses, box_readings
from boxwright.convert.plan.box_hypotheses import Boxes, Floats, Mask
from boxwright.convert.plan.box_readings import UNITS, Reading
from boxwright.convert.reading.source import Image, Object, Source

# Parts of one kind that are tested. A stranger may make a folder for each image.
_MOST_PARTS = 100


class Sized(NamedTuple):
    """An image with the size in pixels of the frame in which its boxes lie."""

    image: Image
    width: int
    height: int


class Drawn(NamedTuple):
    """A box that has numbers. place: of its image in the table."""

    place: int
    item: Object


@dataclass(frozen=True)
class Table:
    """Boxes that are written in one way, in the order of `drawn`."""

    images: Sequence[Sized]
    drawn: Sequence[Drawn]
    boxes: Boxes

    def image_of(self, index: int) -> Sized:
        return self.images[self.drawn[index].place]


def format_of(image: Image, source: Source) -> str:
    """The format of an image's annotation. The names of merged data sets begin with that of their set."""
    return source.formats.get(image.filename.split("/", 1)[0], source.format) if source.formats else source.format


def reading_of(image: Image, source: Source) -> Reading:
    """How the numbers of an image's boxes are written, by its format."""
    return box_readings.of_format(format_of(image, source), image.fractions)


def numbers(boxes_xyxy: Floats, reading: Reading) -> Floats:
    """(N, 4): the numbers as they are written, of what a reader returned."""
    return box_hypotheses.written(boxes_xyxy, reading.order) * UNITS[reading.unit].whole


def tables(images: Sequence[Sized], source: Source) -> Iterator[tuple[str, Table]]:
    """The images with boxes by their format, each with the name of the format."""
    by_kind: dict[tuple[str, Reading], list[Sized]] = defaultdict(list)
    for each in images:
        by_kind[format_of(each.image, source), reading_of(each.image, source)].append(each)
    for (name, reading), chosen in by_kind.items():
        if table := _table(chosen, reading):
            yield name, table


def _table(images: Sequence[Sized], reading: Reading) -> Table | None:
    drawn = [
        Drawn(place, item)
        for place, each in enumerate(images)
        for item in each.image.objects
        if item.fault is None and all(map(math.isfinite, item.box_xyxy))
    ]
    if not drawn:
        return None
    boxes = np.array([each.item.box_xyxy for each in drawn], dtype=float)
    sizes = np.array([images[each.place][1:] for each in drawn], dtype=float)
    return Table(images, drawn, Boxes(numbers(boxes, reading), sizes, reading))


class Part(NamedTuple):
    """name: for a sentence; empty for the whole."""

    name: str
    chosen: Mask


def parts(table: Table) -> Iterator[Part]:
    """The parts of a table by split, by folder and by class, if there are several of a kind."""
    images = [table.images[each.place].image for each in table.drawn]
    kinds = {
        "split": [image.split or "" for image in images],
        "folder": [str(PurePath(image.filename).parent) for image in images],
        "class": [each.item.name.strip() for each in table.drawn],
    }
    for kind, names in kinds.items():
        places: dict[str, list[int]] = defaultdict(list)
        for index, name in enumerate(names):
            places[name].append(index)
        if 1 < len(places) <= _MOST_PARTS:
            yield from (
                Part(f"{kind} {name[:60]}", _mask(chosen, len(names))) for name, chosen in places.items() if name
            )


def touched(table: Table, bad: Mask) -> Part:
    """The boxes of all images that have a bad one."""
    places = np.array([each.place for each in table.drawn])
    return Part("some images", np.isin(places, places[bad]))


def _mask(indices: Sequence[int], length: int) -> Mask:
    mask = np.zeros(length, bool)
    mask[list(indices)] = True
    return mask
