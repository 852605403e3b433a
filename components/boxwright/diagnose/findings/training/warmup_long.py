"""A warm-up that takes much of the training, or that is longer than the training."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.recipe import Recipe
from boxwright.diagnose.findings import shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import at_least
from boxwright.diagnose.plan import rates

_SHARE: dict[Severity, float] = {"high": 0.5, "medium": rates.LONG_WARMUP}  # set by hand


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.recipe, inputs.plan.steps)


def judge(recipe: Recipe, planned: int) -> Finding | None:
    """planned: the steps of the plan."""
    warmup, total, rate = recipe.learning_rate.warmup_steps, recipe.steps, recipe.learning_rate
    severity = at_least(warmup / total, _SHARE)
    if not severity:
        return None
    reached = rate.warmup + (rate.base - rate.warmup) * min(1.0, total / warmup)
    return Finding(
        id="warmup_long",
        cause="recipe",
        severity=severity,
        title=f"The warm-up of {warmup} steps is too long for a training of {total} steps",
        claim=f"The warm-up is set to {warmup} steps, and training has {total}. The rate reaches {reached:.4g} (set: "
        f"{rate.base:.4g}), and {max(total - warmup, 0)} steps remain for learning at that rate and for the decay.",
        evidence=(
            Evidence(
                metric="warm-up steps over all steps",
                value=round(warmup / total, 6),
                n=total,
                where="recipe: learning_rate.warmup_steps, stages",
            ),
        ),
        remedy=f"Warm up for at most a tenth of the training: {rates.warmup_steps(planned)} of {planned} steps.",
        expected_effect="not measured here",
        confidence="high" if warmup >= total else "medium",
    )


KIND = Kind(
    ids=("warmup_long",), find=find, rests_on=(), figure=shared_figures.learning_rate, changes=("learning_rate",)
)
