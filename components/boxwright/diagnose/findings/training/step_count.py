"""Far fewer or far more training steps than this data needs."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.recipe import Recipe
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import at_least
from boxwright.diagnose.plan import planning, rates

# Times fewer or more than planned. Set by hand.
_FACTOR: dict[Severity, float] = {"high": 10.0, "medium": rates.LONG_TRAINING}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    """Copies are no reason for more steps, so steps are called few only by the number of distinct images."""
    few = inputs.recipe.steps < inputs.planned_steps
    images = inputs.distinct_images if few else inputs.images
    yield judge(inputs.recipe, images, planning.auto_steps(images, inputs.recipe.batch_size))


def judge(recipe: Recipe, images: int, planned: int) -> Finding | None:
    """images: of the training split. planned: the steps that suit them, 25 epochs within 600 to 20,000 steps."""
    few = recipe.steps < planned
    severity = at_least(planned / recipe.steps if few else recipe.steps / planned, _FACTOR)
    if not severity:
        return None
    epochs = recipe.steps * recipe.batch_size / images
    harm = "Too few steps leave the head of the detector half trained" if few else "The model memorises them"
    values = (("epochs", epochs, images), ("steps over planned steps", recipe.steps / planned, recipe.steps))
    return Finding(
        id="steps_few" if few else "steps_many",
        cause="recipe",
        severity=severity if few else "medium",
        title=_title(recipe.steps, images, epochs, few=few),
        claim=f"{recipe.steps} steps of {recipe.batch_size} images show each of the {images} training images {epochs:.3g} times. "
        f"{harm}. This data needs {planned} steps.",
        evidence=tuple(
            Evidence(metric=metric, value=round(value, 6), n=n, where="recipe: stages, batch_size")
            for metric, value, n in values
        ),
        remedy=f"Train for {planned} steps" + (" (the default of --steps)" if recipe.stock else "") + ".",
        expected_effect="not measured here",
        confidence="medium",
    )


def _title(steps: int, images: int, epochs: float, *, few: bool) -> str:
    """With few images, few steps show each of them often. Then it is the head that needs more steps, not the images."""
    if not few:
        return f"{steps} steps are far too many for {images} images"
    return f"{steps} steps are far too few {'to train a new head' if epochs >= planning.EPOCHS else f'for {images} images'}"


def answered(finding: Finding, inputs: Inputs) -> bool:
    """Whether the plan changes the number of steps. It keeps a number that the user chose."""
    return inputs.plan.steps != inputs.recipe.steps


KIND = Kind(
    ids=("steps_few", "steps_many"), find=find, rests_on=(), changes=("learning_rate", "stages"), answered=answered
)
