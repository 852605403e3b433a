"""Exports the trained model as SavedModel and as TFLite, float32 and full-integer int8, and checks that they agree with it.

Both TFLite files carry their labels: `labels.txt` in a zip archive at their end, and TFLite metadata that points at it
(`unzip int8.tflite` shows it). They take one image at the input size: float32 in -1..1, or uint8. Run them with one thread:
with more, LiteRT 2.3's post-processing op can lose a class when the threads do not divide the classes.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from boxwright.core.runtime.flags import Bounds, Input, Output, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    model: Annotated[Path, Input("Model")]
    """Folder that train wrote."""
    records: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote: training images calibrate int8, validation images check parity."""
    calibration_images: Annotated[int, Bounds(1)] = 150
    """Distinct training images that calibrate the int8 file. Fewer than 100 cost accuracy."""
    saved_model: Annotated[Path, Output("Model")] = Path("saved_model")
    """Output: SavedModel that takes one uint8 image of any size."""
    tflite: Annotated[Path, Output("Model")] = Path("tflite")
    """Output folder: float32.tflite, int8.tflite, labels.txt, parity.json."""
