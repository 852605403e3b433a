"""`edgetpu.json`: which operators of the int8 file run on the Edge TPU, and whether it was compiled."""

from pathlib import Path
from typing import Literal

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part

FILE = "edgetpu.json"
STEP = "edgetpu"


class Operators(Part):
    """Operators of one kind, with the same placement for the same reason."""

    op: str
    version: int
    placement: Literal["Edge TPU", "CPU"]
    why: str
    count: int


class LogRow(Part):
    """A line of the compiler's own table of operators."""

    op: str
    count: int
    status: str


class Log(Part):
    """Numbers of the compiler's log, in its own units. null: the log does not say."""

    version: str | None
    on_chip_used: str | None
    on_chip_left: str | None
    off_chip: str | None
    subgraphs: int | None
    operators: int | None
    on_tpu: int | None
    on_cpu: int | None
    ops: tuple[LogRow, ...]


class EdgeTpu(Part):
    status: str
    """`compiled`, or `checked, not compiled`."""
    compiled: bool
    """Whether the compiler wrote a file with operators on the Edge TPU."""
    compiler: str | None
    """Version of the compiler that ran."""
    reason: str
    """Why it was not compiled."""
    rules: str
    """The published rules behind the prediction."""
    input_types: tuple[str, ...]
    refused: str | None
    """Why the compiler refuses the whole file, by the rules. null: the rules do not refuse it."""
    operators: int
    predicted_on_tpu: float
    """Share of the operators that run on the Edge TPU, by the rules."""
    ops: tuple[Operators, ...]
    log: Log | None
    """null: the compiler did not run."""


def read(path: Path) -> EdgeTpu:
    """Raises UserError when the file is not there or not as edgetpu writes it."""
    return json_file.read(path, EdgeTpu, STEP)


def write(path: Path, report: EdgeTpu) -> None:
    json_file.write(path, report)
