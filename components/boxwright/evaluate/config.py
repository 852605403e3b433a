"""Evaluates a detector with the COCO metrics: the trained model or one of its .tflite files, with the same code for both.

Numbers are in 0..1. A number is null if the split has no object of that class or size. Intervals are 95 % bootstrap intervals
over the images.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from boxwright.core.runtime.flags import Input, Output, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    model: Annotated[Path, Input("Model")]
    """Folder that train wrote (variant trained), or the tflite folder that export wrote."""
    records: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote."""
    variant: Literal["trained", "float32", "int8"] = "trained"
    """The trained model, or one of the TFLite files."""
    split: Literal["train", "val", "test"] = "test"
    """The split to evaluate. If it has no objects, val is evaluated instead, and a notice says so."""
    evaluation: Annotated[Path, Output("Artifact")] = Path("evaluation")
    """Output folder: metrics.json, errors.json (error types, confusions, recall by object size, brightness and anchor fit,
    calibration, labels that may be wrong), detections.json and groundtruth.json (COCO), precision_recall.svg."""
    metrics: Annotated[Path, Output("Metrics")] = Path("metrics.json")
    """Output: the numbers for the KFP UI."""
    confusion: Annotated[Path, Output("ClassificationMetrics")] = Path("confusion.json")
    """Output: the confusion matrix for the KFP UI."""
    page: Annotated[Path, Output("HTML")] = Path("evaluation.html")
    """Output: the numbers as an HTML page."""
