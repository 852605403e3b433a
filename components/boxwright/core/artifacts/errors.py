"""`errors.json`: what a detector does wrong, as numbers. It is in the folder `evaluation`."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part

FILE = "errors.json"
STEP = "evaluate"

ErrorType = Literal["Cls", "Loc", "Both", "Dupe", "Bkg", "Miss"]
Axis = Literal["size", "light", "anchors"]


class ErrorCount(Part):
    """One of TIDE's types of error (Bolya et al. 2020, section 2)."""

    type: ErrorType
    number: int
    """Number of errors at the score of this file."""
    dAP: float | None
    """AP50 that would be gained, in 0..1, if all errors of this type were corrected. The gains do not add up. null: cannot be
    measured."""


class Bin(Part):
    """One of ten bins of the scores."""

    score: float
    """Mean score."""
    right: float
    """Share of the detections that are right at IoU 0.5."""
    number: int


class Calibration(Part):
    """Calibration: how well the scores match the share of detections that are right."""

    ece: float | None
    """Expected calibration error (Guo et al. 2017). null: there are no detections."""
    bins: tuple[Bin, ...]
    per_class: dict[str, float]
    """Expected calibration error of each class."""
    number: int
    """Number of detections."""


class Suspect(Part):
    """A detection that contradicts the labels: the detector may be wrong, or the label."""

    kind: Literal["missing", "class"]
    """`missing`: nothing is labelled there. `class`: another class is labelled there."""
    image_id: int
    score: float
    class_name: str = Field(validation_alias="class", serialization_alias="class")
    """The detected class."""
    labelled: str | None
    """The labelled class. null: nothing is labelled there."""
    bbox: tuple[float, float, float, float]
    """[x, y, width, height] in pixels of the original image."""


class Suspects(Part):
    number: int
    worst: tuple[Suspect, ...]
    """The first hundred, highest score first."""


class Recall(Part):
    """How many objects of one class and one bucket are found at IoU 0.5."""

    axis: Axis
    class_name: str | None = Field(validation_alias="class", serialization_alias="class")
    """null: all classes together."""
    bucket: str
    objects: int
    found: int
    """At the score of this file or above."""
    any: int
    """At any score."""


class Confusion(Part):
    """Objects of one class that are detected as another."""

    class_name: str = Field(validation_alias="class", serialization_alias="class")
    taken_for: str
    number: int
    objects: int
    """All objects of the class."""


class Errors(Part):
    score: float
    """Detections of this score and above count."""
    iou: float
    """A detection is right at this IoU or above."""
    background_iou: float
    """A detection whose IoU with every object is below this lies on background."""
    tide: tuple[ErrorCount, ...]
    calibration: Calibration
    suspects: Suspects
    recall: tuple[Recall, ...]
    confusions: tuple[Confusion, ...]
    """The most frequent first."""


def read(path: Path) -> Errors:
    """Raises UserError when the file is not there or not as evaluate writes it."""
    return json_file.read(path, Errors, STEP)


def write(path: Path, errors: Errors) -> None:
    json_file.write(path, errors)
