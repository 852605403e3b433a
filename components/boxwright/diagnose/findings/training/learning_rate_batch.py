"""A learning rate that is too low for a short fine-tuning, such as the zoo's rate scaled linearly to a small batch."""

from collections.abc import Iterator

from boxwright.core import models
from boxwright.core.findings import Evidence, Finding
from boxwright.core.recipe import Recipe
from boxwright.diagnose.findings import shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.plan import prediction, rates


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if inputs.training.momentum and not _goes_as_far(inputs):
        yield judge(inputs.recipe, inputs.plan.learning_rate.base, inputs.planned_steps)


def _goes_as_far(inputs: Inputs) -> bool:
    """Whether the many steps of the training make up for its rate. Then it has too many steps, and no wrong rate."""
    now, planned = inputs.recipe, inputs.plan
    far = now.learning_rate.base * now.steps >= planned.learning_rate.base * planned.steps
    return far and now.steps >= rates.LONG_TRAINING * planned.steps


def judge(recipe: Recipe, planned_base: float, wanted: int) -> Finding | None:
    """planned_base: the highest rate of the plan. wanted: the steps that suit the data. Only SGD with momentum is judged: the
    zoo's rates say nothing about the rate of another optimizer."""
    base, batch = recipe.learning_rate.base, recipe.batch_size
    if base >= planned_base:
        return None
    zoo = models.get(recipe.model).zoo
    measured = recipe.model == prediction.MEASURED_MODEL
    zoos = f"The zoo trains at rate {zoo.rate:g} with batch {zoo.batch}. Scaled linearly to batch {batch}, that is {base:.4g}."
    own = f"This recipe has the rate {base:.4g} at batch {batch}."
    return Finding(
        id="learning_rate_batch",
        cause="recipe",
        severity="medium",
        title=f"The learning rate is too low for the {wanted} steps that this data needs",
        claim=f"{zoos if recipe.stock else own} It changes the weights too little in {wanted} steps.",
        evidence=(
            Evidence(
                metric=f"{shared_figures.whose(recipe)} rate at this batch",
                value=round(base, 6),
                n=batch,
                where="learning_rate.base and batch_size of the diagnosed recipe",
            ),
            Evidence(
                metric="planned rate", value=round(planned_base, 6), n=batch, where="recipe.yaml: learning_rate.base"
            ),
        ),
        remedy=f"Warm the learning rate up to {planned_base:.4g}, then lower it to zero along half a cosine.",
        expected_effect=f"{prediction.RATE_GAIN_AP:+.1f} points of AP, {prediction.RATE_GAIN_AP50:+.1f} of AP50 on BCCD at batch "
        f"{prediction.MEASURED_BATCH} with {prediction.MEASURED_MODEL} (run C against E, one seed each)"
        + ("" if measured else f"; not measured for {recipe.model}"),
        effect_points=prediction.RATE_GAIN_AP50 if measured else None,
        confidence="medium" if measured else "low",
    )


KIND = Kind(
    ids=("learning_rate_batch",),
    find=find,
    rests_on=(),
    figure=shared_figures.learning_rate,
    changes=("learning_rate",),
)
