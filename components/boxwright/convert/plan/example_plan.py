"""Decides whether each image and object is stored or quarantined, before any pixel is decoded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from boxwright.convert.frames import beyond
from boxwright.convert.frames.boxes_for import AUTO, BoxesFor
from boxwright.convert.frames.frame import Frame
from boxwright.convert.frames.settle import settle
from boxwright.convert.plan import box_checks, classes, failures, image_kinds, misread_boxes
from boxwright.convert.plan.box_checks import Fix
from boxwright.convert.plan.box_readings import AS_FORMAT, BoxesAs
from boxwright.convert.plan.boxes_as import reread
from boxwright.convert.plan.image_headers import Header, read_header
from boxwright.convert.reading.source import Fault, Image, Reject, Source
from boxwright.convert.splits import split_notices
from boxwright.convert.writing import crash_isolation
from boxwright.convert.writing.crash_isolation import CRASHED
from boxwright.convert.writing.pixels import Stored
from boxwright.core import plurals
from boxwright.core.findings import Finding

# Headers that a process reads in one task.
HEADERS = 200

Missing = Literal["fail", "quarantine"]


class PlannedObject(NamedTuple):
    """object_index: place of the object in its annotation. box_yxyx: in 0..1 of the stored image. cut: the share of the box
    that lies beyond the edge."""

    object_index: int
    name: str
    box_yxyx: tuple[float, float, float, float]
    difficult: bool
    truncated: bool
    crowd: bool
    cut: float


class PlannedImage(NamedTuple):
    """An image that will be stored, unless its pixels turn out to be damaged.

    filename: relative to the data folder. split: that of the data, empty if it has none. width, height: as stored, pixels.
    upright: turn the pixels by the EXIF orientation. group, labelled: as in `Image`. seen: the result of decoding, if the image
    was decoded before its split was made.
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
    labelled: bool = True


@dataclass
class Plan:
    """format: of the annotations. found_images, found_objects: their totals; each one is in `images` or in `rejects`."""

    format: str
    classes: list[str]
    images: list[PlannedImage]
    rejects: list[Reject]
    notices: list[Finding] = field(default_factory=list)
    split_by: str = ""
    found_images: int = 0
    found_objects: int = 0


def build(
    source: Source, keep: Sequence[str] | None = None, *,
    fix: Fix, missing: Missing, most: int = 0, processes: int = 1, headers: Mapping[str, Header | Fault] | None = None,
    boxes_for: BoxesFor = AUTO, boxes_as: BoxesAs = AS_FORMAT,
) -> Plan:  # fmt: skip
    """Plans everything but the splits.

    keep: the names of a given label map. most: how many objects an image may have, 0 for any number. headers: those that were
    read already, by file. processes: the number of processes that read the others. boxes_for: the image that the boxes were drawn
    on. boxes_as: the order and unit of their numbers, which are tested if it is empty.

    Raises UserError for class names that clash or that the given label map lacks, for boxes partly outside with `fix="fail"`,
    for boxes in another order or unit or for larger images, for missing images that have objects with `missing="fail"`, for a
    `boxes_for` without meaning for the data, and when nothing usable is left.
    """
    source = reread(source, boxes_as)
    named = (o.name for image in source.images for o in image.objects if o.name)
    classes.check([*source.categories, *named, *(keep or ())], str(source.root))
    ordered = sorted(source.images, key=lambda image: (image.filename, image.fault is not None))
    usable = _usable(ordered, _headers(ordered, headers or {}, processes), most)
    settled = settle(ordered, usable, source.root, boxes_for)
    images, rejects, doubtful = _plan_images(ordered, settled.frames, fix)
    misread = [] if any(boxes_as) else misread_boxes.check(source, ordered, settled.frames, doubtful)
    misread += beyond.check(ordered, settled.frames, rejects, source.root)
    rejects = source.orphans + rejects
    failures.fail_if_asked(rejects, fix)
    failures.fail_if_missing(rejects, missing == "fail", source.notices)
    failures.fail_if_empty(any(image.objects for image in images), rejects, source, settled.notices)
    said = image_kinds.find(rejects, len(source.images)) + split_notices.missing(rejects, ordered)
    names, unused = classes.build_label_map(
        [n.strip() for n in source.categories], (o.name for i in images for o in i.objects), keep
    )
    return Plan(
        format=source.format,
        classes=names,
        images=images,
        rejects=rejects,
        notices=[*source.notices, *settled.notices, *misread, *unused, *said],
        found_images=len(source.images),
        found_objects=sum(len(image.objects) for image in source.images) + len(source.orphans),
    )


def _plan_images(
    images: Sequence[Image], frames: Sequence[Frame | Fault], fix: Fix
) -> tuple[list[PlannedImage], list[Reject], int]:
    """The images, the rejects, and how many boxes are doubtful."""
    kept, rejects, doubtful = list[PlannedImage](), list[Reject](), 0
    for image, frame in zip(images, frames, strict=True):
        planned, rejected, doubts = _plan_image(image, frame, fix)
        kept += [planned] if planned else []
        rejects += _described(rejected, image) if rejected else ()
        doubtful += doubts
    return kept, rejects, doubtful


def _usable(images: Sequence[Image], headers: Iterable[Header | Fault], most: int) -> Iterator[Header | Fault]:
    """The headers, and a fault in place of the header of an image with too many objects. most: 0 for any number."""
    for image, header in zip(images, headers, strict=True):
        if most and len(image.objects) > most and image.fault is None:
            yield Fault("too_many_objects", f"{plurals.count(len(image.objects), 'object')}, at most {most}")
        else:
            yield header


def _described(rejects: Iterable[Reject], image: Image) -> Iterator[Reject]:
    """The rejects with the split of their image and the classes of the objects."""
    for reject in rejects:
        name = "" if reject.object is None else image.objects[reject.object].name.strip()
        yield reject._replace(name=name, split=image.split or "")


def _headers(images: Sequence[Image], known: Mapping[str, Header | Fault], processes: int) -> Iterator[Header | Fault]:
    """The header of each file, or the fault of its annotation. It yields each one as soon as it is read."""
    files = [str(image.file) for image in images]
    unread = [file for file, image in zip(files, images, strict=True) if image.fault is None and file not in known]
    if processes == 1:
        read = map(read_header, unread)
    else:
        read = crash_isolation.map_ordered(read_header, unread, processes, lambda _: CRASHED, chunk=HEADERS)
    return (image.fault or known.get(file) or next(read) for file, image in zip(files, images, strict=True))


def _plan_image(image: Image, frame: Frame | Fault, fix: Fix) -> tuple[PlannedImage | None, list[Reject], int]:
    if isinstance(frame, Fault):
        return None, _reject_whole(image.filename, range(len(image.objects)), frame), 0
    planned, rejects, doubtful = _plan_objects(image, *frame.drawn, fix)
    if image.objects and not planned:
        text = f"none of its {len(image.objects)} objects is usable; as background, it would teach the detector to ignore them"
        return None, [Reject(image.filename, None, "objects_rejected", text), *rejects], doubtful
    stored = PlannedImage(
        image.file, image.filename, 0, image.split or "", frame.width, frame.height, frame.header, frame.upright, planned,
        image.group, None, image.labelled,
    )  # fmt: skip
    return stored, rejects, doubtful


def _plan_objects(
    image: Image, width: int, height: int, fix: Fix
) -> tuple[tuple[PlannedObject, ...], list[Reject], int]:
    """The usable objects, and how many boxes are doubtful. Of objects with the same class and box, the first is used."""
    planned: list[PlannedObject] = []
    rejects: list[Reject] = []
    first: dict[tuple[str, object], int] = {}
    doubtful = 0
    for index, item in enumerate(image.objects):
        name = item.name.strip()
        box, cut, fault, doubt = box_checks.check(item, width, height, fractions=image.fractions, fix=fix)
        doubtful += doubt
        if box is None:
            reason, value = fault or Fault("no_box")
            rejects.append(Reject(image.filename, index, reason, value))
        elif (twin := first.setdefault((name, box), index)) != index:
            value = f"the same class and box as object {twin}"
            rejects.append(Reject(image.filename, index, "duplicate_object", value))
        else:
            planned.append(PlannedObject(index, name, box, item.difficult, item.truncated, item.crowd, cut))
    return tuple(planned), rejects, doubtful


def _reject_whole(filename: str, objects: Iterable[int], fault: Fault) -> list[Reject]:
    """Rejects for an image and for its objects with these indices."""
    lost = [Reject(filename, index, "image_rejected", fault.reason) for index in objects]
    return [Reject(filename, None, fault.reason, fault.value), *lost]


def reject_damaged(image: PlannedImage, fault: Fault) -> list[Reject]:
    """An image whose pixels cannot be decoded, and its planned objects. Its other objects were rejected before."""
    lost = [Reject(image.filename, None, fault.reason, fault.value, split=image.split)]
    for item in image.objects:
        lost.append(Reject(image.filename, item.object_index, "image_rejected", fault.reason, item.name, image.split))
    return lost
