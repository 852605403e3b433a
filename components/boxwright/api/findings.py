"""Findings as plain dataclasses: what `findings.json` and `validation.json` hold, for a Python without pydantic.

The fields are those of the models in `core/findings.py` and `core/artifacts/diagnosis.py`, which describe them. A test keeps them
in step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

Severity = Literal["high", "medium", "low", "info"]
Cause = Literal["data_quality", "split", "recipe", "data_quantity", "model_errors"]
_Made = TypeVar("_Made")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One measured number: `metric` is `value` over `n` images, objects or steps, with a 95 % interval. `where` it comes from."""

    metric: str
    subject: str = ""
    axis: Literal["", "brightness", "contrast", "sharpness", "size"] = ""
    split: Literal["", "train", "val", "test"] = ""
    value: float
    n: int
    interval: tuple[float, float] | None = None
    seed: int | None = None
    where: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A claim about this user's data, recipe or model that can be acted on.

    `title` is one sentence, `claim` says it with numbers, `evidence` has the numbers, `items` the files or classes, `remedy` what
    to do. `effect_points`: expected gain in points of AP50 (0..100), None if unknown. `stops`: no training starts before it is
    corrected or accepted. `doubt`: the earlier cause that makes this finding doubtful.
    """

    id: str
    subject: str = ""
    cause: Cause
    severity: Severity
    stops: bool = False
    title: str
    claim: str
    evidence: tuple[Evidence, ...] = ()
    items: tuple[str | tuple[str, ...], ...] = ()
    remedy: str = ""
    expected_effect: str = ""
    effect_points: float | None = None
    confidence: Literal["high", "medium", "low"] = "high"
    doubt: str = ""
    accepted: str = ""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """AP50 (0..1) that is predicted for the recipe before training: by class and as the mean, with intervals and its `basis`."""

    ap50: dict[str, float]
    interval: dict[str, tuple[float, float]]
    mean: float
    mean_interval: tuple[float, float]
    basis: str


def finding(values: Mapping[str, Any]) -> Finding:
    """values: a finding as JSON."""
    evidence = tuple(made(Evidence, one) for one in values["evidence"])
    return made(Finding, {**values, "evidence": evidence})


def made(kind: type[_Made], values: Mapping[str, Any]) -> _Made:
    """One of these classes from JSON. Lists become tuples. Fields that it does not have are left out."""
    known = [one.name for one in fields(kind)]  # pyright: ignore[reportArgumentType]  (each is a dataclass)
    return kind(**{name: _frozen(values[name]) for name in known if name in values})


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    return {key: _frozen(one) for key, one in value.items()} if isinstance(value, dict) else value
