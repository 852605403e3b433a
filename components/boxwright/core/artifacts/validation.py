"""`validation.json`: whether training may start, and the findings of `validate`. It is in the folder `anomalies`."""

from pathlib import Path
from typing import Literal

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part
from boxwright.core.findings import Finding

FILE = "validation.json"
STEP = "validate"
# The finding that a held-out split shows what an earlier split shows. The subject of its evidence is the held-out split.
LEAK = "split_leak"

Verdict = Literal["ready", "ready_with_caveats", "not_ready"]


class Validation(Part):
    verdict: Verdict
    """`not_ready`: a finding stops the pipeline. `ready`: no finding is above `info`."""
    findings: tuple[Finding, ...]
    """First those that stop the pipeline, then the others; each group by severity."""

    @property
    def stopping(self) -> tuple[Finding, ...]:
        """The findings that stop the pipeline."""
        return tuple(finding for finding in self.findings if finding.stops)


def read(path: Path) -> Validation:
    """Raises UserError when the file is not there or not as validate writes it."""
    return json_file.read(path, Validation, STEP)


def write(path: Path, validation: Validation) -> None:
    json_file.write(path, validation)
