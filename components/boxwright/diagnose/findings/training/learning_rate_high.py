"""A learning rate above the limit of every rule that scales the zoo's rate to this batch."""

from collections.abc import Iterator

from boxwright.core import models
from boxwright.core.findings import Evidence, Finding
from boxwright.diagnose.findings import shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.plan import rates
from boxwright.diagnose.plan.existing_training import ExistingTraining


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.training)


def judge(training: ExistingTraining) -> Finding | None:
    """Only judges SGD with momentum: the zoo's rates say nothing about the rate of another optimizer.

    Rules of scaling and their sources: `rates.limit`.
    """
    recipe = training.recipe
    rate, batch, zoo = recipe.learning_rate.base, recipe.batch_size, models.get(recipe.model).zoo
    limit, linear = rates.limit(recipe.model, batch), zoo.rate * batch / zoo.batch
    if rate <= limit or not training.momentum:
        return None
    grave = rate > 2 * limit
    return Finding(
        id="learning_rate_high",
        cause="recipe",
        severity="high" if grave else "medium",
        title=f"The learning rate is {rate / limit:.1f} times too high for batch {batch}",
        claim=f"The zoo trains at rate {zoo.rate:g} with batch {zoo.batch}. Linear scaling to batch {batch} gives {linear:.4g}. "
        f"The rate {rate:.4g} is {rate / linear:.0f} times that, and {rate / limit:.1f} times the highest rate that any scaling "
        f"rule allows ({limit:.4g}). So the steps are too long for gradients of so few images.",
        evidence=(
            _evidence("rate over the highest rate that a rule allows", rate / limit, batch),
            _evidence("rate over the linearly scaled rate", rate / linear, batch),
        ),
        remedy=f"Set learning_rate.base to {rates.measured(recipe.model, batch):.4g} at batch {batch}.",
        expected_effect="not measured here; a training at such a rate diverges, or forgets its initial weights in the first "
        "steps",
        confidence="high" if grave else "medium",
    )


def _evidence(metric: str, value: float, n: int) -> Evidence:
    return Evidence(metric=metric, value=round(value, 6), n=n, where="recipe: learning_rate.base, batch_size")


KIND = Kind(
    ids=("learning_rate_high",), find=find, rests_on=(), figure=shared_figures.learning_rate, changes=("learning_rate",)
)
