"""Settles the frame of every image: the size that its boxes were drawn for, and whether EXIF turns it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from boxwright.convert.frames import claimed_sizes, exif_frames, given_frames, turned_files
from boxwright.convert.frames.boxes_for import AUTO, BoxesFor
from boxwright.convert.frames.frame import Decided, Frame, Item, is_mismatched
from boxwright.convert.plan.image_headers import Header
from boxwright.convert.reading.source import Fault, Image
from boxwright.core.findings import Finding


class Settled(NamedTuple):
    """frames: one for each image, or why it has none."""

    frames: list[Frame | Fault]
    notices: list[Finding]


def settle(images: Sequence[Image], headers: Iterable[Header | Fault], root: Path, wanted: BoxesFor = AUTO) -> Settled:
    """headers: of each image, or its fault. root: of the data. wanted: the value of --boxes-for.

    Raises UserError if --boxes-for has no meaning for these data, and if many files were turned after labelling.
    """
    frames, items = _look(images, headers, every=wanted != AUTO)
    given = given_frames.choose(items, wanted, len(images))
    found = _decide([item for item in items if item.place not in given.frames], images)
    for place, frame in (given.frames | found.frames).items():
        frames[place] = frame
    turned = turned_files.check(_in_fractions(images, frames), root) if wanted == AUTO else []
    return Settled(frames, given.notices + found.notices + turned)


def _look(
    images: Sequence[Image], headers: Iterable[Header | Fault], *, every: bool
) -> tuple[list[Frame | Fault], list[Item]]:
    """The frames as the files are, and the images whose frame is in question.

    Those are turned by EXIF, or their claimed size is not that of the file. every: all images are in question.
    """
    frames: list[Frame | Fault] = []
    items: list[Item] = []
    for place, (image, header) in enumerate(zip(images, headers, strict=True)):
        if isinstance(header, Fault):
            frames.append(header)
            continue
        size = header.width, header.height
        frames.append(Frame(*size, False, header, size))
        if every or header.orientation != 1 or (image.size is not None and image.size != size):
            items.append(Item(place, image, header))
    return frames, items


def _in_fractions(images: Sequence[Image], frames: Sequence[Frame | Fault]) -> list[Item]:
    """The images that EXIF does not turn, with boxes in fractions and no claimed size."""
    return [
        Item(place, image, frame.header)
        for place, (image, frame) in enumerate(zip(images, frames, strict=True))
        if image.fractions and image.size is None and image.objects and isinstance(frame, Frame)
        if frame.header.orientation == 1 and frame.width != frame.height
    ]


def _decide(items: Sequence[Item], images: Sequence[Image]) -> Decided:
    """The frames in question, as the data show them."""
    mismatched = [item for item in items if is_mismatched(item)]
    turned = [item for item in items if item.header.orientation != 1 and not is_mismatched(item)]
    oblong = sum(image.size is not None and image.size[0] != image.size[1] for image in images) if mismatched else 0
    by_size = claimed_sizes.decide(mismatched, oblong - len(mismatched), len(images))
    by_turn = exif_frames.decide(turned, len(images))
    return Decided(by_size.frames | by_turn.frames, by_size.notices + by_turn.notices)
