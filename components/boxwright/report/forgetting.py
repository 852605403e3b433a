"""Forgetting: AP that classes of the initial weights lost by fine-tuning, measured on the same validation images."""

from collections.abc import Mapping, Sequence

from boxwright.core.artifacts.training import Forgetting, Forgotten, History
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.recipe import Recipe

ID = "forgetting"
# AP lost by the class that lost most. Rules of thumb, not measurements.
SEVERITIES: tuple[tuple[Severity, float], ...] = (("high", 0.2), ("medium", 0.1), ("low", 0.0))
# A loss must exceed this to count. Smaller losses are noise on a hundred images.
_CLEARLY = 0.02
# The same if there are too few images for an interval: with ten images, one image is ten points.
_UNSURE = 0.1


def is_lost(row: Forgotten) -> bool:
    """Whether a class lost more AP than the choice of the validation images explains."""
    lost = row.lost
    if lost is None:
        return False
    if row.lost_interval is None:
        return lost > _UNSURE
    return lost > _CLEARLY and row.lost_interval[0] > 0


def findings(history: History, recipe: Recipe) -> tuple[Finding, ...]:
    """The finding `forgetting`, or none."""
    measured = history.forgetting
    lost = _lost(measured.per_class) if measured else {}
    return (_finding(measured, lost, recipe),) if measured and lost else ()


def _lost(per_class: Mapping[str, Forgotten]) -> dict[str, Forgotten]:
    """The classes that lost, the greatest loss first."""
    lost = {name: row for name, row in per_class.items() if is_lost(row)}
    return dict(sorted(lost.items(), key=lambda pair: -(pair[1].lost or 0.0)))


def _finding(measured: Forgetting, lost: Mapping[str, Forgotten], recipe: Recipe) -> Finding:
    first, worst = next(iter(lost.items()))
    points, points50 = 100 * (worst.lost or 0.0), 100 * max(0.0, (worst.before.AP50 or 0.0) - (worst.after.AP50 or 0.0))
    falls = ", ".join(
        f"{name} (AP {_fall(row.before.AP, row.after.AP)}, AP50 {_fall(row.before.AP50, row.after.AP50)})"
        for name, row in lost.items()
    )
    return Finding(
        id=ID,
        cause="recipe",
        severity=next(severity for severity, least in SEVERITIES if (worst.lost or 0.0) >= least),
        title=f"Training forgot some of what the initial weights knew about {first}"
        + (f" and {len(lost) - 1} more classes" if lost.keys() - {first} else ""),
        claim=f"After training, the detector is worse at classes that the initial weights knew: {falls}, on the same "
        f"{measured.images} validation images.",
        evidence=tuple(_evidence(name, row, measured.seed) for name, row in lost.items()),
        items=tuple(lost),
        remedy=_remedy(list(lost), recipe),
        expected_effect=f"At most the {points:.1f} points of AP ({points50:.1f} of AP50) that {first} lost. How much comes back "
        "was not measured.",
        effect_points=round(points50, 1),
        confidence="medium" if all(row.lost_interval for row in lost.values()) else "low",
    )


def _evidence(name: str, row: Forgotten, seed: int) -> Evidence:
    interval = row.lost_interval
    return Evidence(
        metric=f"AP lost, {name}",
        value=round(row.lost or 0.0, 4),
        n=row.objects,
        interval=(round(interval[0], 4), round(interval[1], 4)) if interval else None,
        seed=seed if interval else None,
        where="model/history.json: forgetting",
    )


def _remedy(names: Sequence[str], recipe: Recipe) -> str:
    alone, rate = sum(stage.steps for stage in recipe.stages if stage.trainable == "head"), recipe.learning_rate.base
    head = (
        f"make the head stage longer (now {alone} of {recipe.steps} steps)"
        if alone
        else "begin with a head stage (trainable: head) of a tenth of the steps"
    )
    return (
        f"Add more images of {', '.join(names)}, preferably the earlier data: --data new,earlier makes one data set of both. "
        "Keep the splits of both, because the initial model looks too good on images that it was trained on. "
        f"Or edit recipe.yaml: lower learning_rate.base (now {rate:.4g}; a third is a good start), or {head}."
    )


def _fall(before: float | None, after: float | None) -> str:
    return f"{100 * (before or 0.0):.1f} to {100 * (after or 0.0):.1f}"
