"""The value of --boxes-for: which image the boxes were drawn on."""

import re
from typing import Literal, NamedTuple

from boxwright.core.runtime.errors import UserError, shown

Kind = Literal["auto", "upright", "stored", "annotated", "stretched", "size", "factor"]
_WORDS: tuple[Kind, ...] = ("auto", "upright", "stored", "annotated", "stretched")
_SIZE = re.compile(r"([1-9]\d{0,5})[xX]([1-9]\d{0,5})")
_FACTOR = re.compile(r"(\d{1,4}(?:\.\d{1,6})?)[xX]")

# A larger factor is a size without its second side, such as `1280x`.
_LARGEST_FACTOR = 100


class BoxesFor(NamedTuple):
    """width, height: pixels, of the kind `size`. factor: how many times larger the images were, of the kind `factor`."""

    kind: Kind = "auto"
    width: int = 0
    height: int = 0
    factor: float = 1.0


AUTO = BoxesFor()


def parse(text: str) -> BoxesFor:
    """Raises UserError for a text that is none of the words, no size and no factor."""
    word = text.strip().lower()
    if word in _WORDS:
        return BoxesFor(word)
    if size := _SIZE.fullmatch(word):
        return BoxesFor("size", int(size[1]), int(size[2]))
    if (factor := _FACTOR.fullmatch(word)) and 0 < float(factor[1]) <= _LARGEST_FACTOR:
        return BoxesFor("factor", factor=float(factor[1]))
    raise UserError(
        f"--boxes-for {shown(text)}: expected {', '.join(_WORDS)}, a size in pixels such as 1280x960, or how many times larger "
        "the images were, such as 4x"
    )
