"""A learning rate that is still high when the training ends, whatever its schedule."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.plan.existing_training import ExistingTraining

_LEFT = 0.25  # of the peak; set by hand


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.training)


def judge(training: ExistingTraining) -> Finding | None:
    """Sources of the schedules: see `given/schedule.py`. A warm-up that never ends is `warmup_long`."""
    total, schedule = training.recipe.steps, training.schedule
    left = schedule.left(total)
    if left < _LEFT or schedule.warmup_steps >= total:
        return None
    return Finding(
        id="decay_unfinished",
        cause="recipe",
        severity="medium",
        title=f"Training ends while the learning rate is still at {left:.0%} of its peak",
        claim=f"The schedule is: {schedule.told}. Training ends after {total} steps. The rate is then still at {left:.0%} of its "
        "peak, so the weights do not settle.",
        evidence=(
            Evidence(
                metric="last rate over the highest",
                value=round(left, 6),
                n=total,
                where="learning_rate of the training, num_steps",
            ),
        ),
        remedy="Lower the rate to zero by the last step of the training. Training with a recipe.yaml always does this. In a "
        f"pipeline.config: cosine_decay_learning_rate with total_steps: {total}.",
        expected_effect="not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("decay_unfinished",), find=find, rests_on=())
