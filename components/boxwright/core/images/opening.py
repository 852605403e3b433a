"""Opens an image with Pillow. No other module calls Pillow's `open`.

Pillow recognises a format by the first bytes, whatever the file is called. Some of its readers start programs (EPS starts
Ghostscript) or are hardly tested. Only the formats named here are tried.
"""

import io
import struct
import zlib
from typing import IO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)
from PIL.ImageFile import ImageFile

from boxwright.core.images import time_limit

# Formats of the suffixes in convert's IMAGE_SUFFIXES, but HEIC.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "AVIF", "PPM")
# Cameras append previews to a JPEG. Pillow opens such a file as JPEG, and then calls it MPO.
JPEG = ("JPEG", "MPO")
# The errors that Pillow's readers raise for damaged files.
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    LookupError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
# TensorFlow decodes only images with fewer values than this, three per pixel: 178 million pixels. A medium-format camera has 151.
MOST_VALUES = 1 << 29
# Pixels. No JPEG has a longer side. A BMP of one long row could otherwise ask for 255 rows more than its size says.
MOST_SIDE = 65_535
# Pillow's own limit is lower than what cameras have. `open_image` checks the limits above instead.
Image.MAX_IMAGE_PIXELS = None
# Importing a reader registers it. Otherwise Pillow would import all of its readers to find a format.
_READERS = (
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
_READERS += (AvifImagePlugin, PpmImagePlugin)


class TooLarge(ValueError):
    """The size of an image, and the limit that it exceeds."""


def open_image(source: str | bytes | IO[bytes]) -> ImageFile:
    """An image whose pixels are not decoded yet. source: a path, an open file or its bytes. Use it in a `with` statement.

    Raises TooLarge for a size above the limits, TooSlow, UnidentifiedImageError for any other format, and the other errors of
    DAMAGE for a damaged file.
    """
    with time_limit.limited():
        opened = Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS)
    try:
        check_size(*opened.size)
    except TooLarge:
        opened.close()
        raise
    return opened


def check_size(width: int, height: int) -> None:
    """width, height: in pixels. Raises TooLarge."""
    if 3 * width * height >= MOST_VALUES:
        raise TooLarge(f"{width} x {height} pixels, more than TensorFlow decodes")
    if max(width, height) > MOST_SIDE:
        raise TooLarge(f"{width} x {height} pixels; a side may have {MOST_SIDE}")


def describe(error: Exception) -> str:
    """Why an image cannot be decoded. error: one of DAMAGE."""
    if isinstance(error, UnidentifiedImageError):  # its text contains a memory address
        return f"not in a format that is read ({', '.join(FORMATS)})"
    return str(error) or type(error).__name__
