"""Findings: what is wrong, the number that shows it, and what to do about it.

There is one type for every step: what convert lost, what validate doubts, what diagnose measures, what training took away.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info")

# In the order in which to correct them: an earlier cause puts what is said about a later one in doubt.
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
    """One measured number."""

    metric: str
    """What was measured."""
    value: float
    n: int
    """How many images, objects or steps the value is about."""
    interval: tuple[float, float] | None = None
    """95 % interval of the value. null: none was computed."""
    seed: int | None = None
    """null: the value does not depend on chance."""
    where: str
    """The artifact, and the column or field, that the value comes from."""


class Finding(_Part):
    """A claim about this user's data, recipe or model that can be acted on."""

    id: Code
    """A stable code such as `few_objects`. It never holds a class name."""
    subject: str = ""
    """The class or split that the finding is about, if each has a finding of its own; else empty."""
    cause: Cause
    """`data_quality`: wrong data, such as bad labels or lost files. `split`: leaks, missing classes, splits that differ.
    `recipe`: anchors, augmentation, learning rate, input size. `data_quantity`: too little data, or too much alike.
    `model_errors`: what the trained detector does wrong. This is the order in which to correct them."""
    severity: Severity
    """`high` and `medium` cost accuracy; `info` is only worth knowing."""
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
    """What to do, with the command that does it if there is one."""
    expected_effect: str = ""
    """In points of AP50, with the runs that the number rests on; in words if no run was measured."""
    effect_points: float | None = None
    """The expected effect as a number. It ranks findings of one severity. null: unknown."""
    confidence: Literal["high", "medium", "low"] = "high"
    accepted: str = ""
    """Why the user takes the risk, if they accepted it."""

    @property
    def key(self) -> str:
        """Names this finding among all of a run: `anchors_unreachable.cat`. The recipe's changes refer to it."""
        return f"{self.id}.{self.subject}" if self.subject else self.id


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Most severe first, then by expected effect, then by key, so that the order never depends on chance."""
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), -(f.effect_points or 0.0), f.key)))
