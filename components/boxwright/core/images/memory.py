"""How much memory an image takes while it is decoded and stored, estimated before its pixels are decoded."""

from PIL.ImageFile import ImageFile

from boxwright.core.images.jpeg_markers import Frame
from boxwright.core.images.opening import TooLarge
from boxwright.core.runtime import limits

# Bytes of an image file. 178 million pixels of 16 bits and three channels have 1 GiB.
MOST_FILE = 2 * limits.GIB
# Bytes that one image may take, with its file. 151 million pixels of a camera, which have to be turned, take 1.4 GiB. The limit
# is the same on every machine, so that a data set is converted the same everywhere.
MOST = 2 * limits.GIB
# From here on, an image waits until no other process decodes one of this kind. 61 million pixels
# of a camera take less, so that only rare images wait.
LARGE = 640 * limits.MIB
# Bytes per pixel that Pillow's readers and our conversion hold at the same time, at most: the pixels, a converted or turned copy,
# luma, and the image encoded anew. Readers of WebP and AVIF hold two more copies.
_PER_PIXEL, _OWN_COPIES = 10, 8
_WITH_COPIES = ("WEBP", "AVIF")
# libjpeg keeps the coefficients of all scans, two bytes for each component.
_PER_COEFFICIENT = 2
_TILE_SIDES = (322, 323)  # TIFF tags of a tile's width and height
_PER_TILE_PIXEL = 16  # four channels of 32 bits


def of_image(image: ImageFile, file_bytes: int) -> int:
    """Bytes to decode an opened image and to store it anew. file_bytes: of its file."""
    width, height = image.size
    copies = _OWN_COPIES if image.format in _WITH_COPIES else 0
    return file_bytes + width * height * (_PER_PIXEL + copies) + _tile(image)


def _tile(image: ImageFile) -> int:
    """Bytes of one tile of a TIFF, which may be larger than the image."""
    tags = getattr(image, "tag_v2", {})
    sides = [int(tags.get(tag, 0)) for tag in _TILE_SIDES]
    return sides[0] * sides[1] * _PER_TILE_PIXEL


def of_jpeg(frame: Frame, file_bytes: int) -> int:
    """Bytes to decode a JPEG at a reduced scale."""
    coefficients = 0 if frame.single else frame.width * frame.height * frame.components * _PER_COEFFICIENT
    return file_bytes + coefficients


def check_file(size: int) -> None:
    """size: of a file, in bytes. Raises TooLarge."""
    if size > MOST_FILE:
        raise TooLarge(f"a file of {limits.in_words(size)}, at most {limits.in_words(MOST_FILE)} are read")


def check(needed: int) -> None:
    """needed: bytes to decode an image. Raises TooLarge for more than MOST, or than the machine has left now."""
    if needed > MOST:
        raise TooLarge(f"needs {limits.in_words(needed)} to decode, at most {limits.in_words(MOST)} are used")
    if needed > LARGE and needed > (left := limits.memory_left()):
        raise TooLarge(f"needs {limits.in_words(needed)} to decode, {limits.in_words(left)} of memory are free")


def is_large(needed: int) -> bool:
    return needed > LARGE
