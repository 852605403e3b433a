"""VOC objects: `<bndbox>`, and what other tools write in its place or beside it.

- roLabelImg: `<robndbox>` with cx, cy, w, h and an angle in radians. Datasets such as DIOR-R write four corners into it.
- LabelMe and RectLabel: `<polygon>` with points. The box of other tools lies beside their polygon and counts.
- CVAT: the box as it was before it was turned, and the angle as attribute `rotation`, in degrees around the center.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from boxwright.convert.objects.turned_boxes import Box, Unit, box_around_turned, in_radians
from boxwright.convert.reading.fields import parse_number
from boxwright.convert.reading.segmentations import box_around
from boxwright.convert.reading.source import NO_BOX, Fault, Object

Element = ElementTree.Element
SIDES = ("xmin", "ymin", "xmax", "ymax")
_TURNED = ("cx", "cy", "w", "h", "angle")
# A file of roLabelImg has no angle beyond a whole turn. Other tools write degrees into its form.
_WHOLE_TURN = 2 * math.pi + 0.01


@dataclass
class Shapes:
    """How the objects of all files are read, and what was seen while they were read.

    origin: the value of xmin and ymin at the left and top edge, 0 or 1. unit: of the angles in `<robndbox>`. turned: how many
    objects are turned boxes. largest_angle: in `<robndbox>`, without its sign.
    """

    origin: float = 0.0
    unit: Unit = "radians"
    turned: int = 0
    largest_angle: float = 0.0

    @property
    def is_wrong_unit(self) -> bool:
        """Whether the angles that were read cannot be in this unit."""
        return self.unit == "radians" and self.largest_angle > _WHOLE_TURN


def object_of(element: Element, shapes: Shapes) -> Object:
    """An object without a box gets a fault that names what it has instead."""
    name = element.findtext("name")
    if not name or not name.strip():
        return Object("", NO_BOX, fault=Fault("unknown_class", "no <name>"))
    item = Object(name, NO_BOX, _is_set(element, "difficult"), _is_set(element, "truncated"))
    if _is_set(element, "deleted"):  # LabelMe
        return item._replace(fault=Fault("ignored_region", "deleted"))
    found = element.find("bndbox")
    box = NO_BOX if found is None else _box_of_bndbox(found, element, shapes)
    if box[0] < box[2] and box[1] < box[3]:
        return item._replace(box_xyxy=box)
    if found is not None and not _has_other_shape(element):
        return item._replace(box_xyxy=box, fault=_fault_of_bndbox(found))
    try:
        return item._replace(box_xyxy=_box_without_bndbox(element, shapes))
    except ValueError as error:
        return item._replace(fault=Fault("no_box", str(error)[:200]))


def _has_other_shape(element: Element) -> bool:
    return any(element.find(shape) is not None for shape in ("robndbox", "polygon"))


def _fault_of_bndbox(box: Element) -> Fault | None:
    """The fault of a box that holds none of the four sides. Later checks find the other faults."""
    if any(box.find(side) is not None for side in SIDES):
        return None
    parts = ", ".join(f"<{part.tag:.40}>" for part in box[:10]) or "nothing"
    return Fault("no_box", f"<bndbox> has {parts}; expected {', '.join(f'<{side}>' for side in SIDES)}")


def _box_of_bndbox(box: Element, element: Element, shapes: Shapes) -> Box:
    left, top, right, bottom = (parse_number(box.findtext(side)) for side in SIDES)
    left, top = left - shapes.origin, top - shapes.origin
    if not (rotation := _rotation(element)):
        return left, top, right, bottom
    shapes.turned += 1
    angle = in_radians(rotation, "degrees")
    return box_around_turned((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, angle)


def _is_set(element: Element, flag: str) -> bool:
    return element.findtext(flag, "0").strip() == "1"


def _rotation(element: Element) -> float:
    """CVAT's attribute `rotation` in degrees; 0 if there is none. Text is an attribute of the user's own, such as `left`."""
    attributes = element.find("attributes")
    if attributes is None:
        return 0.0
    found = (a.findtext("value") for a in attributes.iterfind("attribute") if a.findtext("name") == "rotation")
    angle = parse_number(next(found, None))
    return angle if math.isfinite(angle) and angle % 360 else 0.0


def _box_without_bndbox(element: Element, shapes: Shapes) -> Box:
    """The upright box around a `<robndbox>`, else around a `<polygon>`. Raises ValueError if there is neither."""
    if (turned := element.find("robndbox")) is not None:
        shapes.turned += 1
        numbers = [parse_number(turned.findtext(part)) for part in _TURNED]
        if all(map(math.isfinite, numbers)):
            x, y, width, height, angle = numbers
            shapes.largest_angle = max(shapes.largest_angle, abs(angle))
            return box_around_turned(x, y, width, height, in_radians(angle, shapes.unit))
        return box_around(_corners(turned))
    if (polygon := element.find("polygon")) is not None:
        return box_around(_corners(polygon))
    parts = ", ".join(f"<{part.tag:.40}>" for part in element[:10])
    raise ValueError(f"no <bndbox>, <robndbox> or <polygon> in the object, which has {parts or 'nothing'}")


def _corners(shape: Element) -> list[tuple[float, float]]:
    """The points of a shape: `<pt><x/><y/></pt>` (LabelMe), or numbers in turn: `<x1/><y1/><x2/><y2/>`, `<x_left_top/>...`.

    Raises ValueError for less than three points.
    """
    points = [(part.findtext("x"), part.findtext("y")) for part in shape if part.find("x") is not None]
    if not points:
        xs, ys = (_texts(shape, axis) for axis in "xy")
        points = list(zip(xs, ys, strict=False)) if len(xs) == len(ys) else []
    if len(points) < 3:
        raise ValueError(f"no <bndbox>, and {len(points)} points in <{shape.tag}>, expected three or more")
    return [(parse_number(x), parse_number(y)) for x, y in points]


def _texts(shape: Element, axis: str) -> Sequence[str | None]:
    """The texts of `<x1>`, `<x2>`, ... in their order."""
    return [part.text for part in shape if part.tag.startswith(axis)]
