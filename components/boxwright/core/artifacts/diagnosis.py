"""`findings.json`: the findings of `diagnose`, and the AP50 that it predicts for the recipe."""

from pathlib import Path
from typing import Literal

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part
from boxwright.core.findings import Evidence, Finding

FILE = "findings.json"
STEP = "diagnose"


class Prediction(Part):
    """AP50 that is predicted for the recipe before training."""

    ap50: dict[str, float]
    """AP50 in 0..1 by class name."""
    interval: dict[str, tuple[float, float]]
    mean: float
    """Mean of AP50 over the classes."""
    mean_interval: tuple[float, float]
    basis: str
    """The measured runs behind the prediction."""


class Coverage(Part):
    """Training objects of one class and size, and the shares of them that no anchor reaches at IoU 0.5."""

    class_name: str
    size: str
    """Side of the object at the network's input."""
    n: int
    """Number of objects."""
    stock: float
    """Share that no anchor reaches under the stock recipe."""
    used: float
    """Share that no anchor reaches under the recipe that training follows."""


class Flip(Part):
    """Whether training images may be flipped in one direction."""

    fits: bool
    reason: str
    """Why or why not, in words that continue a sentence."""
    evidence: tuple[Evidence, ...] = ()


class Flips(Part):
    """Which flips make images that could be real. They are judged by the class names, the objects and the scenes."""

    horizontal: Flip = Flip(fits=True, reason="it is the default")
    """Left and right."""
    vertical: Flip = Flip(fits=False, reason="nothing shows that the objects are seen at all angles")
    """Up and down. `fits` also means that objects may be turned."""


class Diagnosis(Part):
    findings: tuple[Finding, ...]
    """Most important first."""
    unreachable: dict[Literal["stock", "used"], dict[str, float]]
    """Share of each class's training objects that no anchor reaches at IoU 0.5: under the stock recipe, and under the recipe that
    training follows."""
    coverage: tuple[Coverage, ...] = ()
    """The same by class and size."""
    prediction: Prediction | None = None
    """null: no measured run is similar to this one."""
    flips: Flips = Flips()


def read(path: Path) -> Diagnosis:
    """Raises UserError when the file is not there or not as diagnose writes it."""
    return json_file.read(path, Diagnosis, STEP)


def write(path: Path, diagnosis: Diagnosis) -> None:
    json_file.write(path, diagnosis)
