"""The classes that the initial weights knew: what fine-tuning left of them, on the same validation images."""

from collections.abc import Mapping
from typing import Any

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.recipe import Recipe
from boxwright.report.error_findings import CLEARLY

ID = "forgetting"
# AP lost by the class that lost most: rules of thumb, not measurements.
SEVERITIES: tuple[tuple[Severity, float], ...] = (("high", 0.2), ("medium", 0.1), ("low", 0.0))
# What a loss must exceed where too few images give no interval; of ten images, one is ten points.
UNSURE = 0.1


def rows(history: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each class that the initial weights knew, as in history.json, with `class` and `lost`: AP in 0..1 (negative:
    won), None where there are no validation objects. Empty where the initial weights name no class of these."""
    found = history.get("forgetting")
    return [row | {"class": name, "lost": _lost(row)} for name, row in found["per_class"].items()] if found else []


def _lost(row: Mapping[str, Any]) -> float | None:
    was, now = row["before"]["AP"], row["after"]["AP"]
    return None if was is None or now is None else was - now


def is_lost(row: Mapping[str, Any]) -> bool:
    """Whether a class lost more than the choice of the images explains."""
    if row["lost"] is None:
        return False
    if row["lost_interval"] is None:
        return row["lost"] > UNSURE
    return row["lost"] > CLEARLY and row["lost_interval"][0] > 0


def findings(history: Mapping[str, Any], recipe: Recipe) -> tuple[Finding, ...]:
    """The finding `forgetting`, or none."""
    lost = sorted((row for row in rows(history) if is_lost(row)), key=lambda row: -row["lost"])
    if not lost:
        return ()
    said = ", ".join(f"{row['class']} (AP {_fall(row, 'AP')}, AP50 {_fall(row, 'AP50')})" for row in lost)
    most, effect = lost[0]["lost"], max(0.0, lost[0]["before"]["AP50"] - lost[0]["after"]["AP50"])
    measured = all(row["lost_interval"] for row in lost)
    return (
        Finding(
            id=ID,
            cause="recipe",
            severity=next(severity for severity, least in SEVERITIES if most >= least),
            claim=f"Training took from what the initial weights knew: {said}, on the same "
            f"{history['forgetting']['images']} validation images.",
            evidence=tuple(_evidence(row, history["forgetting"]) for row in lost),
            remedy=_remedy([row["class"] for row in lost], recipe),
            expected_effect=f"at most the {100 * most:.1f} points of AP ({100 * effect:.1f} of AP50) that {lost[0]['class']} "
            "lost; how much comes back was not measured",
            effect_points=round(100 * effect, 1),
            confidence="medium" if measured else "low",
        ),
    )


def _evidence(row: Mapping[str, Any], about: Mapping[str, Any]) -> Evidence:
    interval = row["lost_interval"]
    return Evidence(
        metric=f"AP lost, {row['class']}",
        value=round(row["lost"], 4),
        n=row["objects"],
        interval=tuple(round(bound, 4) for bound in interval) if interval else None,
        seed=about["seed"] if interval else None,
        where="model/history.json: forgetting",
    )


def _remedy(names: list[str], recipe: Recipe) -> str:
    alone, rate = sum(s.steps for s in recipe.stages if s.trainable == "head"), recipe.learning_rate.base
    head = (
        f"let the head stage last longer (now {alone} of {recipe.steps} steps)"
        if alone
        else "begin with a head stage (trainable: head) of a tenth of the steps"
    )
    return (
        f"Mix in more images of {', '.join(names)}, the earlier data above all (--data new,earlier makes one data set of both; "
        "give both their splits: validated on images that it was trained on, the initial model looks better than it was). "
        f"Or, in recipe.yaml, lower learning_rate.base (now {rate:.4g}; a third is a good start), or {head}."
    )


def _fall(row: Mapping[str, Any], metric: str) -> str:
    return f"{100 * row['before'][metric]:.1f} to {100 * row['after'][metric]:.1f}"
