"""Images that EXIF turns: whether the boxes were drawn on the turned image or on the pixels as stored.

The claimed size shows it, or the boxes: they fit one frame only, or their edges are whole pixels in one frame only. Otherwise the
turned image is assumed, and a notice says so.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

from boxwright.convert.frames import exif_notices
from boxwright.convert.frames.fits import Tally
from boxwright.convert.frames.frame import (
    Decided,
    Frame,
    Item,
    as_stored,
    as_upright,
    is_quarter_turned,
    stored_size,
    upright_size,
)
from boxwright.convert.frames.whole_pixels import WholePixels
from boxwright.core.findings import Finding

View = Literal["upright", "stored"]


class _Group(NamedTuple):
    """Images that one tool treats alike. claim: the frame that the claimed size shows; empty if no size is claimed."""

    fractions: bool
    claim: View | Literal[""]


def decide(items: Sequence[Item], total: int) -> Decided:
    """items: images with an EXIF orientation whose claimed size is that of one of the two frames, or that claim none.

    total: the number of all images.
    """
    quarter = [item for item in items if is_quarter_turned(item.header)]
    views, unknown, found = _decide_quarter_turns(quarter, total)
    rest = [item for item in items if item.place not in views]
    # A tool that ignores EXIF also ignores half turns and mirroring, which leave the sides as they are.
    agreed = set(views.values()) if not unknown else set()
    views |= dict.fromkeys((item.place for item in rest), "stored" if agreed == {"stored"} else "upright")
    unknown += [] if len(agreed) == 1 else rest
    labelled = [item for item in unknown if item.image.objects]
    found += [exif_notices.assumed(labelled, total)] if labelled else []
    return Decided({item.place: _frame(item, views[item.place]) for item in items}, found)


def _decide_quarter_turns(items: Sequence[Item], total: int) -> tuple[dict[int, View], list[Item], list[Finding]]:
    """The views by place, the images whose view is only assumed, and what the boxes showed."""
    groups: dict[_Group, list[Item]] = defaultdict(list)
    for item in items:
        groups[_Group(item.image.fractions, _claim(item))].append(item)
    views, unknown, found = dict[int, View](), list[Item](), list[Finding]()
    for group, members in groups.items():
        shown = _shown_by_boxes(group, members)
        views |= dict.fromkeys((item.place for item in members), shown or group.claim or "upright")
        unknown += [] if shown or group.claim else members
        found += [exif_notices.shown_by_boxes(members, shown, total)] if shown and shown != group.claim else []
    return views, unknown, found


def _frame(item: Item, view: View) -> Frame:
    return as_upright(item.header) if view == "upright" else as_stored(item.header)


def _claim(item: Item) -> View | Literal[""]:
    if item.image.size is None:
        return ""
    return "upright" if item.image.size == upright_size(item.header) else "stored"


def _shown_by_boxes(group: _Group, items: Sequence[Item]) -> View | Literal[""]:
    if group.fractions and group.claim:
        return ""
    if group.fractions:
        whole = WholePixels()
        for item in items:
            whole.add(item.image, upright_size(item.header), stored_size(item.header))
        return "upright" if whole.show_first() else "stored" if whole.show_second() else ""
    tally = Tally()
    for item in items:
        tally.add(item.image.objects, upright_size(item.header), stored_size(item.header))
    return "upright" if tally.shows_first() else "stored" if tally.shows_second() else ""
