"""A training of many epochs that cannot stop early."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.core.recipe import Recipe
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.findings.split import val_too_small
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.plan import planning


def find(inputs: Inputs) -> Iterator[Finding | None]:
    """Without enough validation images, chance would decide when to stop. A training that is too short does not overfit."""
    if inputs.recipe.steps >= inputs.planned_steps and val_too_small.with_objects(inputs.data) >= val_too_small.ENOUGH:
        yield judge(inputs.recipe, inputs.images)


def judge(recipe: Recipe, images: int) -> Finding | None:
    """The earliest stop: the first evaluation is the best one, and `patience` more follow."""
    earliest = recipe.evaluate_every * (1 + recipe.patience)
    epochs = recipe.steps * recipe.batch_size / images
    if earliest < recipe.steps or epochs < planning.EPOCHS:
        return None
    return Finding(
        id="no_early_stopping",
        cause="recipe",
        severity="medium",
        title=f"Training cannot stop early: it always runs for {recipe.steps} steps",
        claim=f"Training runs for {recipe.steps} steps ({epochs:.0f} epochs of {images} images) and cannot stop before step "
        f"{earliest}. When validation AP falls, it continues and overfits.",
        evidence=(
            Evidence(
                metric="earliest stop over all steps",
                value=round(earliest / recipe.steps, 6),
                n=recipe.steps,
                where="recipe: evaluate_every, patience",
            ),
        ),
        remedy="Evaluate a dozen times, stop after four evaluations without a better AP (evaluate_every, patience), and keep the "
        "best checkpoint. The step `train` does all of this.",
        expected_effect="not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("no_early_stopping",), find=find, rests_on=(), changes=("evaluate_every", "patience"))
