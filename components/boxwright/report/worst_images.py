"""The images a detector did worst on, with objects and detections matched as at IoU 0.5 and score 0.5."""

import io
from dataclasses import dataclass
from pathlib import Path

from boxwright.core import matching
from boxwright.core.html import page_base
from boxwright.core.records import tfrecords
from boxwright.report.artifacts import Evaluation

SCORE, IOU = 0.5, matching.IOU
# Longest side, pixels, of a picture in the page.
SIDE = 560


@dataclass(frozen=True, kw_only=True)
class Box:
    """box_xywh in pixels of the original image; kind: found or missed for an object, right or wrong for a detection."""

    box_xywh: tuple[float, float, float, float]
    kind: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    filename: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    missed: int
    wrong: int
    uri: str = ""


def pictures(evaluation: Evaluation, folder: Path, count: int = 8) -> list[Picture]:
    """Up to `count` images with the most missed objects and wrong detections, worst first; none without an error."""
    names = {c["id"]: c["name"] for c in evaluation.groundtruth["categories"]}
    annotations = matching.group_by_image(evaluation.groundtruth["annotations"])
    detections = matching.group_by_image(d for d in evaluation.detections if d["score"] >= SCORE)
    images = {image["id"]: image for image in evaluation.groundtruth["images"]}
    judged = [(i, judge(image, annotations[i], detections[i], names)) for i, image in images.items()]
    wanted = sorted((p for p in judged if p[1].missed + p[1].wrong), key=lambda p: (-p[1].missed - p[1].wrong, p[0]))
    found = encoded(folder, evaluation.split, {image_id for image_id, _ in wanted[:count]})
    return [Picture(**vars(p) | {"uri": page_base.data_uri(small(found[i]))}) for i, p in wanted[:count]]


def judge(image: dict, annotations: list[dict], detections: list[dict], names: dict[int, str]) -> Picture:
    """One image's objects and detections, each told right from wrong; names: of the classes by id."""
    objects = [a for a in annotations if not a.get("iscrowd")]
    crowds = [a for a in annotations if a.get("iscrowd")]
    matched = matching.match(objects, detections, same_class=True)
    ignored = matching.in_crowd(detections, crowds, same_class=True)
    boxes = [
        Box(
            box_xywh=tuple(o["bbox"]),
            label=names[o["category_id"]],
            kind="found" if i in matched.values() else "missed",
        )
        for i, o in enumerate(objects)
    ]
    for i, detection in enumerate(detections):
        if i in matched or not ignored[i]:
            label = f"{names[detection['category_id']]} {detection['score']:.2f}"
            boxes.append(Box(box_xywh=tuple(detection["bbox"]), label=label, kind="right" if i in matched else "wrong"))
    kinds = [box.kind for box in boxes]
    return Picture(
        filename=image["file_name"], width=image["width"], height=image["height"],
        boxes=tuple(boxes), missed=kinds.count("missed"), wrong=kinds.count("wrong"),
    )  # fmt: skip


def encoded(folder: Path, split: str, image_ids: set[int]) -> dict[int, bytes]:
    """Encoded images by their id: their place in the split, from 1 (as boxwright.core.coco_eval counts)."""
    if not image_ids:
        return {}
    found = enumerate(tfrecords.read(folder, split), 1)
    return {image_id: record.encoded for image_id, record in found if image_id in image_ids}


def small(encoded: bytes) -> bytes:
    """The image as JPEG of at most SIDE pixels a side, without EXIF: boxes are relative to the pixels as stored."""
    from PIL import Image

    with Image.open(io.BytesIO(encoded)) as image:
        image = image.convert("RGB")
        image.thumbnail((SIDE, SIDE))
        file = io.BytesIO()
        image.save(file, "JPEG", quality=80)
    return file.getvalue()
