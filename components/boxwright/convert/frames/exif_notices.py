"""Notices about images that their EXIF orientation turns."""

from collections.abc import Sequence

from boxwright.convert import notices
from boxwright.convert.frames.frame import Item, is_quarter_turned
from boxwright.core import plurals
from boxwright.core.findings import Finding

_STORED_TOOLS = "older versions of labelImg, darknet and Yolo_mark"
# Files that a notice lists.
_MOST_LISTED = 1000


def shown_by_boxes(items: Sequence[Item], view: str, total: int) -> Finding:
    """view: `upright` or `stored`."""
    labelled = [item for item in items if item.image.objects]
    count = plurals.count(len(labelled), "labelled image", "has")
    how = "The edges of the boxes are whole pixels only in" if items[0].image.fractions else "The boxes fit only"
    if view == "upright":
        shown = f"{how} the image as viewers show it, so the images were turned"
    else:
        shown = f"{how} the pixels as stored, on which {_STORED_TOOLS} draw, so the images were not turned"
    return _build(
        "exif_frame_found", "The boxes show whether they were drawn on images that EXIF turns", labelled, total,
        f"{count} an EXIF orientation. {shown}",
        "Look at a few of these images with their boxes. To choose the other way, re-run with --boxes-for "
        f"{'stored' if view == 'upright' else 'upright'}.", "info" if view == "upright" else "low",
    )  # fmt: skip


def assumed(items: Sequence[Item], total: int) -> Finding:
    """items: images with objects. Half turns alone are less severe, because they are rare."""
    return _build(
        "exif_frame_assumed", "Images are turned by EXIF, and the boxes do not show which way they were drawn", items, total,
        f"{plurals.count(len(items), 'labelled image', 'has')} an EXIF orientation, and neither sizes nor boxes show whether the "
        f"boxes were drawn on the turned image. Assumed: on the turned one, as most tools do. {_STORED_TOOLS} draw on the pixels "
        "as stored",
        "Look at a few of these images with their boxes. If the boxes were drawn on the pixels as stored, re-run with "
        "--boxes-for stored; if the assumption is right, --boxes-for upright says so.",
        "medium" if any(is_quarter_turned(item.header) for item in items) else "low",
    )  # fmt: skip


def _build(code, title, items, total, claim, remedy, severity) -> Finding:
    names = tuple(item.image.filename for item in items[:_MOST_LISTED])
    return notices.build(
        code, title, f"{claim} (first: {names[0][:200] if names else 'none'})", count=len(items), of=total, severity=severity,
        items=names, remedy=remedy,
    )  # fmt: skip
