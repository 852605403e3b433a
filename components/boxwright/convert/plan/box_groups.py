"""The boxes of a data set as arrays, and the parts of it in which the same mistake is likely: a split, a folder, a class."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True)
class Table:
    """Boxes that are written in one way. places: (N,), of their images. items: the N objects."""

    images: Sequence[Sized]
    places: NDArray[np.int64]
    items: Sequence[Object]
    boxes: Boxes

    def image_of(self, index: int) -> Sized:
        return self.images[self.places[index]]


def format_of(image: Image, source: Source) -> str:
    """The format of an image's annotation. The names of merged data sets begin with that of their set."""
    return source.formats.get(image.filename.split("/", 1)[0], source.format) if source.formats else source.format


def reading_of(image: Image, source: Source) -> Reading:
    """How the numbers of an image's boxes are written, by its format."""
    return box_readings.of_format(format_of(image, source), image.fractions, image.written)


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
    items = [item for each in images for item in each.image.objects]
    places = np.repeat(np.arange(len(images)), [len(each.image.objects) for each in images])
    flat = np.fromiter(chain.from_iterable(item.box_xyxy for item in items), float, 4 * len(items))
    boxes = numbers(flat.reshape(-1, 4), reading)
    sound = np.isfinite(boxes).all(axis=1) & np.fromiter((item.fault is None for item in items), bool, len(items))
    if not sound.any():
        return None
    sizes = np.array([(each.width, each.height) for each in images], float)[places]
    kept = [item for item, is_sound in zip(items, sound.tolist(), strict=True) if is_sound]
    return Table(images, places[sound], kept, Boxes(boxes[sound], sizes[sound], reading))


class Part(NamedTuple):
    """name: for a sentence; empty for the whole."""

    name: str
    chosen: Mask


def parts(table: Table, bad: Mask, *, fewest: int, share: float) -> Iterator[Part]:
    """The splits, folders and classes that hold at least so many bad boxes and this share of them, if there are several."""
    images = [each.image for each in table.images]
    for kind, names in (
        ("split", [image.split or "" for image in images]),
        ("folder", [image.filename.rpartition("/")[0] for image in images]),
        ("class", [item.name for item in table.items]),
    ):
        numbers: dict[str, int] = {}
        codes = np.array([numbers.setdefault(name.strip(), len(numbers)) for name in names])
        codes = codes if kind == "class" else codes[table.places]
        count, of = np.bincount(codes[bad], minlength=len(numbers)), np.bincount(codes, minlength=len(numbers))
        likely = (count >= fewest) & (count >= share * of) if len(numbers) > 1 else np.zeros(1, bool)
        chosen = [(name, number) for name, number in numbers.items() if likely[number] and name][:_MOST_PARTS]
        yield from (Part(f"{kind} {name[:60]}", codes == number) for name, number in chosen)


def touched(table: Table, bad: Mask) -> Part:
    """The boxes of all images that have a bad one."""
    return Part("some images", np.isin(table.places, table.places[bad]))
