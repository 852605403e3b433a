"""`summary.json`: the result of a run, for scripts.

`report` writes it; `boxwright run` copies it to OUT and adds `seconds` and `artifacts`.
"""

from pathlib import Path
from typing import Literal

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.dataset import Counts, Quarantined, Split, SplitName
from boxwright.core.artifacts.diagnosis import Coverage
from boxwright.core.artifacts.errors import ErrorType, Recall
from boxwright.core.artifacts.json_file import Part
from boxwright.core.artifacts.training import ClassScore, Forgetting
from boxwright.core.findings import Finding
from boxwright.core.runtime import text_files

FILE = "summary.json"
STEP = "report"

Word = Literal["good", "held_back", "poor", "unmeasured", "not_ready"]


class Data(Part):
    digest: str
    splits: dict[SplitName, Split]
    found: Counts
    quarantined: Quarantined


class ErrorGain(Part):
    number: int
    dAP: float | None


class Evaluated(Part):
    """One detector on one split. All numbers are in 0..1; null: the split has no such object."""

    AP: float | None
    AP50: float | None
    AR100: float | None
    per_class: dict[str, ClassScore]
    errors: dict[ErrorType, ErrorGain]
    """As in errors.json: `tide`."""
    recall: tuple[Recall, ...]
    """As in errors.json."""
    ece: float | None
    """Expected calibration error of the scores."""
    suspected_labels: int
    split: str
    images: int


class Artifact(Part):
    path: str
    """Relative to OUT."""
    digest: str


class Summary(Part):
    verdict: Word
    """`not_ready`: validation stopped the run. `unmeasured`: no image of test or val has an object."""
    reasons: tuple[Finding, ...]
    """The findings of validate."""
    stock: bool | None
    """Whether the model zoo's recipe was used unchanged. null: nothing was trained."""
    steps: int | None
    """null: nothing was trained."""
    dataset: Data
    unreachable: dict[Literal["stock", "used"], dict[str, float]]
    """Share of each class's training objects that no anchor reaches at IoU 0.5. Empty: nothing was trained."""
    coverage: tuple[Coverage, ...]
    """The same by class and size."""
    evaluation: dict[Literal["float", "int8"], Evaluated]
    """Of the trained model and of its int8 file. Empty: nothing was trained."""
    findings: tuple[Finding, ...]
    """The findings of diagnose, and what training forgot of the initial weights. Most important first."""
    notices: tuple[str, ...]
    """Notices of convert, train, export and evaluate, as sentences."""
    forgetting: Forgetting | None = None
    """As in history.json. Present only if the initial weights knew some of the classes."""
    seconds: dict[str, float] | None = None
    """By step. Present only after `boxwright run`."""
    artifacts: dict[str, Artifact] | None = None
    """By STEP.NAME. Present only after `boxwright run`."""


# Fields that are left out of the file when they are None.
_OPTIONAL = ("forgetting", "seconds", "artifacts")


def read(path: Path) -> Summary:
    """Raises UserError when the file is not there or not as report writes it."""
    return json_file.read(path, Summary, STEP)


def write(path: Path, summary: Summary) -> None:
    absent = {name for name in _OPTIONAL if getattr(summary, name) is None}
    text_files.write(path, json_file.text(summary, exclude=absent))
