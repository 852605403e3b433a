"""Size and orientation of an image file, without decoding it."""

import io
import os
import stat
from typing import IO, NamedTuple

import google_crc32c
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from boxwright.convert.reading.files import open_no_link
from boxwright.convert.reading.source import Fault
from boxwright.core.images import memory, opening, other_kinds
from boxwright.core.images.opening import DAMAGE, JPEG

ORIENTATION = 0x0112  # EXIF tag
# Bytes that hold the size of a JPEG without EXIF.
_BEGINNING = 1 << 14
# Second bytes of JPEG's markers.
_FRAMES, _SCAN, _QUANTISATION, _JFIF = (0xC0, 0xC1, 0xC2), 0xDA, 0xDB, 0xE0
# Huffman tables, restarts, JFIF, Adobe's colours and comments.
_OTHERS = (0xC4, 0xDD, _JFIF, 0xEE, 0xFE)


class Header(NamedTuple):
    """width, height: of the pixels as stored. orientation: EXIF's 1..8, 1 if there is none. plain: a JPEG in RGB or gray.
    hint: length of the file and CRC of its first bytes. Equal files have equal hints."""

    width: int
    height: int
    orientation: int
    plain: bool
    hint: tuple[int, int]


def read_header(file: str) -> Header | Fault:
    """The header of an image file, or why it cannot be decoded."""
    beginning = b""
    try:
        with open(file, "rb", buffering=0, opener=open_no_link) as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Fault("undecodable", "not a regular file")
            memory.check_file(status.st_size)
            beginning = opened.read(_BEGINNING)
            hint = status.st_size, google_crc32c.value(beginning)
            size = _size_of_jpeg(beginning)
            if not size:
                return _by_pillow(io.BufferedReader(opened), hint)
        opening.check_size(*size)
        return Header(*size, 1, True, hint)
    except FileNotFoundError:
        return Fault("missing", "no such file")
    except UnidentifiedImageError as error:
        return _fault(error, beginning) if os.stat(file).st_size else Fault("undecodable", "empty file")
    except DAMAGE as error:
        return _fault(error, beginning)


def _fault(error: Exception, beginning: bytes) -> Fault:
    """The fault of a file that no reader can open. What it really is says more than the error."""
    kind = other_kinds.describe(beginning)
    return Fault("undecodable", kind) if kind else fault_from_error(error)


def _size_of_jpeg(data: bytes) -> tuple[int, int] | None:
    """(width, height) of an 8-bit JPEG in RGB or gray with a sound header and no EXIF; None for any other file.

    This takes a fifth of Pillow's time. Pillow reads the other files.
    """
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
        elif not _is_irrelevant(marker, segment):
            return None
        at = end
    return None


def _size_of_frame(segment: bytes) -> tuple[int, int] | None:
    """The segment holds depth, height, width and the number of components, then three bytes for each component."""
    height, width = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
    return (width, height) if width and height and len(segment) == 6 + 3 * segment[5] else None


def _is_irrelevant(marker: int, segment: bytes) -> bool:
    """Whether a segment is complete and says nothing about size or orientation."""
    if marker == _QUANTISATION:  # one or more tables, each a number and 64 bytes
        return len(segment) % 65 == 0 and max(segment[::65], default=16) < 16
    return marker in _OTHERS and (marker != _JFIF or len(segment) >= 14)


def _by_pillow(file: IO[bytes], hint: tuple[int, int]) -> Header:
    with opening.open_image(file) as image:
        orientation = _orientation(image)
        plain = image.format in JPEG and image.mode in ("RGB", "L")
        return Header(*image.size, orientation if orientation in range(1, 9) else 1, plain, hint)


def _orientation(image: Image.Image) -> int:
    """The orientation in EXIF. Pillow's `getexif` also reads XMP, which annotation tools do not, and decodes a whole PNG."""
    if isinstance(image, TiffImageFile):
        return image.tag_v2.get(ORIENTATION, 1)
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return exif.get(ORIENTATION, 1)


def fault_from_error(error: Exception) -> Fault:
    """The fault for an error of DAMAGE."""
    said = opening.describe(error)
    return Fault("truncated" if "truncated" in said.lower() else "undecodable", said)
