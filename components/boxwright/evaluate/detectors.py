"""The trained model and the .tflite files behind one interface: images in, (boxes_yxyx, scores, class_ids) out."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from boxwright.core import recipe as recipes
from boxwright.core import tflite
from boxwright.core.od_api import detector
from boxwright.core.od_api.detector import Detection
from boxwright.core.od_api.tflite_detector import TfliteDetector
from boxwright.core.runtime.errors import UserError

Detector = Callable[[Sequence[np.ndarray]], list[Detection]]


def load(model: Path, variant: str) -> tuple[Detector, list[str]]:
    """The detector and its classes.

    model: folder from train (variant `trained`) or from export (`float32`, `int8`). Raises UserError if the file is missing.
    """
    if variant == "trained":
        return detector.load(model), list(recipes.read(model / "recipe.yaml").classes)
    file = model / f"{variant}.tflite"
    if not file.is_file():
        raise UserError(
            f"{file} does not exist: give the tflite folder that `boxwright export` wrote, or --variant trained"
        )
    return TfliteDetector(file), tflite.labels(file.read_bytes())


def check_classes(found: Sequence[str], expected: Sequence[str], model: Path) -> None:
    """Raises UserError if detector and records do not have the same classes in the same order."""
    if found and list(found) != list(expected):
        raise UserError(
            f"{model}: the detector knows the classes {', '.join(found)}, the records have {', '.join(expected)}; evaluate "
            "with records of the same classes in the same order, or train again"
        )
