"""Findings: what is wrong, the number that shows it, and what to do about it.

There is one type for every step: what convert lost, what validate doubts, what diagnose measures, what training took away.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info")

# In the order in which they have to be put right: a later cause cannot be judged before an earlier one is.
Cause = Literal["data_quality", "split", "recipe", "data_quantity", "model_errors"]
CAUSES: dict[Cause, str] = {
    "data_quality": "wrong data",
    "split": "wrong split",
    "recipe": "wrong recipe",
    "data_quantity": "too little data",
    "model_errors": "model errors",
}

# A stable code: lower case, no class name inside.
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(_Part):
    """One measured number. `interval` is a 95 % interval; `where` is the artifact and column it came from."""

    metric: str
    value: float
    n: int
    interval: tuple[float, float] | None = None
    seed: int | None = None
    where: str


class Finding(_Part):
    """A claim about this user's data, recipe or model that can be acted on."""

    id: Code
    """A stable code such as `few_objects`. It never holds a class name."""
    subject: str = ""
    """The class or split that the finding is about, where each has a finding of its own; else empty."""
    cause: Cause
    """Where the fault lies. The causes are in the order in which they have to be put right."""
    severity: Severity
    stops: bool = False
    """Whether the pipeline stops because of it."""
    title: Annotated[str, Field(min_length=1)]
    """One sentence that a tired engineer understands. It holds no code."""
    claim: str
    """What was found, with its numbers."""
    evidence: tuple[Evidence, ...] = ()
    items: tuple[str | tuple[str, ...], ...] = ()
    """All that the finding is about: file names, pairs of file names, or class names."""
    remedy: str = ""
    """What to do, with the command that does it where there is one."""
    expected_effect: str = ""
    """In points of AP50 with its basis, or in words where no measured run gives a number."""
    effect_points: float | None = None
    """The expected effect as a number, which ranks findings of one severity. None: unknown."""
    confidence: Literal["high", "medium", "low"] = "high"
    accepted: str = ""
    """Why the user takes the risk, if they accepted it."""

    @property
    def key(self) -> str:
        """Names this finding among all of a run: `anchors_unreachable.cat`. The recipe's changes refer to it."""
        return f"{self.id}.{self.subject}" if self.subject else self.id


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Most severe first, then by expected effect, then by key (so that the order never depends on chance)."""
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), -(f.effect_points or 0.0), f.key)))
