"""The images a detector did worst on, with objects and detections matched as at IoU 0.5 and score 0.5."""

import io
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from boxwright.core import pages, records
from boxwright.report.gathered import Evaluation

SCORE = 0.5
IOU = 0.5
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
    judged = [(image["id"], judge(evaluation, image)) for image in evaluation.groundtruth["images"]]
    wanted = sorted((p for p in judged if p[1].missed + p[1].wrong), key=lambda p: (-p[1].missed - p[1].wrong, p[0]))
    encoded = _encoded(folder, evaluation.split, {image_id for image_id, _ in wanted[:count]})
    return [Picture(**vars(p) | {"uri": pages.data_uri(small(encoded[i]))}) for i, p in wanted[:count]]


def judge(evaluation: Evaluation, image: dict) -> Picture:
    """One image's objects and detections, each told right from wrong."""
    names = {c["id"]: c["name"] for c in evaluation.groundtruth["categories"]}
    here = [a for a in evaluation.groundtruth["annotations"] if a["image_id"] == image["id"]]
    objects = [a for a in here if not a.get("iscrowd")]
    crowds = [a for a in here if a.get("iscrowd")]
    seen = [d for d in evaluation.detections if d["image_id"] == image["id"] and d["score"] >= SCORE]
    matched = match(objects, seen)
    boxes = [
        Box(
            box_xywh=tuple(o["bbox"]),
            label=names[o["category_id"]],
            kind="found" if i in matched.values() else "missed",
        )
        for i, o in enumerate(objects)
    ]
    for i, detection in enumerate(seen):
        if i not in matched and any(inside(detection["bbox"], crowd["bbox"]) for crowd in crowds):
            continue
        label = f"{names[detection['category_id']]} {detection['score']:.2f}"
        boxes.append(Box(box_xywh=tuple(detection["bbox"]), label=label, kind="right" if i in matched else "wrong"))
    kinds = [box.kind for box in boxes]
    return Picture(
        filename=image["file_name"], width=image["width"], height=image["height"],
        boxes=tuple(boxes), missed=kinds.count("missed"), wrong=kinds.count("wrong"),
    )  # fmt: skip


def match(objects: list[dict], detections: list[dict]) -> dict[int, int]:
    """Detection index -> object index, as COCO matches: by falling score, each to the free object of its class that it
    overlaps most, from IoU 0.5 on."""
    free: dict[int, set[int]] = defaultdict(set)
    for i, o in enumerate(objects):
        free[o["category_id"]].add(i)
    matched = {}
    for i in sorted(range(len(detections)), key=lambda i: -detections[i]["score"]):
        of_class = free[detections[i]["category_id"]]
        best = max(of_class, key=lambda o: iou(objects[o]["bbox"], detections[i]["bbox"]), default=None)
        if best is not None and iou(objects[best]["bbox"], detections[i]["bbox"]) >= IOU:
            matched[i] = best
            of_class.remove(best)
    return matched


def overlap(a: list[float], b: list[float]) -> float:
    """Area that two [x, y, width, height] boxes share."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)


def iou(a: list[float], b: list[float]) -> float:
    union = a[2] * a[3] + b[2] * b[3] - overlap(a, b)
    return overlap(a, b) / union if union > 0 else 0.0


def inside(box: list[float], crowd: list[float]) -> bool:
    """Whether at least half of a detection lies in a crowd: COCO then does not count it."""
    return overlap(box, crowd) >= IOU * box[2] * box[3]


def _encoded(folder: Path, split: str, image_ids: set[int]) -> dict[int, bytes]:
    """Encoded images by their id: their place in the split, from 1 (as boxwright.core.coco counts)."""
    if not image_ids:
        return {}
    found = enumerate(records.read(folder, split), 1)
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
