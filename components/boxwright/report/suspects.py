"""Cutouts of the detections that contradict a label, the most confident first."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageDraw

from boxwright.core.artifacts.errors import Suspect
from boxwright.core.html import page_base
from boxwright.core.records.tfrecords import Record
from boxwright.report import worst_images
from boxwright.report.evaluation import Evaluation

COUNT = 12
# Side of a cutout: AROUND times the box, and at least LEAST pixels, so that the surroundings are visible.
AROUND, LEAST = 2.5, 64
SIDE = 220
Box = Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Cutout:
    """text: the detected class and the labelled class. uri: the cutout, with the box drawn on it."""

    text: str
    filename: str
    uri: str


def cutouts(evaluation: Evaluation, records: Path) -> list[Cutout]:
    """records: the folder with the images."""
    chosen = evaluation.errors.suspects.worst[:COUNT]
    names = {image["id"]: image["file_name"] for image in evaluation.groundtruth["images"]}
    found = worst_images.records_of(records, evaluation.metrics.split, {one.image_id for one in chosen})
    return [
        Cutout(
            text=describe(one),
            filename=names[one.image_id],
            uri=page_base.data_uri(cut_out(found[one.image_id], one.bbox)),
        )
        for one in chosen
        if one.image_id in found
    ]


def describe(one: Suspect) -> str:
    label = "nothing is labelled" if one.kind == "missing" else f"the label says {one.labelled}"
    return f"detected {one.class_name} ({one.score:.2f}), {label}"


def window(box_xywh: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) in pixels around [x, y, width, height], inside the image."""
    x, y, w, h = box_xywh
    half = max(AROUND * max(w, h), LEAST) / 2
    left, top = (max(0, round(middle - half)) for middle in (x + w / 2, y + h / 2))
    right, bottom = min(width, round(x + w / 2 + half)), min(height, round(y + h / 2 + half))
    return left, top, max(left + 1, right), max(top + 1, bottom)


def cut_out(record: Record, box_xywh: Box) -> bytes:
    """JPEG of the box's surroundings; its longer side has SIDE pixels. Raises UserError if the image is damaged."""
    image = record.picture("RGB")
    left, top, right, bottom = window(box_xywh, *image.size)
    scale = SIDE / max(right - left, bottom - top)
    size = (max(1, round(scale * (right - left))), max(1, round(scale * (bottom - top))))
    part = image.crop((left, top, right, bottom)).resize(size)
    x, y, w, h = box_xywh
    corners = [scale * (x - left), scale * (y - top), scale * (x + w - left), scale * (y + h - top)]
    ImageDraw.Draw(part).rectangle(corners, outline=(255, 176, 0), width=2)
    file = io.BytesIO()
    part.save(file, "JPEG", quality=85)
    return file.getvalue()
