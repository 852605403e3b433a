"""The frames that --boxes-for gives."""

from collections.abc import Sequence

from boxwright.convert.frames import claim_notices
from boxwright.convert.frames.boxes_for import BoxesFor
from boxwright.convert.frames.claimed_sizes import claimed, mismatch, scaled
from boxwright.convert.frames.frame import (
    Decided,
    Frame,
    Item,
    Size,
    as_stored,
    as_upright,
    exchanged,
    is_mismatched,
    same_ratio,
    text,
    upright_size,
)
from boxwright.convert.reading.source import Fault
from boxwright.core.runtime.errors import UserError


def choose(items: Sequence[Item], wanted: BoxesFor, total: int) -> Decided:
    """The frames of the images that --boxes-for decides: with `annotated` and `stretched`, only those of another size.

    total: the number of all images. Raises UserError if --boxes-for has no meaning for these data.
    """
    if wanted.kind == "auto":
        return Decided({}, [])
    _check(items, wanted)
    by_claim = wanted.kind in ("annotated", "stretched")
    frames = {item.place: _frame(item, wanted) for item in items if not by_claim or is_mismatched(item)}
    lost = [item for item in items if isinstance(frames.get(item.place), Fault)]
    return Decided(frames, [claim_notices.not_scaled(lost, total, wanted)] if lost else [])


def _check(items: Sequence[Item], wanted: BoxesFor) -> None:
    labelled = [item.image for item in items if item.image.objects]
    if wanted.kind in ("annotated", "stretched") and not any(image.size for image in labelled):
        raise UserError(
            f"--boxes-for {wanted.kind}: the annotations claim no image size; give the size that the images had when they were "
            "labelled, such as --boxes-for 1280x960"
        )
    if wanted.kind in ("size", "factor") and labelled and all(image.fractions for image in labelled):
        raise UserError(
            "--boxes-for gives the size of the images when they were labelled, but the boxes of these data are fractions of the "
            "sides, which stay right when an image is resized; leave the flag out"
        )


def _frame(item: Item, wanted: BoxesFor) -> Frame | Fault:
    header = item.header
    match wanted.kind:
        case "stored":
            return as_stored(header)
        case "annotated":
            return scaled(item) or mismatch(item)
        case "stretched":
            size = claimed(item)
            return as_upright(header, size) if same_ratio(size, size) else mismatch(item)
        case "factor":
            width, height = upright_size(header)
            return as_upright(header, (max(1, round(width * wanted.factor)), max(1, round(height * wanted.factor))))
        case "size":
            return _frame_of_size(item, (wanted.width, wanted.height))
        case _:
            return as_upright(header)


def _frame_of_size(item: Item, size: Size) -> Frame | Fault:
    """The sides are exchanged for an image in portrait if the size is in landscape, and the other way round."""
    now = upright_size(item.header)
    for drawn in (size, exchanged(size)):
        if same_ratio(drawn, now):
            return as_upright(item.header, drawn)
    return Fault("size_mismatch", f"labelled as {text(size)}, the file is {text(now)}")
