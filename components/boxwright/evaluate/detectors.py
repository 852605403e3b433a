"""The trained model and the .tflite files behind one interface: images in, (boxes_yxyx, scores, class_ids) out."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from boxwright.core import recipe as recipes
from boxwright.core.od_api import detector
from boxwright.core.od_api.detector import Detection
from boxwright.core.od_api.tflite_detector import TfliteDetector
from boxwright.core.runtime.errors import UserError

Detector = Callable[[Sequence[np.ndarray]], list[Detection]]


def load(model: Path, variant: str) -> tuple[Detector, list[str]]:
    """The detector and its class names in the order of their ids 1..n.

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
    return detector_of_file, detector_of_file.labels


def check_classes(found: Sequence[str], expected: Sequence[str], model: Path) -> None:
    """Raises UserError if detector and records have different classes, or the same classes in another order.

    A detector without labels passes.
    """
    if found and list(found) != list(expected):
        raise UserError(
            f"{model}: the detector has the classes {', '.join(found)}, but the records have {', '.join(expected)}; give "
            "records with the same classes in the same order, or train on these records"
        )
