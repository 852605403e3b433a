"""A training without an end, or one whose last steps have a learning rate of zero."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs

_SHARE = 0.05  # of the steps; set by hand
_WHERE = "pipeline.config: train_config"


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if config := inputs.training.config:
        yield endless(config.train.num_steps, inputs.recipe.steps)
        yield judge(inputs.training.schedule.zero_after, config.train.num_steps)


def endless(num_steps: int, used: int) -> Finding | None:
    if num_steps:
        return None
    return Finding(
        id="steps_unset",
        cause="recipe",
        severity="low",
        title="The training has no end",
        claim="num_steps is 0 or missing, so the Object Detection API trains until it is stopped, or until the number that "
        "the command "
        f"line gives. This diagnosis assumes {used} steps.",
        evidence=(Evidence(metric="num_steps", value=0, n=used, where=_WHERE),),
        remedy=f"Type num_steps: {used} in train_config.",
        expected_effect="not measured here",
        confidence="high",
    )


def judge(zero_after: int, steps: int) -> Finding | None:
    if not zero_after or steps - zero_after < _SHARE * steps:
        return None
    return Finding(
        id="rate_zero_early",
        cause="recipe",
        severity="medium",
        title=f"The learning rate is zero in the last {steps - zero_after} steps",
        claim=f"The cosine decay ends at step {zero_after} (total_steps), and the training after {steps} (num_steps). The "
        f"rate between "
        "is zero, so these steps change nothing.",
        evidence=(Evidence(metric="steps at rate zero", value=steps - zero_after, n=steps, where=_WHERE),),
        remedy=f"Give total_steps and num_steps the same number: {zero_after} or {steps}.",
        expected_effect="not measured here",
        confidence="high",
    )


KIND = Kind(ids=("steps_unset", "rate_zero_early"), find=find, rests_on=())
