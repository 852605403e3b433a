"""Far fewer or far more training steps than this data needs."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.recipe import Recipe
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import at_least

_FACTOR: dict[Severity, float] = {"high": 10.0, "medium": 3.0}  # set by hand: times fewer or more than planned


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.recipe, inputs.images, inputs.planned_steps)


def judge(recipe: Recipe, images: int, planned: int) -> Finding | None:
    """images: of the training split. planned: the steps that suit them, 25 epochs within 600 to 20,000 steps."""
    few = recipe.steps < planned
    severity = at_least(planned / recipe.steps if few else recipe.steps / planned, _FACTOR)
    if not severity:
        return None
    epochs = recipe.steps * recipe.batch_size / images
    harm = "That is too short to train a head that starts from random numbers" if few else "The model memorises them"
    values = (("epochs", epochs, images), ("steps over planned steps", recipe.steps / planned, recipe.steps))
    return Finding(
        id="steps_few" if few else "steps_many",
        cause="recipe",
        severity=severity if few else "medium",
        title=f"{recipe.steps} steps are far too {'few' if few else 'many'} for {images} images",
        claim=f"{recipe.steps} steps of {recipe.batch_size} images show each of the {images} training images {epochs:.3g} times. "
        f"{harm}. This data needs {planned} steps.",
        evidence=tuple(
            Evidence(metric=metric, value=round(value, 6), n=n, where="recipe: stages, batch_size")
            for metric, value, n in values
        ),
        remedy=f"Train for {planned} steps"
        + (" (the default of --steps)" if recipe.stock else "")
        + ("." if few else ", with early stopping."),
        expected_effect="not measured here",
        confidence="medium",
    )


def answered(finding: Finding, inputs: Inputs) -> bool:
    """Whether the plan changes the number of steps. It keeps a number that the user chose."""
    return inputs.plan.steps != inputs.recipe.steps


KIND = Kind(
    ids=("steps_few", "steps_many"), find=find, rests_on=(), changes=("learning_rate", "stages"), answered=answered
)
