"""`status.json`: what KFP says at the end of a run. The exit handler of every graph writes it."""

from pathlib import Path

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part

FILE = "status.json"
STEP = "run_status"


class RunStatus(Part):
    state: str
    """What KFP passes to the last step: `SUCCEEDED`, `CANCELLED`, `FAILED` (a step failed at least once; a later try may have
    worked) or `RUNNING` (this server does not tell). `boxwright status RUN` shows how the run really ended."""
    error: str
    """The error message of KFP. Empty: there was no error."""
    run: str
    """Id of the run."""
    pipeline: str
    data: str
    """The data of the run, without passwords."""


def read(path: Path) -> RunStatus:
    """Raises UserError when the file is not there or not as run_status writes it."""
    return json_file.read(path, RunStatus, STEP)


def write(path: Path, status: RunStatus) -> None:
    json_file.write(path, status)
