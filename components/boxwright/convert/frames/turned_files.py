"""Files that were turned by 90 degrees after labelling, where the boxes are fractions of the sides and no size is claimed.

Programs turn the pixels of a photo by its EXIF orientation and remove the orientation. Boxes that were drawn on the pixels before
are whole pixels only if width and height are exchanged.
"""

from collections.abc import Sequence
from pathlib import Path

from boxwright.convert import notices
from boxwright.convert.frames.frame import Item, exchanged, stored_size, text
from boxwright.convert.frames.whole_pixels import WholePixels
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError

# Images that are looked at: enough to find a share of a few percent.
_SAMPLE = 128
# Images whose boxes are all whole pixels in the exchanged frame only. One box is so by chance once in 36 times at most.
_FEWEST, _SHARE = 3, 0.03
# The share from which the conversion stops.
_MANY = 0.2
# Fractions reach this far only if they were divided by another side than their own.
_BEYOND = 1.02


def check(items: Sequence[Item], root: Path) -> list[Finding]:
    """items: images without EXIF orientation and without claimed size, with boxes in fractions. root: of the data.

    Raises UserError if a fifth of them or more were turned.
    """
    sample = items[:: max(1, len(items) // _SAMPLE)]
    turned = [item for item in sample if _is_turned(item)]
    if any(map(_reaches_beyond, turned)):  # the fractions were divided by the other side: `misread_boxes` says so
        return []
    if len(turned) < max(_FEWEST, _SHARE * len(sample)):
        return []
    claim = (
        f"The boxes of {len(turned)} of {plurals.count(len(sample), 'image')} that were looked at are whole pixels only if width "
        f"and height are exchanged (first {turned[0].image.filename[:200]}, {text(stored_size(turned[0].header))}): these files "
        "were turned by 90 degrees after labelling, as programs do that save a photo upright without its EXIF orientation, or x "
        "and y of the boxes are exchanged"
    )
    remedy = (
        "Take the files as they were labelled. If x and y are exchanged, re-run with --boxes-as and an order with y first. "
        "If the boxes fit the files as they are, re-run with --boxes-for stored."
    )
    if len(turned) >= _MANY * len(sample):
        raise UserError(f"{root}: {claim}. {remedy}")
    return [
        notices.build(
            "files_turned", "Images were turned after labelling", claim, count=len(turned), of=len(sample), severity="high",
            items=tuple(item.image.filename for item in turned), remedy=remedy,
        )
    ]  # fmt: skip


def _is_turned(item: Item) -> bool:
    whole, size = WholePixels(), stored_size(item.header)
    whole.add(item.image, size, exchanged(size))
    return whole.only_second()


def _reaches_beyond(item: Item) -> bool:
    return any(max(box.box_xyxy) > _BEYOND for box in item.image.objects if box.fault is None)
