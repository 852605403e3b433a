"""Size and orientation of an image file, without decoding it."""

import os
import stat
import struct
import zlib
from typing import NamedTuple

import google_crc32c
from PIL import Image, UnidentifiedImageError

from boxwright.convert.reading.files import open_nonblocking
from boxwright.convert.reading.source import Fault

ORIENTATION = 0x0112  # EXIF tag
# Pillow calls a JPEG with previews behind it, as cameras write it, MPO.
JPEG = ("JPEG", "MPO")
# A photo larger than Pillow's limit is no attack here: the user named the folder.
Image.MAX_IMAGE_PIXELS = None
# Values (three a pixel) of which TensorFlow's decoders take fewer; a damaged size would fill the memory.
_MOST_VALUES = 1 << 29
# What Pillow's readers raise for files that are damaged, each in its own way.
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
# Bytes in which a JPEG without EXIF has its size.
_BEGINNING = 1 << 14
# Second bytes of JPEG's markers; the others are Huffman tables, restarts, JFIF, Adobe's colours and comments.
_FRAMES, _SCAN, _QUANTISATION, _JFIF = (0xC0, 0xC1, 0xC2), 0xDA, 0xDB, 0xE0
_OTHERS = (0xC4, 0xDD, _JFIF, 0xEE, 0xFE)


class Header(NamedTuple):
    """width, height: of the pixels as stored; orientation: EXIF's 1..8, 1 where there is none; plain: a JPEG in
    RGB or gray; hint: length and CRC of the first bytes, equal for equal files."""

    width: int
    height: int
    orientation: int
    plain: bool
    hint: tuple[int, int]


def read_header(file: str) -> Header | Fault:
    try:
        with open(file, "rb", buffering=0, opener=open_nonblocking) as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Fault("undecodable", "not a regular file")
            beginning = opened.read(_BEGINNING)
            hint = status.st_size, google_crc32c.value(beginning)
        size = _size_of_jpeg(beginning)
        header = Header(*size, 1, True, hint) if size else _by_pillow(file, hint)
        return _too_large(header) or header
    except FileNotFoundError:
        return Fault("missing", "no such file")
    except UnidentifiedImageError as error:
        return fault_of(error) if os.stat(file).st_size else Fault("undecodable", "empty file")
    except DAMAGE as error:
        return fault_of(error)


def _too_large(header: Header) -> Fault | None:
    if 3 * header.width * header.height < _MOST_VALUES:
        return None
    return Fault("undecodable", f"{header.width} x {header.height} pixels, more than TensorFlow decodes")


def _size_of_jpeg(data: bytes) -> tuple[int, int] | None:
    """(width, height) of an 8-bit JPEG in RGB or gray whose header is sound and holds no EXIF, in a fifth of Pillow's time;
    None for every other file, which is Pillow's to judge."""
    if data[:2] != b"\xff\xd8":
        return None
    at, size = 2, None
    while (start := data[at : at + 4])[:1] == b"\xff" and len(start) == 4:
        marker, end = start[1], at + 2 + int.from_bytes(start[2:], "big")
        segment = data[at + 4 : end]
        if marker == _SCAN:
            return size
        if marker in _FRAMES and not size and segment[:1] == b"\x08" and len(segment) in (9, 15):
            size = _size_of_frame(segment)
        elif not _says_nothing(marker, segment):
            return None
        at = end
    return None


def _size_of_frame(segment: bytes) -> tuple[int, int] | None:
    """Of a segment that begins with depth, height, width and the number of components, of three bytes each."""
    height, width = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
    return (width, height) if width and height and len(segment) == 6 + 3 * segment[5] else None


def _says_nothing(marker: int, segment: bytes) -> bool:
    """Whether a segment is whole and bears neither on size nor on orientation."""
    if marker == _QUANTISATION:  # one or more tables of 64 bytes, before each its number
        return len(segment) % 65 == 0 and max(segment[::65], default=16) < 16
    return marker in _OTHERS and (marker != _JFIF or len(segment) >= 14)


def _by_pillow(file: str, hint: tuple[int, int]) -> Header:
    with Image.open(file) as image:
        orientation = _orientation(image)
        plain = image.format in JPEG and image.mode in ("RGB", "L")
        return Header(*image.size, orientation if orientation in range(1, 9) else 1, plain, hint)


def _orientation(image: Image.Image) -> int:
    """As EXIF has it. Pillow's `getexif` would take XMP's instead, which annotation tools do not, and decode a PNG for it."""
    if image.format == "TIFF":
        return image.tag_v2.get(ORIENTATION, 1)
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return exif.get(ORIENTATION, 1)


def fault_of(error: Exception) -> Fault:
    """What Pillow's complaint about a damaged file means."""
    if isinstance(error, UnidentifiedImageError):  # which names where in memory the file lies
        return Fault("undecodable", "not an image that Pillow knows")
    said = str(error) or type(error).__name__
    return Fault("truncated" if "truncated" in said.lower() else "undecodable", said)
