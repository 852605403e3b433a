"""Boxes whose label may be the mistake, cut out of their pictures, surest first."""

import io
from dataclasses import dataclass
from pathlib import Path

from boxwright.core.html import page_base
from boxwright.report import worst_images
from boxwright.report.artifacts import Evaluation

COUNT = 12
# Sides of a cut: this many times the box, at least so many pixels, so that one sees what is around it.
AROUND, LEAST = 2.5, 64
SIDE = 220


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """text: what the detector says against what the label says; uri: of the cut, with the box drawn."""

    text: str
    filename: str
    uri: str


def pictures(evaluation: Evaluation, records: Path) -> list[Suspect]:
    """records: the folder that holds the images."""
    chosen = evaluation.errors["suspects"]["worst"][:COUNT]
    names = {image["id"]: image["file_name"] for image in evaluation.groundtruth["images"]}
    encoded = worst_images.encoded(records, evaluation.split, {one["image_id"] for one in chosen})
    return [
        Suspect(
            text=say(one),
            filename=names[one["image_id"]],
            uri=page_base.data_uri(cut(encoded[one["image_id"]], one["bbox"])),
        )
        for one in chosen
    ]


def say(one: dict) -> str:
    if one["kind"] == "missing":
        return f"{one['class']} {one['score']:.2f}, nothing labelled"
    return f"{one['class']} {one['score']:.2f}, labelled {one['labelled']}"


def window(bbox: list[float], width: int, height: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) in pixels around [x, y, width, height], inside the picture."""
    x, y, w, h = bbox
    half = max(AROUND * max(w, h), LEAST) / 2
    left, top = (max(0, round(middle - half)) for middle in (x + w / 2, y + h / 2))
    return (
        left,
        top,
        max(left + 1, min(width, round(x + w / 2 + half))),
        max(top + 1, min(height, round(y + h / 2 + half))),
    )


def cut(encoded: bytes, bbox: list[float]) -> bytes:
    """JPEG of the box's surroundings, its longer side SIDE pixels."""
    from PIL import Image, ImageDraw

    with Image.open(io.BytesIO(encoded)) as image:
        left, top, right, bottom = window(bbox, *image.size)
        scale = SIDE / max(right - left, bottom - top)
        size = (max(1, round(scale * (right - left))), max(1, round(scale * (bottom - top))))
        part = image.convert("RGB").crop((left, top, right, bottom)).resize(size)
    x, y, w, h = bbox
    corners = [scale * (x - left), scale * (y - top), scale * (x + w - left), scale * (y + h - top)]
    ImageDraw.Draw(part).rectangle(corners, outline=(255, 176, 0), width=2)
    file = io.BytesIO()
    part.save(file, "JPEG", quality=85)
    return file.getvalue()
