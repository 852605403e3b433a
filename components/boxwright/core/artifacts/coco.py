"""`groundtruth.json` and `detections.json`, in COCO's own format. They are in the folder `evaluation`.

Boxes are [x, y, width, height] in pixels of the original image. Image ids are 1..n in the order of the records.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from typing_extensions import TypedDict

from boxwright.core.artifacts import json_file
from boxwright.core.runtime import text_files

GROUNDTRUTH = "groundtruth.json"
DETECTIONS = "detections.json"
STEP = "evaluate"


class Image(TypedDict):
    id: int
    file_name: str
    height: int
    width: int


class Annotation(TypedDict):
    id: int
    image_id: int
    category_id: int
    bbox: list[float]
    area: float
    iscrowd: int


class Category(TypedDict):
    id: int
    name: str


class GroundTruth(TypedDict):
    images: list[Image]
    annotations: list[Annotation]
    categories: list[Category]


class Detection(TypedDict):
    image_id: int
    category_id: int
    bbox: list[float]
    score: float


def read_groundtruth(path: Path) -> GroundTruth:
    """Raises UserError when the file is not there or not as evaluate writes it."""
    return json_file.read(path, GroundTruth, STEP)


def read_detections(path: Path) -> list[Detection]:
    """Raises UserError when the file is not there or not as evaluate writes it."""
    return json_file.read(path, list[Detection], STEP)


def write(path: Path, content: GroundTruth | Sequence[Detection]) -> None:
    text_files.write(path, json.dumps(content))
