"""Notices about images whose file has another size than their annotation claims."""

from collections.abc import Sequence

from boxwright.convert import notices
from boxwright.convert.frames.boxes_for import BoxesFor
from boxwright.convert.frames.frame import Item, text, upright_size
from boxwright.core import plurals
from boxwright.core.findings import Finding, Severity

# Files that a notice lists.
_MOST_LISTED = 1000
_IF_AS_FILE = "If the boxes were drawn on the images as they are now, re-run with --boxes-for stored"


def scaled(items: Sequence[Item], total: int) -> Finding:
    return _build(
        "boxes_scaled", "Boxes were scaled to the present size of the images", items, total,
        f"The images were resized after labelling, {_factor(items)}: the ratio of their sides is as annotated, and the boxes "
        "fit the annotated sizes. The boxes were scaled to the present sizes",
        f"{_IF_AS_FILE}.", severity="low",
    )  # fmt: skip


def fractions_kept(items: Sequence[Item], total: int) -> Finding:
    return _build(
        "sizes_of_fractions", "Images were resized, and their boxes are fractions", items, total,
        f"The images were resized, {_factor(items)}. Their boxes are fractions of the sides, which stay right", "",
        severity="info",
    )  # fmt: skip


def fractions_exchanged(items: Sequence[Item], total: int) -> Finding:
    return _build(
        "fractions_exchanged", "Boxes are fractions of the wrong sides", items, total,
        "Width and height are exchanged in the annotations, and the boxes are fractions of the exchanged sides: x was divided by "
        "the height, and y by the width. The images were left out",
        "Correct the script that writes the annotations: the shape of a numpy image is (height, width).",
    )  # fmt: skip


def claims_ignored(items: Sequence[Item], total: int) -> Finding:
    return _build(
        "annotated_sizes_wrong", "The image sizes in the annotations are wrong", items, total,
        "The boxes fit the files and not the annotated sizes, so the annotated sizes were not used",
        "If the boxes were drawn on images of the annotated sizes, re-run with --boxes-for annotated, which scales them.",
        severity="low",
    )  # fmt: skip


def sides_exchanged(items: Sequence[Item], total: int) -> Finding:
    return _build(
        "sides_exchanged", "Width and height are exchanged in the annotations", items, total,
        "Width and height are exchanged in the annotations. The boxes fit the files, so the sizes of the files were used",
        "Correct the script that writes the annotations: the shape of a numpy image is (height, width).", severity="low",
    )  # fmt: skip


def resized_undecided(items: Sequence[Item], total: int) -> Finding:
    return _build(
        "sizes_undecided", "Images have another size than their annotations say", items, total,
        f"The images were resized, {_factor(items)}, and the boxes do not show whether before or after labelling. The images "
        "were left out",
        "If the boxes were drawn on images of the annotated sizes, re-run with --boxes-for annotated, which scales the boxes. "
        f"{_IF_AS_FILE}.",
    )  # fmt: skip


def exchanged_undecided(items: Sequence[Item], total: int) -> Finding:
    return _build(
        "exchange_undecided", "Width and height are exchanged in the annotations, or the images were turned", items, total,
        "Width and height of the files and of the annotations are exchanged, and the boxes do not show which of them is right. "
        "The images were left out",
        f"{_IF_AS_FILE}. If the images were turned after labelling, turn them back.",
    )  # fmt: skip


def images_turned(items: Sequence[Item], total: int) -> Finding:
    return _build(
        "images_turned", "Images were turned after labelling", items, total,
        "The boxes fit the annotated sizes and not the files, whose sides are exchanged: the images were turned by 90 degrees "
        "after labelling, or x and y of the boxes are exchanged, too. The images were left out",
        "Turn the images back, or take the originals: programs that save a photo upright drop its EXIF orientation.",
    )  # fmt: skip


def other_ratio(items: Sequence[Item], total: int) -> Finding:
    return _build(
        "ratio_differs", "Images have another shape than their annotations say", items, total,
        "The ratio of the sides differs: the images were padded, cropped or stretched after labelling, or they are other images. "
        "Their boxes cannot be scaled by one factor, and the images were left out",
        "Take the images as they were labelled. If they were stretched to their present size, without borders or cropping, "
        f"re-run with --boxes-for stretched. {_IF_AS_FILE}.",
    )  # fmt: skip


def not_scaled(items: Sequence[Item], total: int, wanted: BoxesFor) -> Finding:
    """Images that --boxes-for cannot scale."""
    labelled = text((wanted.width, wanted.height)) if wanted.kind == "size" else "annotated"
    return _build(
        "ratio_differs", "Images have another shape than --boxes-for says", items, total,
        f"The ratio of the sides is not that of the {labelled} size: the images were padded, cropped or stretched after "
        "labelling, or they are other images. Their boxes cannot be scaled by one factor, and the images were left out",
        "Take the images as they were labelled. If they were stretched to their present size, without borders or cropping, "
        "and the annotations hold the sizes before, re-run with --boxes-for stretched.",
        than="--boxes-for says" if wanted.kind == "size" else "annotated",
    )  # fmt: skip


def _build(
    code: str,
    title: str,
    items: Sequence[Item],
    total: int,
    claim: str,
    remedy: str,
    severity: Severity = "high",
    than: str = "annotated",
) -> Finding:
    count = len(items)
    return notices.build(
        code, title, f"{plurals.count(count, 'image', 'has')} another size than {than} ({_first(items)}). {claim}",
        count=count, of=total, severity=severity, items=tuple(item.image.filename for item in items[:_MOST_LISTED]),
        remedy=remedy,
    )  # fmt: skip


def _first(items: Sequence[Item]) -> str:
    image, header = items[0].image, items[0].header
    annotated = f"annotated {text(image.size)}, " if image.size else ""
    return f"first {image.filename[:200]}: {annotated}the file is {text(upright_size(header))}"


def _factor(items: Sequence[Item]) -> str:
    """How the sizes changed. One factor fits all images if it fits the largest and the smallest change."""
    factors = [max(upright_size(item.header)) / max(item.image.size) for item in items if item.image.size]
    least, most = min(factors), max(factors)
    return f"all by the factor {most:.4g}" if most <= 1.02 * least else f"by factors from {least:.3g} to {most:.3g}"
