"""COCO detection evaluation with hotcoco.

Detections and ground truth are COCO json. Boxes are [x, y, width, height] in pixels of the original image. Image ids are 1..n
in the order of the records, category ids 1..k in the order of the classes.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import hotcoco
import numpy as np

from boxwright.core.artifacts.coco import Annotation, Category, Detection, GroundTruth, Image
from boxwright.core.records.tfrecords import Record

NUMBERS = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl")
MOST_DETECTIONS = 100  # per image, in COCO's evaluation, in the zoo's configs and in our recipes
# Indices into the evaluator's precision array, whose axes are (IoU, recall, class, area, detections per image).
_ALL_AREAS, _MAX_DETECTIONS = 0, -1


def groundtruth(records: Iterable[Record], classes: Sequence[str]) -> GroundTruth:
    """COCO json of the records' images and objects. classes: names in the order of their ids 1..k."""
    images: list[Image] = []
    annotations: list[Annotation] = []
    for image_id, record in enumerate(records, 1):
        images.append({"id": image_id, "file_name": record.filename, "height": record.height, "width": record.width})
        boxes_xywh = to_xywh(record.boxes_yxyx, record.height, record.width)
        for box, class_id, crowd in zip(boxes_xywh, record.class_ids, record.is_crowd, strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": int(class_id),
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": int(crowd),
                }
            )
    categories: list[Category] = [{"id": i, "name": name} for i, name in enumerate(classes, 1)]
    return {"images": images, "annotations": annotations, "categories": categories}


def detections(
    image_id: int, height: int, width: int, boxes_yxyx: np.ndarray, scores: np.ndarray, class_ids: np.ndarray
) -> list[Detection]:
    """COCO json of one image's detections. Detections with score 0 are padding of the detector, and are left out.

    boxes_yxyx: (n, 4) in 0..1. scores: (n,). class_ids: (n,) from 1. height, width: of the original image, in pixels.
    """
    return [
        {"image_id": image_id, "category_id": int(class_id), "bbox": box, "score": float(score)}
        for box, score, class_id in zip(to_xywh(boxes_yxyx, height, width), scores, class_ids, strict=True)
        if score > 0
    ]


def to_xywh(boxes_yxyx: np.ndarray, height: int, width: int) -> list[list[float]]:
    """Boxes as [x, y, width, height] in pixels. boxes_yxyx: (n, 4) in 0..1. height, width: of the image, in pixels."""
    pixels = np.asarray(boxes_yxyx, np.float64).reshape(-1, 4) * [height, width, height, width]
    ymin, xmin, ymax, xmax = pixels.T
    return np.stack([xmin, ymin, xmax - xmin, ymax - ymin], axis=1).tolist()


def evaluate(groundtruth: GroundTruth, detections: Sequence[Detection]) -> dict[str, Any]:
    """The 12 COCO numbers and `per_class` {name: {AP, AP50}}, in 0..1; None for a number that has no objects."""
    return summary(evaluator(groundtruth, detections), groundtruth)


def evaluator(groundtruth: GroundTruth, detections: Sequence[Detection]) -> Any:
    """A hotcoco.COCOeval after evaluate(), accumulate() and the summary. Other functions here read their results from it."""
    truth = hotcoco.COCO(dict(groundtruth))
    nothing = {**groundtruth, "annotations": []}
    found = truth.load_res([dict(one) for one in detections]) if detections else hotcoco.COCO(nothing)
    result = hotcoco.COCOeval(truth, found, "bbox")
    result.evaluate()
    result.accumulate()
    result.summary_lines()  # what `summarize` does, without printing
    return result


def summary(evaluated: Any, groundtruth: GroundTruth) -> dict[str, Any]:
    """The result of `evaluate`. evaluated: from `evaluator`, for the same ground truth."""
    numbers = evaluated.get_results()
    precision = evaluated.eval["precision"][..., _ALL_AREAS, _MAX_DETECTIONS]
    return {name: known(numbers[name]) for name in NUMBERS} | {
        "per_class": {
            category["name"]: {"AP": mean(precision[:, :, k]), "AP50": mean(precision[0, :, k])}
            for k, category in enumerate(groundtruth["categories"])
        }
    }


def curves(evaluated: Any, groundtruth: GroundTruth) -> dict[str, np.ndarray]:
    """By class name, (101,) precision at IoU 0.5 at the recalls 0, .01, ..., 1. Classes without objects are left out."""
    precision = evaluated.eval["precision"][0, :, :, _ALL_AREAS, _MAX_DETECTIONS]
    named = zip((category["name"] for category in groundtruth["categories"]), precision.T, strict=True)
    return {name: curve for name, curve in named if (curve > -1).any()}


def mean(precision: np.ndarray) -> float | None:
    """Mean precision in 0..1 over the points that have a value; None if no point has one. hotcoco marks these with -1."""
    return known(float(precision[precision > -1].mean())) if (precision > -1).any() else None


def known(value: float) -> float | None:
    """The value; None for hotcoco's -1, which means that there are no objects."""
    return None if value < 0 else float(value)
