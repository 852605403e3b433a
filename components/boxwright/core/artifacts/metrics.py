"""`metrics.json`: COCO's numbers of one detector on one split. It is in the folder `evaluation`.

All numbers are in 0..1. null: the split has no such object.
"""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part

FILE = "metrics.json"
STEP = "evaluate"

Variant = Literal["trained", "float32", "int8"]
Bounds = tuple[float, float]


class ClassMetrics(Part):
    AP: float | None
    AP50: float | None
    objects: int
    """Objects in the split. Crowds do not count."""


class Intervals(Part):
    """95 % intervals of AP and AP50 by their names: `AP`, `AP50`, `AP CLASS`, `AP50 CLASS`. Each is [low, high] or null."""

    model_config = ConfigDict(extra="allow")
    # This is how pydantic types the other keys.
    __pydantic_extra__: dict[str, Bounds | None] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]  (pydantic asks for it)

    resamples: int
    seed: int
    over: str
    """What was resampled."""

    def bounds(self, name: str) -> Bounds | None:
        """name: such as `AP50` or `AP50 cat`."""
        return (self.__pydantic_extra__ or {}).get(name)


class Metrics(Part):
    variant: Variant
    """The model as trained, or one of its TFLite files."""
    split: str
    images: int
    objects: int
    detections: int
    AP: float | None
    """Mean over IoU 0.5 to 0.95, all classes."""
    AP50: float | None
    AP75: float | None
    APs: float | None
    """Objects below 32² pixels of the original image."""
    APm: float | None
    """Objects from 32² to 96² pixels."""
    APl: float | None
    """Objects above 96² pixels."""
    AR1: float | None
    AR10: float | None
    AR100: float | None
    """Recall with at most 100 detections an image."""
    ARs: float | None
    ARm: float | None
    ARl: float | None
    per_class: dict[str, ClassMetrics]
    interval: Intervals | None = None
    """null: too few images, or too many detections to resample."""
    notices: tuple[str, ...] = ()
    """Warnings about the numbers, as sentences."""


def read(path: Path) -> Metrics:
    """Raises UserError when the file is not there or not as evaluate writes it."""
    return json_file.read(path, Metrics, STEP)


def write(path: Path, metrics: Metrics) -> None:
    json_file.write(path, metrics)
