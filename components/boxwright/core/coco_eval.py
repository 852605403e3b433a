"""COCO detection evaluation of records and detections, by hotcoco.

Detections and ground truth are COCO json (dicts): boxes are [x, y, width, height] in pixels of the original image, image ids
1..n in the order of the records, category ids 1..k in the order of the classes.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from boxwright.core.records.tfrecords import Record

NUMBERS = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl")
MOST_DETECTIONS = 100  # an image: of the evaluation, and of the zoo's recipes and ours
# Axes of the evaluator's precision array are (IoU, recall, class, area, detections an image); these are `all` and 100.
_ALL_AREAS, _MAX_DETECTIONS = 0, -1


def groundtruth(records: Iterable[Record], classes: Sequence[str]) -> dict:
    """COCO json of the records' images and objects."""
    images, annotations = [], []
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
    categories = [{"id": i, "name": name} for i, name in enumerate(classes, 1)]
    return {"images": images, "annotations": annotations, "categories": categories}


def detections(
    image_id: int, height: int, width: int, boxes_yxyx: np.ndarray, scores: np.ndarray, class_ids: np.ndarray
) -> list[dict]:
    """COCO json of one image's detections. boxes_yxyx: (n, 4) in 0..1; height, width: original pixels; scores of 0 are
    the detector's padding and left out."""
    return [
        {"image_id": image_id, "category_id": int(class_id), "bbox": box, "score": float(score)}
        for box, score, class_id in zip(to_xywh(boxes_yxyx, height, width), scores, class_ids, strict=True)
        if score > 0
    ]


def to_xywh(boxes_yxyx: np.ndarray, height: int, width: int) -> list[list[float]]:
    """(n, 4) boxes in 0..1 as [x, y, width, height] in pixels."""
    pixels = np.asarray(boxes_yxyx, np.float64).reshape(-1, 4) * [height, width, height, width]
    ymin, xmin, ymax, xmax = pixels.T
    return np.stack([xmin, ymin, xmax - xmin, ymax - ymin], axis=1).tolist()


def evaluate(groundtruth: dict, detections: Sequence[dict]) -> dict[str, Any]:
    """The 12 COCO numbers and `per_class` {name: {AP, AP50}}, all in 0..1; None where there is no object to find."""
    return summary(evaluator(groundtruth, detections), groundtruth)


def evaluator(groundtruth: dict, detections: Sequence[dict]) -> Any:
    """A hotcoco.COCOeval that has evaluated, accumulated and summarised."""
    import hotcoco

    truth = hotcoco.COCO(groundtruth)
    found = truth.load_res(list(detections)) if detections else hotcoco.COCO(groundtruth | {"annotations": []})
    result = hotcoco.COCOeval(truth, found, "bbox")
    result.evaluate()
    result.accumulate()
    result.summary_lines()  # what `summarize` does, without printing
    return result


def summary(evaluated: Any, groundtruth: dict) -> dict[str, Any]:
    """What `evaluate` returns, from an evaluator's result."""
    numbers = evaluated.get_results()
    precision = evaluated.eval["precision"][..., _ALL_AREAS, _MAX_DETECTIONS]
    return {name: known(numbers[name]) for name in NUMBERS} | {
        "per_class": {
            category["name"]: {"AP": mean(precision[:, :, k]), "AP50": mean(precision[0, :, k])}
            for k, category in enumerate(groundtruth["categories"])
        }
    }


def curves(evaluated: Any, groundtruth: dict) -> dict[str, np.ndarray]:
    """Precision at IoU .5 over recalls 0, .01, ... 1: (101,) by name of each class that has objects."""
    precision = evaluated.eval["precision"][0, :, :, _ALL_AREAS, _MAX_DETECTIONS]
    named = zip((category["name"] for category in groundtruth["categories"]), precision.T, strict=True)
    return {name: curve for name, curve in named if (curve > -1).any()}


def mean(precision: np.ndarray) -> float | None:
    """Average over the recall points that have a value (-1 marks none)."""
    return known(float(precision[precision > -1].mean())) if (precision > -1).any() else None


def known(value: float) -> float | None:
    return None if value < 0 else float(value)
