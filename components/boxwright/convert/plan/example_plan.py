"""Decides, before any pixel is decoded, what every image and object becomes: part of an example, or a line of quarantine."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from boxwright.convert.plan import box_checks, classes
from boxwright.convert.plan.box_checks import Fix
from boxwright.convert.plan.image_headers import Header, read_header
from boxwright.convert.reading.source import Fault, Image, Notice, Reject, Source
from boxwright.convert.writing import local_workers
from boxwright.convert.writing.pixels import Stored
from boxwright.core.runtime.errors import UserError

# That a process reads at a time.
HEADERS = 200

Missing = Literal["fail", "quarantine"]


class PlannedObject(NamedTuple):
    """box_yxyx: in 0..1 of the stored image. index: of the object in its annotation."""

    index: int
    name: str
    box_yxyx: tuple[float, float, float, float]
    difficult: bool
    truncated: bool
    crowd: bool
    clipped: bool


class PlannedImage(NamedTuple):
    """An image that will be stored, unless its pixels turn out to be damaged.

    filename: relative to the data folder; split: the data's own, empty where it has none; width, height: as stored, pixels;
    header: of the file; upright: turn the pixels by its EXIF orientation; group: as in `Image`; seen: what was found where the
    pixels had to be looked at before the image is stored.
    """

    file: Path
    filename: str
    image_id: int
    split: str
    width: int
    height: int
    header: Header
    upright: bool
    objects: tuple[PlannedObject, ...]
    group: str | None = None
    seen: Stored | None = None


@dataclass
class Plan:
    """format: of the annotations; found_images, found_objects: all there are in them; each is in `images` or in `rejects`."""

    format: str
    classes: list[str]
    images: list[PlannedImage]
    rejects: list[Reject]
    notices: list[Notice] = field(default_factory=list)
    split_by: str = ""
    found_images: int = 0
    found_objects: int = 0


def make(
    source: Source, keep: Sequence[str] | None = None, *,
    fix: Fix, missing: Missing, most: int = 0, processes: int = 1, headers: Mapping[str, Header | Fault] | None = None,
) -> Plan:  # fmt: skip
    """All but the splits. keep: the names of a given label map; most: objects that an image may have, 0 for any number;
    headers: by file, those that have been read; processes: that read the others.

    Raises UserError for class clashes, for names that the given label map lacks, for boxes partly outside with `fix="fail"`,
    for missing images that have objects with `missing="fail"`, and when nothing usable is left."""
    named = (o.name for image in source.images for o in image.objects if o.name)
    classes.check_clashes([*source.categories, *named, *(keep or ())], str(source.root))
    images, rejects = _plan_images(source, fix, most, headers or {}, processes)
    _fail_if_asked(rejects, fix)
    _fail_if_missing(rejects, missing)
    _fail_if_empty(images, rejects, source)
    names, unused = classes.label_map(
        [n.strip() for n in source.categories], (o.name for i in images for o in i.objects), keep
    )
    return Plan(
        format=source.format,
        classes=names,
        images=images,
        rejects=rejects,
        notices=source.notices + unused,
        found_images=len(source.images),
        found_objects=sum(len(image.objects) for image in source.images) + len(source.orphans),
    )


def _plan_images(
    source: Source, fix: Fix, most: int, headers: Mapping[str, Header | Fault], processes: int
) -> tuple[list[PlannedImage], list[Reject]]:
    images, rejects = [], list(source.orphans)
    ordered = sorted(source.images, key=lambda image: (image.filename, image.fault is not None))
    for image, header in zip(ordered, _headers(ordered, headers, processes), strict=True):
        planned, rejected = _plan_image(image, header, fix, most)
        images += [planned] if planned else []
        rejects += rejected
    return images, rejects


def _headers(images: Sequence[Image], known: Mapping[str, Header | Fault], processes: int) -> Iterator[Header | Fault]:
    """Of each file, or what was found wrong with its annotation already; as they are read, so that planning need not wait."""
    files = [str(image.file) for image in images]
    unread = [file for file, image in zip(files, images, strict=True) if image.fault is None and file not in known]
    read = local_workers.each(read_header, unread, processes, chunk=HEADERS)
    return (image.fault or known.get(file) or next(read) for file, image in zip(files, images, strict=True))


def _plan_image(image: Image, header: Header | Fault, fix: Fix, most: int) -> tuple[PlannedImage | None, list[Reject]]:
    fault = header if isinstance(header, Fault) else None
    if image.fault is None and most and len(image.objects) > most:
        fault = Fault("too_many_objects", f"{len(image.objects)} objects, at most {most}")
    if fault is None:
        width, height, upright, fault = _frame(image, header)
    if fault is not None:
        return None, _rejected_whole(image.filename, range(len(image.objects)), fault)
    planned, rejects, first = [], [], {}
    for index, item in enumerate(image.objects):
        name = item.name.strip()
        box, clipped, wrong = box_checks.judge(item, width, height, fractions=image.fractions, fix=fix)
        if box is None:
            rejects.append(Reject(image.filename, index, wrong.reason, wrong.value))
        elif (twin := first.setdefault((name, box), index)) != index:
            rejects.append(
                Reject(image.filename, index, "duplicate_object", f"the same class and box as object {twin}")
            )
        else:
            planned.append(PlannedObject(index, name, box, item.difficult, item.truncated, item.crowd, clipped))
    if image.objects and not planned:
        text = (
            f"none of its {len(image.objects)} objects is usable, and as background they would be taught to be nothing"
        )
        return None, [Reject(image.filename, None, "objects_rejected", text), *rejects]
    frame = (width, height, header, upright)
    stored = PlannedImage(image.file, image.filename, 0, image.split or "", *frame, tuple(planned), image.group)
    return stored, rejects


def _rejected_whole(filename: str, objects: Iterable[int], fault: Fault) -> list[Reject]:
    """An image and, with it, each of these objects, given by their index."""
    lost = [Reject(filename, index, "image_rejected", fault.reason) for index in objects]
    return [Reject(filename, None, fault.reason, fault.value), *lost]


def damaged(image: PlannedImage, fault: Fault) -> list[Reject]:
    """An image whose pixels cannot be had, and its objects: others of its annotation have been rejected for themselves."""
    return _rejected_whole(image.filename, (item.index for item in image.objects), fault)


def fail_if_damaged(images: Iterable[PlannedImage], rejects: Sequence[Reject], data: str) -> None:
    """images: that are left; rejects: that `damaged` gave; data: as the user has it."""
    if not any(image.objects for image in images):
        first = rejects[0]
        raise UserError(
            f"--data {data}: no image with objects can be decoded (first: {first.file}: {first.reason}, {first.value}); "
            "copy the images again from where they came"
        )


def _frame(image: Image, header: Header) -> tuple[int, int, bool, Fault | None]:
    """(width, height, turn upright?, fault): the frame in which the boxes were drawn.

    An annotation of the size before turning was drawn by a tool that ignores EXIF: then the pixels stay as they are.
    """
    stored = (header.width, header.height)
    turned = stored[::-1] if header.orientation >= 5 else stored
    if image.size in (None, turned):
        return *turned, header.orientation != 1, None
    if image.size == stored:
        return *stored, False, None
    text = f"annotated {image.size[0]}x{image.size[1]}, the file is {turned[0]}x{turned[1]}"
    return 0, 0, False, Fault("size_mismatch", text)


def _fail_if_asked(rejects: Sequence[Reject], fix: Fix) -> None:
    outside = [r for r in rejects if r.reason == "partly_outside"]
    if fix == "fail" and outside:
        first = "; ".join(f"{r.file}: object {r.object}: {r.value}" for r in outside[:5])
        raise UserError(
            f"{len(outside)} boxes lie partly outside their image: {first}; re-run with --fix clip or --fix drop"
        )


def _fail_if_missing(rejects: Sequence[Reject], missing: Missing) -> None:
    """A missing image without objects loses nothing that was annotated: it is only quarantined."""
    lost = list(dict.fromkeys(r.file for r in rejects if (r.reason, r.value) == ("image_rejected", "missing")))
    if missing == "fail" and lost:
        first = ", ".join(lost[:5]) + (", ..." if len(lost) > 5 else "")
        what = "image with annotated objects is" if len(lost) == 1 else "images with annotated objects are"
        raise UserError(
            f"{len(lost)} {what} missing: {first}; copy the files there, or re-run with --missing quarantine to go on "
            "without them"
        )


def _fail_if_empty(images: Sequence[PlannedImage], rejects: Sequence[Reject], source: Source) -> None:
    if any(image.objects for image in images):
        return
    reasons = Counter(r.reason for r in rejects).most_common()
    why = ", ".join(f"{n} {reason}" for reason, n in reasons) or "no objects are annotated"
    example = f" (first: {rejects[0].file}: {rejects[0].reason} {rejects[0].value})" if rejects else ""
    raise UserError(
        f"{source.root}: read as {source.format}, {len(source.images)} images, and none with a usable object is left: "
        f"{why}{example}; correct the annotations or choose another --format"
    )
