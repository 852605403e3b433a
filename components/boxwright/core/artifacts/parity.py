"""`parity.json`: whether the TFLite files detect what the trained model detects. It is in the folder `tflite`."""

from pathlib import Path

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part

FILE = "parity.json"
STEP = "export"


class Calibration(Part):
    """The training images that calibrated the int8 file."""

    images: int
    asked: int
    seed: int = 0


class Compared(Part):
    """The trained model's strongest detections compared with those of one file. null: there was nothing to compare."""

    detections: int
    """Number of detections that were compared."""
    matched: float | None
    """Share for which the file has a detection of the same class at IoU 0.5 or more."""
    same: float | None
    """Share whose box and score differ by less than 0.001."""
    box_max: float | None
    """Greatest difference between matched boxes, as a share of the image's side."""
    box_mean: float | None
    score_max: float | None
    score_mean: float | None


class Parity(Part):
    input_size: int
    """Side of the network's input, in pixels."""
    calibration: Calibration
    split: str
    """The split whose images were compared."""
    images: int
    float32: Compared
    int8: Compared
    notices: tuple[str, ...] = ()
    """Warnings about the files, as sentences."""


def read(path: Path) -> Parity:
    """Raises UserError when the file is not there or not as export writes it."""
    return json_file.read(path, Parity, STEP)


def write(path: Path, parity: Parity) -> None:
    json_file.write(path, parity)
