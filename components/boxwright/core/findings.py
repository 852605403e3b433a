"""Findings: what is wrong, with the number that shows it and what to do about it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError

Severity = Literal["high", "medium", "low", "info"]
Cause = Literal["augmentation", "data", "hyper-parameters"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info")


class Evidence(BaseModel):
    """One measured number. `interval` is a 95 % interval; `where` is the artifact and column it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    metric: str
    value: float
    n: int
    interval: tuple[float, float] | None = None
    seed: int | None = None
    where: str


class Finding(BaseModel):
    """A claim about this user's data or recipe that can be acted on.

    expected_effect: in points of AP50, with its basis, or in words where no measured run gives a number;
    effect_points: the same as a number, by which findings of one severity are ranked; None where unknown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    cause: Cause
    severity: Severity
    claim: str
    evidence: tuple[Evidence, ...]
    remedy: str
    expected_effect: str
    effect_points: float | None = None
    confidence: Literal["high", "medium", "low"]


class Prediction(BaseModel):
    """What is expected of the recipe before training: AP50 in 0..1 by class name, and its mean, each with an interval."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    ap50: dict[str, float]
    interval: dict[str, tuple[float, float]]
    mean: float
    mean_interval: tuple[float, float]
    basis: str


class Coverage(BaseModel):
    """Training objects of one class and size (side at the network's input): how many, and the shares of them that no anchor
    reaches at IoU 0.5 under the stock and the used recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    class_name: str
    size: str
    n: int
    stock: float
    used: float


class Diagnosis(BaseModel):
    """`findings.json`. unreachable: share of training objects per class with no anchor at IoU 0.5, under the stock recipe
    (`stock`) and under the recipe that training follows (`used`); coverage: the same by class and size."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    findings: tuple[Finding, ...]
    unreachable: dict[Literal["stock", "used"], dict[str, float]]
    coverage: tuple[Coverage, ...] = ()
    prediction: Prediction | None = None


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Most severe first, then by expected effect, then by name (so that the order never depends on chance)."""
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), -(f.effect_points or 0.0), f.id)))


def write(diagnosis: Diagnosis, path: Path) -> None:
    text_files.write(path, diagnosis.model_dump_json(indent=2) + "\n")


def read(path: Path) -> Diagnosis:
    """Raises UserError for what is no file of findings."""
    try:
        return Diagnosis.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        why = error.strerror if isinstance(error, OSError) else f"{error.error_count()} fields are wrong"
        raise UserError(f"{path}: {why}; expected the findings.json that `boxwright diagnose` wrote") from None
