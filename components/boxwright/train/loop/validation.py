"""AP on the validation images during training."""

from pathlib import Path
from typing import Any

from boxwright.core import coco_eval
from boxwright.core.artifacts.coco import Detection
from boxwright.core.od_api.detection_model import DetectionModel
from boxwright.core.od_api.detector import Detector
from boxwright.core.od_api.image_preprocessing import decode
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords

_MOST_IMAGES = 500


class Validation:
    """Measures AP of the model's current weights on the first 500 validation images."""

    def __init__(self, model: DetectionModel, recipe: Recipe, records: Path) -> None:
        chosen = list(zip(range(_MOST_IMAGES), tfrecords.read(records, "val"), strict=False))
        self.records = [record for _, record in chosen]
        self.truth = coco_eval.groundtruth(self.records, recipe.classes)
        self.detector = Detector(model, recipe.input_size, recipe.batch_size)

    def __call__(self) -> dict[str, Any]:
        """The numbers of coco_eval.evaluate: AP, AP50 and the others in 0..1, and AP and AP50 per class."""
        return coco_eval.evaluate(self.truth, self.detect())

    def missing(self) -> str:
        """Why AP cannot be measured, as the beginning of a sentence; empty if it can."""
        if any(not one["iscrowd"] for one in self.truth["annotations"]):
            return ""
        return "No object on the validation images" if self.records else "No validation images"

    def detect(self) -> list[Detection]:
        """COCO json of the model's detections, with the class ids of its recipe."""
        found: list[Detection] = []
        batch = self.detector.batch_size
        for start in range(0, len(self.records), batch):
            chosen = self.records[start : start + batch]
            detections = self.detector([decode(record.encoded) for record in chosen])
            for image_id, (record, detection) in enumerate(zip(chosen, detections, strict=True), start + 1):
                found += coco_eval.detections(image_id, record.height, record.width, *detection)
        return found
