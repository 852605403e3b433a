"""Notices about what was stored: changed images, empty splits, absent classes."""

from collections import Counter
from collections.abc import Mapping, Sequence

from boxwright.convert import notices
from boxwright.convert.plan.example_plan import PlannedImage
from boxwright.convert.stored import backgrounds, clipped_boxes
from boxwright.core import plurals
from boxwright.core.artifacts.dataset import Split, SplitName
from boxwright.core.findings import Finding, Severity

_PADDED_BOXES = 100  # the OD API pads the boxes of each image to this number by default
# By note of `Stored`: title, the changed files, the change, severity, remedy.
_CHANGES: dict[str, tuple[str, str, str, Severity, str]] = {
    "repaired": (
        "Slightly damaged images were repaired",
        "JPEG or PNG file",
        "decoded and stored anew, because decoders report damage",
        "info",
        "",
    ),
    "dark_16_bit": (
        "16-bit images are nearly black",
        "16-bit image",
        "stored nearly black, because the pixels use less than a sixteenth of the range",
        "medium",
        "Scale the pixels of these images up to 16 bits, and convert again.",
    ),
    "re_encoded": (
        "Images were converted to 8-bit RGB",
        "image",
        "stored anew as 8-bit RGB, because training reads no other formats and colour modes",
        "info",
        "",
    ),
}


def build(
    images: Sequence[PlannedImage], notes: Counter[str], classes: Sequence[str], splits: Mapping[SplitName, Split]
) -> list[Finding]:
    """images: that were stored. notes: how many of them have each note of `Stored`."""
    return [
        *clipped_boxes.build(images, splits),
        *backgrounds.build(images),
        *_image_notices(images),
        *_change_notices(notes, len(images)),
        *_split_notices(splits),
        *_class_notices(classes, splits),
    ]


def _image_notices(images: Sequence[PlannedImage]) -> list[Finding]:
    turned = sum(image.upright for image in images)
    ignored = sum(image.header.orientation != 1 and not image.upright for image in images)
    most = max(len(image.objects) for image in images)
    possible = (
        (turned, _exif_applied(turned, len(images))),
        (ignored, _exif_ignored(ignored, len(images))),
        (most > _PADDED_BOXES, _many_objects(most)),
    )
    return [notice for is_so, notice in possible if is_so]


def _exif_applied(count: int, images: int) -> Finding:
    claim = f"{plurals.count(count, 'image', 'was')} turned upright by the EXIF orientation"
    return notices.build("exif_applied", "Images were turned upright", claim, count=count, of=images)


def _exif_ignored(count: int, images: int) -> Finding:
    return notices.build(
        "exif_ignored", "Images were not turned upright",
        f"{plurals.count(count, 'image', 'is')} stored without applying the EXIF orientation, because the boxes were drawn "
        "on the unturned image",
        count=count, of=images,
    )  # fmt: skip


def _many_objects(most: int) -> Finding:
    claim = (
        f"an image has {plurals.count(most, 'object')}: the OD API pads boxes to {_PADDED_BOXES} per image by default"
    )
    return notices.build("many_objects", "An image has very many objects", claim, count=most, of=most, what="objects")


def _change_notices(notes: Counter[str], images: int) -> list[Finding]:
    return [
        notices.build(
            code, title, f"{plurals.count(notes[code], what, 'was')} {how}", count=notes[code], of=images,
            severity=severity, remedy=remedy,
        )
        for code, (title, what, how, severity, remedy) in _CHANGES.items()
        if notes[code]
    ]  # fmt: skip


def _split_notices(splits: Mapping[SplitName, Split]) -> list[Finding]:
    empty = tuple(split for split, stored in splits.items() if not stored.images)
    if not empty:
        return []
    fallback = "; evaluation will use val" if empty == ("test",) else ""
    return [
        notices.build(
            "empty_split", "A split is empty", f"no image in {' and '.join(empty)}{fallback}", count=len(empty),
            of=len(splits), what="splits", items=empty, cause="split",
            remedy="Add images to the split, or remove the data's splits: convert then makes all three.",
        )
    ]  # fmt: skip


def _class_notices(classes: Sequence[str], splits: Mapping[SplitName, Split]) -> list[Finding]:
    found = []
    for name in classes:
        absent = tuple(split for split, stored in splits.items() if stored.images and not stored.per_class[name])
        if absent:
            found.append(_absent_class(name, absent, len(splits)))
    return found


def _absent_class(name: str, absent: tuple[str, ...], splits: int) -> Finding:
    return notices.build(
        "class_absent", "A class has no object in a split", f"class {name!r} has no object in {' and '.join(absent)}",
        count=len(absent), of=splits, what="splits", subject=name, items=absent, cause="split",
        remedy="Label more images of the class, or move some of its images into that split.",
    )  # fmt: skip
