"""A cosine decay over more steps than the training has."""

import math
from collections.abc import Iterator, Sequence

from boxwright.core.findings import Evidence, Finding
from boxwright.core.recipe import Change, Recipe
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.plan.existing_training import ExistingTraining

_ID, _LEFT = "decay_unfinished", 0.25


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.training)


def judge(training: ExistingTraining) -> Finding | None:
    """Source of the schedule: object_detection.utils.learning_schedules.cosine_decay_with_warmup."""
    total, warmup = training.recipe.steps, training.recipe.learning_rate.warmup_steps
    length = training.decay_steps
    if length <= total or warmup >= total:
        return None
    left = (1 + math.cos(math.pi * (total - warmup) / (length - warmup))) / 2
    if left < _LEFT:
        return None
    return Finding(
        id=_ID,
        cause="recipe",
        severity="medium",
        title=f"Training ends while the learning rate is still at {left:.0%} of its peak",
        claim=f"The schedule lowers the rate over {length} steps, but training ends after {total}. The rate is then still at "
        f"{left:.0%} of its peak, so the weights do not settle.",
        evidence=(
            Evidence(
                metric="last rate over the highest",
                value=round(left, 6),
                n=total,
                where="recipe: total_steps of the schedule, num_steps",
            ),
        ),
        remedy="Lower the rate to zero by the last step of the training. Training with a recipe.yaml always does this.",
        expected_effect="not measured here",
        confidence="medium",
    )


def changes(found: Sequence[Finding], training: ExistingTraining, planned: Recipe) -> Iterator[Change]:
    """What the plan does about it. No field of a recipe differs, because the decay always ends at its last step."""
    if keys := tuple(finding.key for finding in found if finding.id == _ID):
        reason = "training with a recipe lowers the rate to zero by its last step"
        field = "learning_rate.decay_steps"
        yield Change(field=field, before=training.decay_steps, after=planned.steps, findings=keys, reason=reason)


KIND = Kind(ids=(_ID,), find=find, rests_on=())
