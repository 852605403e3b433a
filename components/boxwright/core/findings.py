"""Findings: each states a problem, the number that shows it, and the remedy.

All steps use this type: convert for lost data, validate for doubtful data, diagnose for measured causes, report for forgetting.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info")

# In the order in which to correct them: an earlier cause casts doubt on findings of the later ones.
Cause = Literal["data_quality", "split", "recipe", "data_quantity", "model_errors"]
CAUSES: dict[Cause, str] = {
    "data_quality": "wrong data",
    "split": "wrong split",
    "recipe": "wrong recipe",
    "data_quantity": "too little data",
    "model_errors": "model errors",
}

# A stable code in lower case, without a class name.
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(_Part):
    """One measured number."""

    metric: str
    """What was measured."""
    subject: str = ""
    """The class or split that the number is about, if the finding has a row for each; else empty."""
    axis: Literal["", "brightness", "contrast", "sharpness", "size"] = ""
    """What a split differs in, if the finding has a row for each; else empty."""
    split: Literal["", "train", "val", "test"] = ""
    """The split that differs, where `subject` is a class; else empty."""
    value: float
    n: int
    """How many images, objects or steps the value is about."""
    interval: tuple[float, float] | None = None
    """95 % interval of the value. null: not computed."""
    seed: int | None = None
    """null: the value does not depend on chance."""
    where: str
    """The artifact, and the column or field, that the value comes from."""


class Finding(_Part):
    """A claim about this user's data, recipe or model that can be acted on."""

    id: Code
    """A stable code such as `few_objects`. It never holds a class name."""
    subject: str = ""
    """The split that the finding is about, if there is one finding for each; else empty. What one cause does to several classes
    is one finding, with evidence for each class."""
    cause: Cause
    """`data_quality`: wrong data, such as bad labels or lost files. `split`: leaks, missing classes, splits that differ.
    `recipe`: anchors, augmentation, learning rate, input size. `data_quantity`: too few, or too similar, images.
    `model_errors`: errors of the trained detector. Correct the causes in this order."""
    severity: Severity
    """`high` and `medium` cost accuracy; `info` does not."""
    stops: bool = False
    """Whether the pipeline stops because of this finding."""
    title: Annotated[str, Field(min_length=1)]
    """One plain sentence, without codes and feature names."""
    claim: str
    """The measured problem, with its numbers."""
    evidence: tuple[Evidence, ...] = ()
    items: tuple[str | tuple[str, ...], ...] = ()
    """What the finding is about: file names, class names, or tuples, such as pairs of files or a file with its label and box."""
    remedy: str = ""
    """What to do, with the command that does it if there is one."""
    expected_effect: str = ""
    """The expected gain in points of AP50 (0..100), with the runs that it is based on; in words if no run was measured."""
    effect_points: float | None = None
    """The expected gain as a number, in points of AP50. It ranks findings of the same severity. null: unknown."""
    confidence: Literal["high", "medium", "low"] = "high"
    doubt: str = ""
    """The earlier cause that makes this finding doubtful, as a sentence; empty if none does."""
    accepted: str = ""
    """Why the user accepted this finding; empty if they did not."""

    @property
    def key(self) -> str:
        """Unique among the findings of a run, e.g. `empty_split.test`. The recipe's changes refer to it."""
        return f"{self.id}.{self.subject}" if self.subject else self.id


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """First the findings that stop the pipeline; then by severity, in the order of CAUSES, by expected effect, by the share of
    the images or objects that they are about (of the first number), and by key. The order never changes.

    An earlier cause comes first, because it casts doubt on what the later findings say.
    """
    return tuple(sorted(findings, key=_rank))


def _rank(finding: Finding) -> tuple[bool, int, int, float, float, str]:
    severity, cause = SEVERITIES.index(finding.severity), tuple(CAUSES).index(finding.cause)
    return not finding.stops, severity, cause, -(finding.effect_points or 0.0), -_share(finding), finding.key


def _share(finding: Finding) -> float:
    """The share that the first number says; 0 if it is no share."""
    for first in finding.evidence[:1]:
        share = first.value if first.interval else first.value / max(first.n, 1)
        return share if 0 <= share <= 1 else 0.0
    return 0.0
