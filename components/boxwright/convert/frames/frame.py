"""The frame of one image: its size in the file, its turn, and the size of the image that its boxes were drawn on."""

from typing import NamedTuple

from boxwright.convert.plan.image_headers import Header
from boxwright.convert.reading.source import Fault, Image
from boxwright.core.findings import Finding

Size = tuple[int, int]
# Sides that are exchanged by EXIF's orientations 5 to 8.
_QUARTER_TURNS = 5
# Sides of images. JPEG has up to 65,535 pixels a side.
_LARGEST_PX = 1_000_000


class Frame(NamedTuple):
    """width, height: of the image as it is stored, pixels. upright: turn the pixels by the EXIF orientation.

    drawn: (width, height) of the image that the boxes were drawn on, pixels. It has another size if the image was resized after
    labelling.
    """

    width: int
    height: int
    upright: bool
    header: Header
    drawn: Size


class Item(NamedTuple):
    """An image whose frame is in question. place: its index among all images."""

    place: int
    image: Image
    header: Header


class Decided(NamedTuple):
    """The frames of the images that a rule is about, by their place, and what is to be said about them."""

    frames: dict[int, Frame | Fault]
    notices: list[Finding]


def is_mismatched(item: Item) -> bool:
    """Whether the annotation claims a size that the image has neither as stored nor turned by EXIF."""
    size = item.image.size
    return size is not None and size != stored_size(item.header) and size != upright_size(item.header)


def stored_size(header: Header) -> Size:
    return header.width, header.height


def upright_size(header: Header) -> Size:
    """The size after turning by the EXIF orientation."""
    return (header.height, header.width) if is_quarter_turned(header) else (header.width, header.height)


def is_quarter_turned(header: Header) -> bool:
    """Whether the EXIF orientation exchanges the sides, and the sides differ."""
    return header.orientation >= _QUARTER_TURNS and header.width != header.height


def as_stored(header: Header, drawn: Size | None = None) -> Frame:
    """The frame of the unturned pixels."""
    size = stored_size(header)
    return Frame(*size, False, header, drawn or size)


def as_upright(header: Header, drawn: Size | None = None) -> Frame:
    """The frame of the pixels after turning by the EXIF orientation."""
    size = upright_size(header)
    return Frame(*size, header.orientation != 1, header, drawn or size)


def exchanged(size: Size) -> Size:
    return size[1], size[0]


def same_ratio(one: Size, other: Size) -> bool:
    """Whether a single factor makes the first size the second one, if each side was rounded to whole pixels, up or down.

    No image has the sides of a nonsensical size, such as 1e300.
    """
    width, height = one
    if max(width, height, *other) > _LARGEST_PX:
        return False
    return (other[0] - 1) * height < (other[1] + 1) * width and (other[1] - 1) * width < (other[0] + 1) * height


def text(size: Size) -> str:
    """`640x480`. A nonsensical size, such as one of a thousand digits, is shortened."""
    return "x".join(str(side) if side <= _LARGEST_PX else f"more than {_LARGEST_PX}" for side in size)
