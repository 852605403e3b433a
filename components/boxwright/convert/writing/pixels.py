"""Decodes an image once. Finds damage, and returns the bytes to store and the numbers for the image table."""

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import simplejpeg
from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile

from boxwright.convert.plan.image_headers import fault_from_error
from boxwright.convert.reading.files import read_in_place
from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import eight_bit, local_workers
from boxwright.core.images import jpeg_markers, memory, time_limit
from boxwright.core.images.opening import DAMAGE, JPEG, open_image

# decode: decode every image. trust: store JPEG files that begin and end correctly without decoding them.
Pixels = Literal["decode", "trust"]
# Brightness, contrast, sharpness and hash are measured at this longest side, so that they compare across resolutions. An SSD sees
# about as much, and a JPEG decoder reduces a camera's image to a half, a quarter or an eighth cheaply.
TABLE_SIDE = 320
_NARROW = 16
# The range of a 12-bit sensor, a sixteenth of what 16 bits hold.
_DARK = 1 << 12
_PNG_END = b"IEND\xaeB`\x82"


# A path, and `upright` and `plain` as in `load`.
File = tuple[str, bool, bool]


class Stored(NamedTuple):
    """encoded: JPEG or PNG, RGB or gray, 8 bit, upright. format: `jpeg` or `png`. note: code of what was changed, or empty.

    brightness, contrast: mean and standard deviation of luma in 0..1. sharpness: variance of its Laplacian, luma in 0..1. dhash:
    64-bit difference hash in hex. All four are None for an image that was not decoded.
    """

    encoded: bytes
    format: str
    note: str
    brightness: float | None = None
    contrast: float | None = None
    sharpness: float | None = None
    dhash: str | None = None

    def without_pixels(self) -> "Stored":
        return self._replace(encoded=b"")


def looks_whole(data: bytes) -> bool:
    """Whether a JPEG has its first and its last marker.

    A JPEG with data behind the last marker, as some cameras write it, counts as cut off.
    """
    return data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9"


def not_decoded(data: bytes) -> Stored | Fault:
    """A JPEG that is stored without decoding it. Training decodes it later, so that its scans count here, too."""
    excess = jpeg_markers.excess(data, jpeg_markers.read_frame(data))
    return Fault("undecodable", excess) if excess else Stored(data, "jpeg", "")


class _Decoded(NamedTuple):
    """What to store, as in `Stored`, and luma: (h, w) uint8, at a reduced scale if that costs less."""

    encoded: bytes
    format: str
    note: str
    luma: np.ndarray


def measure_files(files: Sequence[File]) -> list[Stored | Fault]:
    """What `load` measures in each file, without the bytes to store.

    All files are decoded before any is measured, which is five percent faster: the processor's cache keeps the code of one task.
    """
    decoded = [_from_file(*file) for file in files]
    return [one if isinstance(one, Fault) else _measured(*one) for one in decoded]


def _from_file(file: str, upright: bool, plain: bool) -> _Decoded | Fault:
    try:
        decoded = _decoded(read_in_place(file), upright, plain, encode=False)
    except OSError as error:
        return missing(error)
    return decoded if isinstance(decoded, Fault) else decoded._replace(encoded=b"")


def missing(error: OSError) -> Fault:
    """The fault of a file that cannot be opened."""
    return Fault("missing", str(error.strerror))


def load(data: bytes, *, upright: bool, plain: bool) -> Stored | Fault:
    """data: of an image file. upright: turn the pixels by their EXIF orientation. plain: a JPEG in RGB or gray, by its header."""
    decoded = _decoded(data, upright, plain, encode=True)
    return decoded if isinstance(decoded, Fault) else _measured(*decoded)


def _decoded(data: bytes, upright: bool, plain: bool, *, encode: bool) -> _Decoded | Fault:
    """encode: whether to encode pixels that cannot be stored as they are, which takes long."""
    frame = jpeg_markers.read_frame(data)
    if excess := jpeg_markers.excess(data, frame):
        return Fault("undecodable", excess)
    try:
        if plain and not upright and frame:
            with _turn(memory.of_jpeg(frame, len(data))):
                luma = _luma_of_jpeg(data)
            if luma is not None:
                return _Decoded(data, "jpeg", "", luma)
        with open_image(data) as image, _turn(memory.of_image(image, len(data))):
            with time_limit.limited():
                image.load()
            return _from_pillow(image, data, upright, encode)
    except DAMAGE as error:
        return fault_from_error(error)


@contextmanager
def _turn(needed: int) -> Iterator[None]:
    """Waits until no other process of this conversion decodes a large image. needed: bytes. Raises TooLarge."""
    if not memory.is_large(needed):
        yield
        return
    with local_workers.alone():
        memory.check(needed)
        yield


def _from_pillow(image: ImageFile, data: bytes, upright: bool, encode: bool) -> _Decoded:
    """image: with its pixels. They are freed before the copy of them is encoded."""
    note, format = _note(image, upright, data), image.format
    if not note:
        return _Decoded(data, "png", "", _luma(image))
    turned = ImageOps.exif_transpose(image) if upright else image
    if turned is not image:
        image.close()
    pixels = eight_bit.rgb(turned)
    if pixels is not turned:
        turned.close()
    encoded = _encode(pixels, format) if encode else (b"", "")
    return _Decoded(*encoded, note, _luma(pixels))


def _note(image: Image.Image, upright: bool, data: bytes) -> str:
    """Why the bytes cannot be stored as they are; empty if they can."""
    if upright:
        return "turned"
    if image.mode.startswith("I;16") and eight_bit.highest(image) < _DARK:
        return "dark_16_bit"
    if image.format not in (*JPEG, "PNG") or image.mode not in ("RGB", "L"):
        return "re_encoded"
    # A JPEG that a decoder complains about, or a PNG that Pillow reads completely and TensorFlow does not.
    return "" if image.format == "PNG" and _PNG_END in data else "repaired"


def _luma_of_jpeg(data: bytes) -> np.ndarray | None:
    """Luma at a reduced scale, which costs a fraction of a full decode. None if a decoder would complain.

    The scale is a half, a quarter or an eighth, which equals averaging. libjpeg's other scales make an image up to a fifth
    sharper.
    """
    try:
        size = [int(side) for side in simplejpeg.decode_jpeg_header(data)[:2]]
        shrink = next((by for by in (8, 4, 2) if max(size) >= by * TABLE_SIDE), 1)
        height, width = (math.ceil(side / shrink) for side in size)
        return simplejpeg.decode_jpeg(data, "GRAY", min_height=height, min_width=width, min_factor=1)[..., 0]
    except ValueError:
        return None


def _luma(image: Image.Image) -> np.ndarray:
    image = image.convert("L")
    image.thumbnail((2 * TABLE_SIDE, 2 * TABLE_SIDE))
    return np.asarray(image)


def _encode(pixels: Image.Image, source_format: str | None) -> tuple[bytes, str]:
    """A JPEG stays a JPEG: as PNG, a photo would be ten times the size."""
    output = io.BytesIO()
    if source_format in JPEG:
        pixels.save(output, "JPEG", quality=95, subsampling=0)
        return output.getvalue(), "jpeg"
    pixels.save(output, "PNG")
    return output.getvalue(), "png"


def _measured(encoded: bytes, format: str, note: str, luma: np.ndarray) -> Stored:
    values = _at_table_side(luma)
    edges = _laplacian(values).astype(np.float32)
    brightness, variance = _moments(values)
    return Stored(
        encoded,
        format,
        note,
        brightness=round(brightness / 255, 5),
        contrast=round(math.sqrt(variance) / 255, 5),
        sharpness=round(_products(edges, edges) / values.size / 255**2, 6),
        dhash=_dhash(values),
    )


def _at_table_side(luma: np.ndarray) -> np.ndarray:
    """Reduced to TABLE_SIDE, never enlarged.

    Each pixel is the mean of those whose centres it covers, which keeps the sharpness.
    """
    shrink = TABLE_SIDE / max(luma.shape)
    if shrink >= 1:
        return luma
    height, width = (max(1, round(side * shrink)) for side in luma.shape)
    if min(height, width) < _NARROW or luma.shape[0] > 2 * height or luma.shape[1] > 2 * width:
        return np.asarray(Image.fromarray(luma).resize((width, height), Image.Resampling.BOX, reducing_gap=2.0))
    # The same bits as Pillow gives, in a quarter of the time: whole rows are copied first.
    rows = _averaged(luma, 0, *_covered(luma.shape[0], height))
    return _averaged(rows, 1, *_covered(luma.shape[1], width))


@lru_cache(1 << 8)
def _covered(size: int, wanted: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of `wanted` pixels, the first of the one or two pixels that it covers, as Pillow computes it; then the indices
    of those that cover two, and their second pixel."""
    numbers = Image.fromarray(np.arange(size, dtype=np.float32)[None]).resize((wanted, 1), Image.Resampling.BOX)
    first, last = (rounded(np.asarray(numbers)[0]).astype(np.intp) for rounded in (np.floor, np.ceil))
    two = np.flatnonzero(first != last)
    return first, two, last[two]


def _averaged(luma: np.ndarray, axis: int, first: np.ndarray, two: np.ndarray, second: np.ndarray) -> np.ndarray:
    found = luma.take(first, axis)
    found[(slice(None),) * axis + (two,)] = _mean(found.take(two, axis), luma.take(second, axis))
    return found


def _mean(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The mean of uint8 arrays; a half is rounded up."""
    return (one | other) - ((one ^ other) >> 1)


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and variance of (h, w) uint8, from exact sums, so that they are the same on every processor."""
    rows, size = values.astype(np.float32), values.size
    total, squares = _products(rows, np.ones_like(rows[:1])), _products(rows, rows)
    return total / size, (size * squares - total**2) / size**2


def _products(rows: np.ndarray, others: np.ndarray) -> int:
    """The exact sum of the products of two (h, w) arrays of whole numbers in float32. No product is below 0."""
    # Row by row, because BLAS would start threads for one large product.
    sums = rows[:, None] @ others[:, :, None]
    if sums.max() >= 1 << 24:  # float32 has every whole number up to here
        sums = rows[:, None].astype(np.float64) @ others[:, :, None]
    return int(sums.sum(dtype=np.float64))


def _laplacian(values: np.ndarray) -> np.ndarray:
    """(h, w) int16 of uint8, with the edges repeated outwards, as in scipy.ndimage.laplace. Its mean is 0."""
    height, width = values.shape
    padded = np.empty((height + 2, width + 2), np.int16)
    padded[1:-1, 1:-1] = values
    padded[0], padded[-1] = padded[1], padded[-2]
    padded[:, 0], padded[:, -1] = padded[:, 1], padded[:, -2]
    # One long row takes half the time. The values at the padding are cut off at the end.
    flat, row = padded.ravel(), width + 2
    found = flat[: -2 * row] + flat[2 * row :]
    found -= 4 * flat[row:-row]
    found[1:] += flat[row : -row - 1]
    found[:-1] += flat[row + 1 : -row]
    return found.reshape(height, row)[:, 1:-1]


def _dhash(luma: np.ndarray) -> str:
    """Whether each pixel is brighter than its left neighbour, at 9 x 8, row by row.

    The same as imagehash.dhash, but for averaging boxes of pixels first, which takes a quarter of the time.
    """
    # `resize` with a `reducing_gap` of 4 does the same, more slowly.
    height, width = luma.shape
    box = max(1, width // 36), max(1, height // 32)
    image = Image.frombuffer("L", (width, height), np.ascontiguousarray(luma), "raw", "L", 0, 1).reduce(box)
    small = image.resize((9, 8), Image.Resampling.LANCZOS, (0, 0, width / box[0], height / box[1])).tobytes()
    pixels = np.frombuffer(small, np.uint8).reshape(8, 9)
    return np.packbits(pixels[:, 1:] > pixels[:, :-1]).tobytes().hex()
