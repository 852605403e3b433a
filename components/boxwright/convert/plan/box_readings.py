"""Orders and units in which tools write the four numbers of a box. Standard library only."""

from typing import NamedTuple

from boxwright.core.runtime.errors import UserError, shown


class Order(NamedTuple):
    """places: where left (or the center's x), top (or the center's y), and the two numbers of the other side stand among the
    four numbers. kind: what the last two are and the first two: `corners`, `size` (left, top, width, height), or `center`.
    """

    kind: str
    places: tuple[int, int, int, int]
    words: str


# The more usual one first: of two orders that fit equally, the first is named.
ORDERS = {
    "xyxy": Order("corners", (0, 1, 2, 3), "left, top, right, bottom"),
    "xywh": Order("size", (0, 1, 2, 3), "left, top, width, height"),
    "cxcywh": Order("center", (0, 1, 2, 3), "center x, center y, width, height"),
    "yxyx": Order("corners", (1, 0, 3, 2), "top, left, bottom, right"),
    "yxhw": Order("size", (1, 0, 3, 2), "top, left, height, width"),
    "cycxhw": Order("center", (1, 0, 3, 2), "center y, center x, height, width"),
    "xyhw": Order("size", (0, 1, 3, 2), "left, top, height, width"),
    "cxcyhw": Order("center", (0, 1, 3, 2), "center x, center y, height, width"),
    "xxyy": Order("corners", (0, 2, 1, 3), "left, right, top, bottom"),
    "yyxx": Order("corners", (2, 0, 3, 1), "top, bottom, left, right"),
    "trbl": Order("corners", (3, 0, 1, 2), "top, right, bottom, left"),
    "lbrt": Order("corners", (0, 3, 2, 1), "left, bottom, right, top"),
    "rblt": Order("corners", (2, 3, 0, 1), "right, bottom, left, top"),
}
# Those that are named beside the best one, if they fit equally.
USUAL = ("xyxy", "xywh", "cxcywh")


class Unit(NamedTuple):
    """scale: what a whole side is in this unit; 0: as many as it has pixels. per_pixel: which power of the image's side a number
    must still be multiplied with. swapped: that side is the other one."""

    words: str
    whole: float = 1.0
    power: int = 1
    swapped: bool = False


UNITS = {
    "pixels": Unit("pixels", power=0),
    "fractions": Unit("fractions of the image's sides (0 to 1)"),
    "percent": Unit("percent of the image's sides (0 to 100)", 100.0),
    "thousandths": Unit("thousandths of the image's sides (0 to 1000)", 1000.0),
    "swapped": Unit("x divided by the height and y by the width", swapped=True),
    "twice": Unit("fractions that were divided by the width and the height twice", power=2),
}
# Units that `--boxes-as` takes. The others are mistakes of a calculation, which is better done again.
GIVEN_UNITS = ("pixels", "fractions", "percent", "thousandths")


class Reading(NamedTuple):
    """How to read four numbers: a key of ORDERS and one of UNITS."""

    order: str
    unit: str

    @property
    def words(self) -> str:
        return f"{ORDERS[self.order].words}, in {UNITS[self.unit].words}"


# Of the formats that do not write corners.
_ORDERS_OF_FORMATS = {"coco": "xywh", "yolo": "cxcywh", "via": "xywh", "labelstudio": "xywh"}


def of_format(name: str, fractions: bool, written: str = "") -> Reading:
    """How a format writes its boxes. name: of the format. fractions: whether the reader returned fractions. written: the order of
    the file, if it is not that of the format."""
    unit = "percent" if name == "labelstudio" else "fractions"
    return Reading(written or _ORDERS_OF_FORMATS.get(name, "xyxy"), unit if fractions else "pixels")


class BoxesAs(NamedTuple):
    """The value of --boxes-as: keys of ORDERS and GIVEN_UNITS. An empty one is that of the format."""

    order: str = ""
    unit: str = ""


AS_FORMAT = BoxesAs()


def parse(text: str) -> BoxesAs:
    """Raises UserError for a word that is no order and no unit, and for a second order or unit."""
    order = unit = ""
    for word in text.lower().replace(",", " ").split():
        if word in ORDERS and not order:
            order = word
        elif word in GIVEN_UNITS and not unit:
            unit = word
        else:
            raise UserError(
                f"--boxes-as {shown(text)}: expected one of the orders {', '.join(ORDERS)}, one of the units "
                f"{', '.join(GIVEN_UNITS)}, or one of each, as in 'xywh percent'; {shown(word)} is neither, or a second one"
            )
    return BoxesAs(order, unit)
