"""The objects of one annotation of Label Studio, in fractions of the image."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import cos, radians, sin
from typing import Any, NamedTuple

from boxwright.convert.objects.turned_boxes import box_around_ellipse
from boxwright.convert.reading.segmentations import Box, box_around
from boxwright.convert.reading.source import NO_BOX, Fault, Object
from boxwright.core.runtime.errors import few, shown

Value = Mapping[str, Any]
Size = tuple[float, float]
_LABELS = "labels"
_CHOICES = "choices"
_DAMAGED = "damaged"
# An arrow from one region to another.
_RELATION = "relation"
# What says where a region lies.
_PLACE = ("x", "y", "width", "height", "rotation", "radiusX", "radiusY", "points")


class Region(NamedTuple):
    """One region. kind: rectangle, ellipse, polygon and so on. size: (width, height) of the image in pixels, or None.

    labels: its classes. turned: by how many degrees the whole image was turned in the tool.
    """

    kind: str
    value: Value
    size: Size | None
    labels: Sequence[str]
    turned: float = 0.0


def from_result(result: Iterable[object]) -> list[Region]:
    """The regions of a `result`. Items with one id and one place belong to one region: a shape, its labels, its choices.

    Items without a place, such as a class of the whole image, are no regions.
    """
    parts: dict[object, list[Mapping[str, Any]]] = {}
    for index, item in enumerate(result):
        if isinstance(item, dict) and item.get("type") == _RELATION:
            continue
        if not isinstance(item, dict) or not isinstance(item.get("value"), dict):
            parts[index] = [{"type": _DAMAGED, "value": {}}]
        elif _kind(str(item.get("type")), item["value"]):
            place = str([item["value"].get(name) for name in _PLACE])
            parts.setdefault((str(item.get("id", index)), place), []).append(item)
    return [region for items in parts.values() if (region := _region(items))]


def from_fields(fields: Iterable[object]) -> list[Region]:
    """The regions of an item of JSON-MIN: its lists hold the values of a `result`, without type and id."""
    lists = (found for found in fields if isinstance(found, list))
    values = (value for found in lists for value in found if isinstance(value, dict))
    return from_result({"type": _type_of(value), "value": value, **_facts(value)} for value in values)


def _type_of(value: Value) -> str:
    """`rectanglelabels` for a value that has this key."""
    return next((key for key in value if key.endswith((_LABELS, _CHOICES))), "")


def _facts(value: Value) -> dict[str, Any]:
    facts = {key: value[key] for key in ("original_width", "original_height", "image_rotation") if key in value}
    return facts if value.keys() & {"rle", "imageDataURL", "sequence"} else facts | {"id": ""}


def _region(items: Sequence[Mapping[str, Any]]) -> Region | None:
    shapes = [item for item in items if str(item.get("type")).removesuffix(_LABELS) not in ("", _CHOICES)]
    first = (shapes or items)[0]
    kind = _kind(str(first.get("type")), first["value"])
    labels = _labels(items)
    if not labels and kind != _DAMAGED and not shapes:
        return None
    return Region(kind, first["value"], size_of(first), labels, _number(first.get("image_rotation")))


def _labels(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Those of a tag for labels; else the choice that the annotator made for this region."""
    for suffix in (_LABELS, _CHOICES):
        found = [label for item in items for label in labels_in(item["value"], suffix)]
        if found:
            return list(dict.fromkeys(found))
    return []


def labels_in(value: Value, suffix: str = _LABELS) -> list[str]:
    """The texts under `rectanglelabels`, `polygonlabels` and so on."""
    lists = (found for key, found in value.items() if key.endswith(suffix) and isinstance(found, list))
    return [text for found in lists for text in found if isinstance(text, str) and text.strip()]


def _kind(word: str, value: Value) -> str:
    """The kind of a region; empty for an item that has no place in the image."""
    kind = word.removesuffix(_LABELS)
    if kind in _BOXES or kind in _WITHOUT_BOX or kind == _DAMAGED:
        return kind
    return kind_of(value)


def kind_of(value: Value) -> str:
    """The kind of a region by its keys; empty if it has no place in the image."""
    keys = value.keys()
    return next((kind for kind, needed in _KEYS.items() if needed <= keys), "")


def size_of(item: Mapping[str, Any]) -> Size | None:
    """(width, height) of the image in pixels. None unless both are numbers above 0."""
    width, height = _number(item.get("original_width")), _number(item.get("original_height"))
    return (width, height) if 0 < width < 1e9 and 0 < height < 1e9 else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e18 else 0.0


def is_rotated(region: Region) -> bool:
    return region.kind == "rectangle" and bool(_number(region.value.get("rotation")) % 360)


def objects(region: Region) -> list[Object]:
    """The object of a region; with several labels (`choice="multiple"`), one for each."""
    if region.kind == _DAMAGED:
        return [Object("", NO_BOX, fault=Fault("unreadable_annotation", "an item of the result has no value"))]
    if not region.labels:
        return [Object("", NO_BOX, fault=Fault("unknown_class", f"a {region.kind} without label"))]
    item = _object(region)
    return [item._replace(name=label) for label in region.labels]


def _object(region: Region) -> Object:
    if region.kind in _WITHOUT_BOX:
        return Object("", NO_BOX, fault=Fault("shape_without_box", _WITHOUT_BOX[region.kind]))
    if region.turned % 360:
        why = f"the image was turned by {region.turned:g} degrees in Label Studio, and the place of the region is not certain"
        return Object("", NO_BOX, fault=Fault("unreadable_annotation", why))
    try:
        left, top, right, bottom = _BOXES[region.kind](region.value, region.size)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        why = f"no {error}" if isinstance(error, KeyError) else str(error)
        return Object("", NO_BOX, fault=Fault("unreadable_annotation", f"{region.kind}: {why}"[:200]))
    return Object("", (left / 100, top / 100, right / 100, bottom / 100))


def _numbers(value: Value, *names: str) -> list[float]:
    return [float(value[name]) for name in names]


def _box_of_rectangle(value: Value, size: Size | None) -> Box:
    """x, y: the corner around which the rectangle is turned, clockwise. Percent of a side are no length, so a rotated one needs
    the size of the image."""
    left, top, width, height = _numbers(value, "x", "y", "width", "height")
    angle = radians(float(value.get("rotation") or 0) % 360)
    if not angle:
        return left, top, left + width, top + height
    aspect = _aspect(size)
    c, s = cos(angle), sin(angle)
    corners = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    return box_around((left + x * c - y * s / aspect, top + x * aspect * s + y * c) for x, y in corners)


def _box_of_ellipse(value: Value, size: Size | None) -> Box:
    x, y, rx, ry = _numbers(value, "x", "y", "radiusX", "radiusY")
    angle = radians(float(value.get("rotation") or 0) % 180)
    aspect = _aspect(size) if angle else 1.0
    left, top, right, bottom = box_around_ellipse(x * aspect, y, rx * aspect, ry, angle)
    return left / aspect, top, right / aspect, bottom


def _aspect(size: Size | None) -> float:
    """Width by height of the image. Raises ValueError if its size is not known."""
    if size is None:
        raise ValueError("it is rotated, and original_width and original_height are not there")
    return size[0] / size[1]


def _box_of_polygon(value: Value, _: Size | None) -> Box:
    points = value["points"]
    if not isinstance(points, list) or len(points) < 3:
        raise ValueError(f"points is {shown(points)}, expected three or more points")
    return box_around((float(x), float(y)) for x, y in points)


_BOXES: dict[str, Callable[[Value, Size | None], Box]] = {
    "rectangle": _box_of_rectangle,
    "ellipse": _box_of_ellipse,
    "polygon": _box_of_polygon,
}
BOXES = tuple(_BOXES)
_MASK = "a brush mask is not read; export the brush labels as COCO, or draw boxes"
_WITHOUT_BOX = {
    "keypoint": "a keypoint has no box", "vector": "a line has no box", "brush": _MASK, "bitmask": _MASK, "magicwand": _MASK,
    "videorectangle": "a box of a video is not read; export its frames",
}  # fmt: skip
_KEYS: dict[str, set[str]] = {
    "rectangle": {"x", "y", "width", "height"},
    "ellipse": {"x", "y", "radiusX", "radiusY"},
    "polygon": {"points"},
    "brush": {"rle"},
    "bitmask": {"imageDataURL"},
    "videorectangle": {"sequence"},
    "keypoint": {"x", "y"},
}


def several_labels(regions: Iterable[Region]) -> list[str]:
    """The labels of the first region that has several, for a notice."""
    return next((list(region.labels) for region in regions if len(region.labels) > 1), [])


def in_words(labels: Sequence[str]) -> str:
    return few([repr(label[:40]) for label in labels], 4)
