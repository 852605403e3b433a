# environment: data
"""Plants mistakes in the order and unit of box numbers into small clean sets.

`draw` makes pictures with objects, `numbers` writes a box in any order and unit, `in_memory` gives what a reader would return.
`misread_files` writes folders. Nothing here uses the code that recognises the mistakes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from boxwright.convert.plan.image_headers import Header
from boxwright.convert.reading.source import Image, Object, Source


class Picture(NamedTuple):
    """objects: class, left, top, right, bottom in pixels."""

    name: str
    width: int
    height: int
    objects: list


class Fault(NamedTuple):
    """A format, and the order and unit in which its numbers are written."""

    format: str
    order: str
    unit: str = "pixels"


RIGHT = {
    "csv": Fault("csv", "xyxy"),
    "voc": Fault("voc", "xyxy"),
    "coco": Fault("coco", "xywh"),
    "yolo": Fault("yolo", "cxcywh", "fractions"),
    "tfrecord": Fault("tfrecord", "xyxy", "fractions"),
    "cvat": Fault("cvat", "xyxy"),
    "kitti": Fault("kitti", "xyxy"),
    "labelme": Fault("labelme", "xyxy"),
    "via": Fault("via", "xywh"),
    "labelstudio": Fault("labelstudio", "xywh", "percent"),
    "openimages": Fault("openimages", "xyxy", "fractions"),
}
FAULTS = {
    "csv in fractions": Fault("csv", "xyxy", "fractions"),
    "csv in percent": Fault("csv", "xyxy", "percent"),
    "csv as xywh": Fault("csv", "xywh"),
    "csv with x and y swapped": Fault("csv", "yxyx"),
    "csv in percent as xywh": Fault("csv", "xywh", "percent"),
    "csv as YOLO": Fault("csv", "cxcywh", "fractions"),
    "voc as xywh": Fault("voc", "xywh"),
    "voc with centers": Fault("voc", "cxcywh"),
    "voc in thousandths": Fault("voc", "xyxy", "thousandths"),
    "coco as xyxy": Fault("coco", "xyxy"),
    "coco in fractions": Fault("coco", "xywh", "fractions"),
    "coco as YOLO": Fault("coco", "cxcywh", "fractions"),
    "coco with centers": Fault("coco", "cxcywh"),
    "coco with x and y swapped": Fault("coco", "yxhw"),
    "yolo in pixels": Fault("yolo", "cxcywh", "pixels"),
    "yolo in percent": Fault("yolo", "cxcywh", "percent"),
    "yolo as xyxy": Fault("yolo", "xyxy", "fractions"),
    "yolo as VOC": Fault("yolo", "xyxy", "pixels"),
    "yolo with corners as centers": Fault("yolo", "xywh", "fractions"),
    "yolo divided twice": Fault("yolo", "cxcywh", "twice"),
    "tfrecord in pixels": Fault("tfrecord", "xyxy", "pixels"),
    "tfrecord divided by the other side": Fault("tfrecord", "xyxy", "swapped"),
    "tfrecord as xywh": Fault("tfrecord", "xywh", "fractions"),
    "cvat in fractions": Fault("cvat", "xyxy", "fractions"),
    "cvat as xywh": Fault("cvat", "xywh"),
    "kitti in fractions": Fault("kitti", "xyxy", "fractions"),
    "kitti as xywh": Fault("kitti", "xywh"),
    "labelme in fractions": Fault("labelme", "xyxy", "fractions"),
    "labelme with x and y swapped": Fault("labelme", "yxyx"),
    "via in fractions": Fault("via", "xywh", "fractions"),
    "via as xyxy": Fault("via", "xyxy"),
    "labelstudio in pixels": Fault("labelstudio", "xywh"),
    "labelstudio in fractions": Fault("labelstudio", "xywh", "fractions"),
    "labelstudio as xyxy": Fault("labelstudio", "xyxy", "percent"),
    "openimages in pixels": Fault("openimages", "xyxy"),
    "openimages in percent": Fault("openimages", "xyxy", "percent"),
}
SIZES = {
    "one": [(640, 480)],
    "small": [(320, 240)],
    "large": [(4000, 3000)],
    "mixed": [(640, 480), (480, 640), (1280, 720)],
}


def draw(seed: int, images: int = 12, *, size: float = 0.2, sizes: str = "one", each: int = 6, over: float = 0.0,
         place: str = "anywhere") -> list[Picture]:  # fmt: skip
    """Pictures with 1 to `each` objects.

    size: the median side of an object, as a share of the picture's. sizes: a key of SIZES. over: the share of boxes that reach
    over an edge, on all sides. place: `anywhere`, or `middle`.
    """
    random = np.random.default_rng(seed)
    pictures = []
    for number in range(images):
        width, height = SIZES[sizes][random.integers(len(SIZES[sizes]))]
        objects = [_object(random, width, height, size, over, place) for _ in range(random.integers(1, each + 1))]
        pictures.append(Picture(f"p{number:04}.png", width, height, objects))
    return pictures


def _object(random, width, height, size, over, place) -> tuple:
    shape = random.choice([0.6, 1.0, 1.5])
    side = size * float(np.exp(random.normal(0, 0.35)))
    w, h = min(0.9, side * shape**0.5) * width, min(0.9, side / shape**0.5) * height
    x, y = random.random(2) if place == "anywhere" else np.clip(random.normal(0.5, 0.15, 2), 0, 1)
    left, top = x * (width - w), y * (height - h)
    if random.random() < over:
        edge, part = random.integers(4), random.uniform(0.05, 0.5)
        left = (-part * w, width - (1 - part) * w, left, left)[edge]
        top = (top, top, -part * h, height - (1 - part) * h)[edge]
    box = tuple(float(round(v)) for v in (left, top, left + w, top + h))
    return (str(random.choice(["bolt", "nut"])), *box)


def numbers(box_xyxy: Sequence[float], width: int, height: int, fault: Fault) -> list[float]:
    """The four numbers of a box, with the digits that tools write."""
    left, top, right, bottom = box_xyxy
    sx, sy = {
        "pixels": (1, 1), "fractions": (1 / width, 1 / height), "percent": (100 / width, 100 / height),
        "thousandths": (1000 / width, 1000 / height), "swapped": (1 / height, 1 / width), "twice": (width**-2, height**-2),
    }[fault.unit]  # fmt: skip
    left, top, right, bottom = left * sx, top * sy, right * sx, bottom * sy
    w, h, x, y = right - left, bottom - top, (left + right) / 2, (top + bottom) / 2
    ordered = {
        "xyxy": (left, top, right, bottom), "xywh": (left, top, w, h), "cxcywh": (x, y, w, h), "yxyx": (top, left, bottom, right),
        "yxhw": (top, left, h, w), "xyhw": (left, top, h, w), "xxyy": (left, right, top, bottom),
    }[fault.order]  # fmt: skip
    return [round(value, 8 if fault.unit == "twice" else 6) for value in ordered]


def _as_read(four: list[float], format: str) -> tuple[float, float, float, float]:
    """left, top, right, bottom as the reader of a format returns them."""
    a, b, c, d = four
    if format in ("coco", "via"):
        return a, b, a + c, b + d
    if format == "labelstudio":
        return a / 100, b / 100, (a + c) / 100, (b + d) / 100
    if format == "labelme":  # two corners in any order
        return min(a, c), min(b, d), max(a, c), max(b, d)
    if format == "yolo":
        return a - c / 2, b - d / 2, a + c / 2, b + d / 2
    return a, b, c, d


def in_memory(pictures: list[Picture], fault: Fault, splits: dict[str, Fault] | None = None) -> tuple[Source, dict]:
    """What a reader returns, and the headers by file. splits: another way of writing for some splits; pictures go to train, val
    and test in turn."""
    source, headers = Source(fault.format, Path("data")), {}
    for number, each in enumerate(pictures):
        split = ("train", "train", "train", "val", "test")[number % 5]
        way = (splits or {}).get(split, fault)
        objects = tuple(
            Object(name, _as_read(numbers(box, each.width, each.height, way), fault.format))
            for name, *box in each.objects
        )
        file = Path("data") / each.name
        fractions = fault.format in ("yolo", "tfrecord", "labelstudio", "openimages")
        source.images.append(Image(file, each.name, objects, split, fractions=fractions))
        headers[str(file)] = Header(each.width, each.height, 1, True, (number, number))
    source.categories = ["bolt", "nut"]
    return source, headers
