"""Draws one view of an image: the part that it shows, with the boxes in question."""

import io

from PIL import Image, ImageDraw

from boxwright.core.html import page_base
from boxwright.diagnose.findings.examples import Box, Mark, View

# The longest side in pixels, and the factor up to which a close-up is magnified.
SIDE, _MAGNIFIED = 480, 12
COLOURS = {"red": "#e5252a", "green": "#16a34a", "blue": "#1d6ff2", "grey": "#9aa4b2"}
_HALO, _DASH = "#ffffff", 6


def uri(picture: Image.Image, view: View, side: int = SIDE) -> str:
    """The view as a small JPEG in a data URI. picture: the whole image, RGB. side: of the result, in pixels."""
    encoded = io.BytesIO()
    draw(picture, view, side).save(encoded, "JPEG", quality=82)
    return page_base.data_uri(encoded.getvalue())


def draw(picture: Image.Image, view: View, side: int = SIDE) -> Image.Image:
    """The part that the view shows, with its longest side `side` pixels long, or less if that would magnify it too much."""
    if view.at_input:
        picture = picture.resize((view.at_input, view.at_input), Image.Resampling.BILINEAR)
    window = _pixels(view.around, picture.size)
    width, height = window[2] - window[0], window[3] - window[1]
    factor = min(side / max(width, height), _MAGNIFIED)
    shown = (max(round(width * factor), 1), max(round(height * factor), 1))
    how = Image.Resampling.NEAREST if view.at_input else Image.Resampling.LANCZOS
    part = picture.resize(shown, how, window)
    pen = ImageDraw.Draw(part)
    for mark in view.marks:
        _mark(pen, mark, view.around, part.size)
    return part


def _pixels(around: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of the part, at least two pixels wide and high, inside the image."""
    width, height = size
    left, right = _stretch(around[1] * width, around[3] * width, width)
    top, bottom = _stretch(around[0] * height, around[2] * height, height)
    return left, top, right, bottom


def _stretch(low: float, high: float, most: int) -> tuple[float, float]:
    low, high = min(max(low, 0.0), most), min(max(high, 0.0), most)
    if high - low >= min(2, most):
        return low, high
    low = min(max((low + high) / 2 - 1, 0.0), max(most - 2, 0))
    return low, min(low + 2, most)


def _mark(pen: ImageDraw.ImageDraw, mark: Mark, around: Box, size: tuple[int, int]) -> None:
    """Draws the outline around the box, so that a small object stays visible. A white line keeps it apart from the picture."""
    spans = max(around[2] - around[0], 1e-9), max(around[3] - around[1], 1e-9)
    top, left, bottom, right = (
        (side - around[i % 2]) / spans[i % 2] * size[1 - i % 2] for i, side in enumerate(mark.yxyx)
    )
    far = 4 * max(size)  # a stranger's box may lie far outside
    left, top, right, bottom = (min(max(round(v), -far), far) for v in (left, top, right, bottom))
    if right < left or bottom < top:
        return
    pen.rectangle((left - 4, top - 4, right + 4, bottom + 4), outline=_HALO, width=1)
    if mark.colour == "blue":
        _dashed(pen, (left - 3, top - 3, right + 3, bottom + 3), COLOURS[mark.colour])
    else:
        width = 1 if mark.colour == "grey" else 3
        pen.rectangle((left - 3, top - 3, right + 3, bottom + 3), outline=COLOURS[mark.colour], width=width)


def _dashed(pen: ImageDraw.ImageDraw, sides: tuple[int, int, int, int], colour: str) -> None:
    left, top, right, bottom = sides
    for x in range(left, right, 2 * _DASH):
        for y in (top, bottom):
            pen.line((x, y, min(x + _DASH, right), y), fill=colour, width=3)
    for y in range(top, bottom, 2 * _DASH):
        for x in (left, right):
            pen.line((x, y, x, min(y + _DASH, bottom)), fill=colour, width=3)
