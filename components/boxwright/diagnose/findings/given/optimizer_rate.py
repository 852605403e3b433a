"""A learning rate that is not usual for the optimizer of the training. SGD with momentum is judged by other findings."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.given.optimizer import Optimizer
from boxwright.diagnose.inputs import Inputs

# Times the usual rate; set by hand. Fine-tuning with a tenth or a thirtieth of it is common.
_HIGH, _VERY_HIGH, _LOW = 3.0, 10.0, 1 / 200


def find(inputs: Inputs) -> Iterator[Finding | None]:
    config = inputs.training.config
    if config and not inputs.training.momentum:
        yield judge(config.optimizer, inputs.recipe.batch_size, inputs.recipe.steps)


def judge(optimizer: Optimizer, batch: int, steps: int) -> Finding | None:
    usual, source = optimizer.usual_rate(batch)
    rate = optimizer.schedule.highest(steps)
    times = rate / usual
    if _LOW <= times <= _HIGH:
        return None
    high = times > _HIGH
    harm = (
        "At such a rate the loss diverges, or the initial weights are forgotten in the first steps."
        if high
        else "It changes the weights too little."
    )
    return Finding(
        id="optimizer_rate_high" if high else "optimizer_rate_low",
        cause="recipe",
        severity="high" if times > _VERY_HIGH else "medium",
        title=f"The learning rate {rate:.3g} is too {'high' if high else 'low'} for {optimizer.name}",
        claim=f"The training uses {optimizer.name} with rates up to {rate:.4g}. Usual is up to {usual:.3g} ({source}), so it is "
        f"{times:.3g} times that. {harm}",
        evidence=(
            Evidence(
                metric="rate over the usual one",
                value=round(times, 6),
                n=batch,
                where="pipeline.config: train_config.optimizer",
            ),
        ),
        remedy=f"Set the rate of {optimizer.name} to {usual:.2g}. `boxwright train` uses SGD with momentum, with a rate that was "
        "measured.",
        expected_effect="not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("optimizer_rate_high", "optimizer_rate_low"), find=find, rests_on=())
