"""Exports the trained model as SavedModel and as TFLite (float32 and full-integer int8), and compares their detections.

Both TFLite files contain their labels: TFLite metadata name the file `labels.txt` in a zip archive at the end of the file
(`unzip int8.tflite` extracts it). The input is one image of the input size: float32 in -1..1, or uint8 for int8. Run the files
with one thread. With more, the post-processing op of LiteRT 2.3 can lose a class if the number of classes is not a multiple of
the number of threads.
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
    """Folder that convert wrote. Training images calibrate int8; validation images are used to compare detections."""
    calibration_images: Annotated[int, Bounds(1)] = 150
    """Number of distinct training images that calibrate the int8 file. Fewer than 100 reduce its accuracy."""
    saved_model: Annotated[Path, Output("Model")] = Path("saved_model")
    """Output folder: SavedModel whose input is one uint8 image of any size."""
    tflite: Annotated[Path, Output("Model")] = Path("tflite")
    """Output folder: float32.tflite, int8.tflite, labels.txt, parity.json."""
