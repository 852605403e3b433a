"""The images with the most errors. Objects and detections are matched at IoU 0.5 and score 0.5."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from boxwright.core import matching
from boxwright.core.artifacts import coco
from boxwright.core.artifacts.coco import Annotation, Detection, GroundTruth
from boxwright.core.html import page_base
from boxwright.core.records import tfrecords
from boxwright.core.records.tfrecords import Record
from boxwright.report.evaluation import Evaluation

SCORE, IOU = 0.5, matching.IOU
# Longest side of an image on the page, in pixels.
SIDE = 560


@dataclass(frozen=True, kw_only=True)
class Box:
    """box_xywh in pixels of the original image. kind: found or missed for an object, right or wrong for a detection."""

    box_xywh: tuple[float, float, float, float]
    kind: Literal["found", "missed", "right", "wrong"]
    label: str


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One image with its boxes. uri: the image itself, once it is read."""

    filename: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    uri: str = ""

    @property
    def missed(self) -> int:
        return sum(box.kind == "missed" for box in self.boxes)

    @property
    def wrong(self) -> int:
        return sum(box.kind == "wrong" for box in self.boxes)


def worst(evaluation: Evaluation, folder: Path, count: int = 8) -> list[Judged]:
    """Up to `count` images with the most missed objects and wrong detections, the worst first. folder: of the records."""
    ranked = rank(evaluation.groundtruth, evaluation.detections)
    wanted = list(ranked)[:count]
    found = records_of(folder, evaluation.metrics.split, set(wanted))
    return [replace(ranked[i], uri=page_base.data_uri(shrink(found[i]))) for i in wanted if i in found]


def rank(groundtruth: GroundTruth, found: Sequence[Detection]) -> dict[int, Judged]:
    """The images with an error by id, those with the most errors first."""
    names = {category["id"]: category["name"] for category in groundtruth["categories"]}
    annotations = matching.group_by_image(groundtruth["annotations"])
    detections = matching.group_by_image(one for one in found if one["score"] >= SCORE)
    judged = {
        image["id"]: judge(image, annotations[image["id"]], detections[image["id"]], names)
        for image in groundtruth["images"]
    }
    errors = {i: image.missed + image.wrong for i, image in judged.items()}
    return {i: judged[i] for i in sorted(judged, key=lambda i: (-errors[i], i)) if errors[i]}


def judge(
    image: coco.Image, annotations: Sequence[Annotation], detections: Sequence[Detection], names: Mapping[int, str]
) -> Judged:
    """Which objects of an image are found, and which detections are right. names: of the classes by id."""
    objects = [one for one in annotations if not one["iscrowd"]]
    crowds = [one for one in annotations if one["iscrowd"]]
    matched = matching.match(objects, detections, same_class=True)
    ignored = matching.in_crowd(detections, crowds, same_class=True)
    found = set(matched.values())
    boxes = [
        Box(box_xywh=_corners(one), label=names[one["category_id"]], kind="found" if i in found else "missed")
        for i, one in enumerate(objects)
    ]
    boxes += [
        Box(
            box_xywh=_corners(one),
            label=f"{names[one['category_id']]} {one['score']:.2f}",
            kind="right" if i in matched else "wrong",
        )
        for i, one in enumerate(detections)
        if i in matched or not ignored[i]
    ]
    return Judged(filename=image["file_name"], width=image["width"], height=image["height"], boxes=tuple(boxes))


def _corners(thing: Annotation | Detection) -> tuple[float, float, float, float]:
    x, y, width, height = thing["bbox"]
    return x, y, width, height


def records_of(folder: Path, split: str, image_ids: set[int]) -> dict[int, Record]:
    """The images by id. The id is the image's place in the split, from 1 (as core.coco_eval counts)."""
    if not image_ids:
        return {}
    found = enumerate(tfrecords.read(folder, split), 1)
    return {image_id: record for image_id, record in found if image_id in image_ids}


def shrink(record: Record) -> bytes:
    """The image as a JPEG with at most SIDE pixels a side. EXIF is dropped: boxes are relative to the stored pixels.

    Raises UserError if the image is damaged.
    """
    image = record.picture("RGB")
    image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()
