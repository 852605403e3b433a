"""Writes one self-contained page (it needs no network) and summary.json from the outputs of a run.

If validation stopped the run, give only records and anomalies: the page says why. If the run was trained, give all inputs.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from boxwright.core.runtime.flags import Input, Output, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    records: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote."""
    anomalies: Annotated[Path, Input("Artifact")]
    """Folder with validation.json that validate wrote."""
    findings: Annotated[str, Input("Artifact")] = ""
    """Findings that diagnose wrote."""
    recipe: Annotated[str, Input("Artifact")] = ""
    """Recipe that training followed."""
    model: Annotated[str, Input("Model")] = ""
    """Folder that train wrote."""
    evaluation_float: Annotated[str, Input("Artifact")] = ""
    """Folder that evaluate wrote for the trained model."""
    evaluation_int8: Annotated[str, Input("Artifact")] = ""
    """Folder that evaluate wrote for the int8 TFLite file."""
    tflite: Annotated[str, Input("Model")] = ""
    """Folder with the TFLite files and parity.json that export wrote."""
    edgetpu: Annotated[str, Input("Model")] = ""
    """Folder that edgetpu wrote."""
    report: Annotated[Path, Output("HTML")] = Path("report.html")
    """Output: the page."""
    overview: Annotated[Path, Output("Markdown")] = Path("overview.md")
    """Output: a short version of the page, as Markdown."""
    summary: Annotated[Path, Output("Artifact")] = Path("summary.json")
    """Output: the result as JSON, for scripts."""
