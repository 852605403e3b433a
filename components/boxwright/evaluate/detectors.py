"""The trained model and the .tflite files behind one interface: images in, (boxes_yxyx, scores, class_ids) out."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from boxwright.core import recipe as recipes
from boxwright.core.artifacts.coco import Detection as Detected
from boxwright.core.od_api import detector
from boxwright.core.od_api.detector import Detection
from boxwright.core.od_api.tflite_detector import TfliteDetector
from boxwright.core.runtime.errors import UserError
from boxwright.evaluate import label_files

_SHOWN = 20  # names of classes in an error

Detector = Callable[[Sequence[np.ndarray]], list[Detection]]


def load(model: Path, variant: str) -> tuple[Detector, list[str]]:
    """The detector and its class names in the order of their ids 1..n; empty names for a file that names none.

    model: folder from train (variant `trained`) or from export (`float32`, `int8`). Raises UserError if the model is missing or
    damaged.
    """
    if variant == "trained":
        return detector.load(model), list(recipes.read(model / "recipe.yaml").classes)
    file = model / f"{variant}.tflite"
    if not file.is_file():
        raise UserError(
            f"{file} does not exist: give the tflite folder that `boxwright export` wrote, or --variant trained"
        )
    detector_of_file = TfliteDetector(file)
    names = label_files.names_of(file, "", detector_of_file.labels)
    return detector_of_file, names or [""] * detector_of_file.classes


def check_classes(found: Sequence[str], expected: Sequence[str], model: Path) -> None:
    """Raises UserError if detector and records have different classes, or the same classes in another order.

    A detector without names passes if it has as many classes.
    """
    if not any(found):
        return _check_number(len(found), expected, model)
    if list(found) != list(expected):
        raise UserError(
            f"{model}: the detector has the classes {_names(found)}, but the records have {_names(expected)}; give "
            "records with the same classes in the same order, or train on these records"
        )


def _check_number(found: int, expected: Sequence[str], model: Path) -> None:
    """found: number of the detector's classes, which it does not name; 0 if it is unknown."""
    if found and found != len(expected):
        raise UserError(
            f"{model}: the detector has {found} classes and names none of them, and the records have {len(expected)}: "
            f"{_names(expected)}; write its names into labels.txt beside it, one a line, or use `boxwright examine`"
        )


def check_detected(detections: Sequence[Detected], classes: Sequence[str], model: Path) -> None:
    """Raises UserError if the detector found a class that the records do not have. A file without labels may have more."""
    ids = {detection["category_id"] for detection in detections}
    if wrong := sorted(ids - set(range(1, len(classes) + 1))):
        raise UserError(
            f"{model}: the detector found class number {wrong[0]}, but the records have the {len(classes)} classes "
            f"{_names(classes)}; give records of the detector's classes, or train on these records"
        )


def _names(classes: Sequence[str]) -> str:
    """The first 20 names, each of up to 100 characters."""
    more = f", ... ({len(classes)} in all)" if len(classes) > _SHOWN else ""
    return ", ".join(name[:100] for name in classes[:_SHOWN]) + more
