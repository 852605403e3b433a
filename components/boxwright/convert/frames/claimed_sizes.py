"""Images whose file has another size than their annotation claims: resized after labelling, or the claim is wrong.

The boxes show which of the two frames they were drawn on. If they do not show it, the images are quarantined.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from boxwright.convert.frames import claim_notices
from boxwright.convert.frames.fits import Tally
from boxwright.convert.frames.frame import (
    Decided,
    Frame,
    Item,
    as_stored,
    as_upright,
    exchanged,
    same_ratio,
    stored_size,
    text,
    upright_size,
)
from boxwright.convert.frames.whole_pixels import WholePixels
from boxwright.convert.reading.source import Fault
from boxwright.core.findings import Finding

Notice = Callable[[Sequence[Item], int], Finding]
Kind = Literal["exchanged", "resized", "other"]
# The largest share of images with another ratio of sides beside resized ones. With more, the images were padded, cropped or
# mixed up, and equal ratios are a coincidence.
_OTHERS = 0.05
# Sizes that differ by rounding only: either frame gives the same boxes.
_ROUNDING_PX = 2


def decide(items: Sequence[Item], agreeing: int, total: int) -> Decided:
    """items: images whose annotation claims a size that is neither that of the file nor that of the file turned by EXIF.

    agreeing: how many other images have a claim that fits, and sides that differ. total: the number of all images.
    """
    groups: dict[Kind, list[Item]] = {"exchanged": [], "resized": [], "other": []}
    for item in items:
        groups[_kind(item)].append(item)
    by_exchange, corrected = _decide_exchanged(groups["exchanged"], agreeing, total)
    resized, other = [*groups["resized"], *corrected], groups["other"]
    if len(other) > _OTHERS * (len(other) + len(resized)):
        resized, other = [], resized + other
    parts = (by_exchange, _decide_resized(resized, total), _refused(other, claim_notices.other_ratio, total))
    return Decided(
        {place: frame for part in parts for place, frame in part.frames.items()},
        [notice for part in parts for notice in part.notices],
    )


def claimed(item: Item) -> tuple[int, int]:
    assert item.image.size
    return item.image.size


def scaled(item: Item) -> Frame | None:
    """The frame if the boxes were drawn on an image of the claimed size. None if the ratio of its sides differs."""
    size, header = claimed(item), item.header
    if same_ratio(size, upright_size(header)):
        return as_upright(header, size)
    return as_stored(header, size) if same_ratio(size, stored_size(header)) else None


def mismatch(item: Item) -> Fault:
    return Fault("size_mismatch", f"annotated {text(claimed(item))}, the file is {text(upright_size(item.header))}")


def _kind(item: Item) -> Kind:
    if scaled(item):
        return "resized"
    return "exchanged" if same_ratio(exchanged(claimed(item)), upright_size(item.header)) else "other"


def _decide_exchanged(items: Sequence[Item], agreeing: int, total: int) -> tuple[Decided, list[Item]]:
    """A script that takes numpy's shape for width and height exchanges them. The exchanged claim is right, then.

    The second result is the images that were resized, too, with the corrected claim.
    """
    if not items:
        return Decided({}, []), []
    if why_not := _why_not_exchanged(items, agreeing):
        return _refused(items, why_not, total), []
    corrected = [item._replace(image=item.image._replace(size=exchanged(claimed(item)))) for item in items]
    sound = [item for item in corrected if claimed(item) == upright_size(item.header)]
    resized = [item for item in corrected if claimed(item) != upright_size(item.header)]
    return Decided(_as_in_file(sound), [claim_notices.sides_exchanged(items, total)]), resized


def _why_not_exchanged(items: Sequence[Item], agreeing: int) -> Notice | None:
    """Boxes in pixels show it by the frame that they fit. Boxes in fractions show it by the frame in which they are whole pixels.

    If all claims are exchanged, one box is enough evidence, because a script treats all images alike.
    """
    pixels, fractions, whole = Tally(), Tally(), WholePixels()
    for item in items:
        width, height = claimed(item)
        if item.image.fractions:
            fractions.add(item.image.objects, (1.0, 1.0), (height / width, width / height))
            whole.add(item.image, (height, width), (width, height))
        else:
            pixels.add(item.image.objects, (height, width), (width, height))
    if fractions.shows_second():
        return claim_notices.fractions_exchanged
    if pixels.shows_second() or whole.show_second():
        return claim_notices.images_turned
    fit = pixels.shows_first() or (not agreeing and pixels.shows_first(enough=1))
    shown = (fit or not pixels.boxes) and (whole.show_first() or not fractions.boxes)
    return None if shown and (pixels.boxes or fractions.boxes) else claim_notices.exchanged_undecided


def _decide_resized(items: Sequence[Item], total: int) -> Decided:
    """Fractions of the sides stay right when an image is resized."""
    if not items:
        return Decided({}, [])
    pixels = [item for item in items if not item.image.fractions]
    drawn_on = _drawn_on(pixels)
    if pixels and not drawn_on:
        return _refused(items, claim_notices.resized_undecided, total)
    if drawn_on == "file":
        return Decided(_as_in_file(items), [claim_notices.claims_ignored(items, total)])
    notice = claim_notices.scaled if pixels else claim_notices.fractions_kept
    return Decided({item.place: scaled(item) or mismatch(item) for item in items}, [notice(items, total)])


def _drawn_on(items: Sequence[Item]) -> Literal["claim", "file", ""]:
    """Whether the boxes were drawn on images of the claimed size or of the file's; empty if they do not show it."""
    if all(_differs_by_rounding(item) for item in items):
        return "claim"
    tally = Tally()
    for item in items:
        tally.add(item.image.objects, claimed(item), _file_size(item))
    if tally.shows_first() or tally.fills_first():
        return "claim"
    return "file" if tally.shows_second() or tally.fills_second() else ""


def _file_size(item: Item) -> tuple[int, int]:
    frame = scaled(item)
    return (frame.width, frame.height) if frame else upright_size(item.header)


def _differs_by_rounding(item: Item) -> bool:
    return all(abs(a - b) <= _ROUNDING_PX for a, b in zip(claimed(item), _file_size(item), strict=True))


def _as_in_file(items: Sequence[Item]) -> dict[int, Frame | Fault]:
    return {item.place: as_upright(item.header) for item in items}


def _refused(items: Sequence[Item], notice: Notice, total: int) -> Decided:
    return Decided({item.place: mismatch(item) for item in items}, [notice(items, total)] if items else [])
