"""Images of other depths and colours as 8-bit RGB or gray. Large images are converted in bands, with little memory."""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

# Pixels of a band, and at least one row.
_BAND = 1 << 20


def rgb(image: Image.Image) -> Image.Image:
    """The image in 8-bit RGB or gray. Pillow's own conversion would clip 16-bit gray instead of scaling it.

    Raises ValueError for numbers of unknown scale.
    """
    if image.mode.startswith("I;16"):
        image = _gray(image, lambda numbers: numbers >> 8)
    elif image.mode in ("I", "F"):
        scale = 255 / _scale(image)
        image = _gray(image, lambda numbers: (numbers.astype(np.float64) * scale).round())
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def highest(image: Image.Image) -> int:
    """The highest number of a 16-bit gray image."""
    return int(max(numbers.max() for _, numbers in _bands(image)))


def _bands(image: Image.Image) -> Iterator[tuple[int, np.ndarray]]:
    """The image in bands of whole rows, each with its first row, so that calculations need little memory."""
    rows = max(1, _BAND // image.width)
    for top in range(0, image.height, rows):
        yield top, np.asarray(image.crop((0, top, image.width, min(top + rows, image.height))))


def _gray(image: Image.Image, eight_bit: Callable[[np.ndarray], np.ndarray]) -> Image.Image:
    """An image in gray. eight_bit: gives the 8-bit numbers of a band."""
    gray = Image.new("L", image.size)
    for top, numbers in _bands(image):
        gray.paste(Image.fromarray(eight_bit(numbers).astype(np.uint8)), (0, top))
    return gray


def _scale(image: Image.Image) -> int:
    """The number that means white: 1 (unless all numbers are whole), 255 or 65535."""
    extremes = [(numbers.min(), numbers.max(), (numbers == numbers.round()).all()) for _, numbers in _bands(image)]
    lowest, highest, whole = zip(*extremes, strict=True)
    low, high = np.min(lowest), np.max(highest)
    scales = [top for top in (1, 255, 65535) if low >= 0 and high <= top]
    if scales[:1] == [1] and all(whole):
        scales = scales[1:]
    if not scales:  # every comparison with NaN is false
        raise ValueError(f"numbers from {low:g} to {high:g}, whose scale is not known; export 8 bits a channel")
    return scales[0]
