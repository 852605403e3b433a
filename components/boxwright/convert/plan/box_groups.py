"""The boxes of a data set as arrays, and the parts of it in which the same mistake is likely: a split, a folder, a class."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

import numpy as np

from boxwright.convert.plan import box_hypotheses, box_readings
from boxwright.convert.plan.box_hypotheses import Boxes, Mask
from boxwright.convert.reading.source import Image, Object

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


def tables(images: Sequence[Sized], format: str, formats: dict[str, str]) -> Iterator[tuple[str, Table]]:
    """The images by their format, each with the name of the format.

    format: of the whole set. formats: by the first folder of the file names, if the set was merged from several.
    """
    by_kind: dict[tuple[str, bool], list[Sized]] = defaultdict(list)
    for each in images:
        name = formats.get(each.image.filename.split("/", 1)[0], format) if formats else format
        by_kind[name, each.image.fractions].append(each)
    for (name, fractions), chosen in by_kind.items():
        if table := _table(chosen, box_readings.of_format(name, fractions)):
            yield name, table


def _table(images: Sequence[Sized], reading: box_readings.Reading) -> Table | None:
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
    return Table(images, drawn, Boxes(box_hypotheses.written(boxes, reading.order), sizes, reading))


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
