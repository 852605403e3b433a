"""From the tables to findings and recipe: what `step.run` does, in one place."""

from dataclasses import replace
from pathlib import Path

from boxwright.core import recipe as recipes
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import Finding, ranked
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import data
from boxwright.diagnose.config import Config
from boxwright.diagnose.findings import (
    anchor_assignment,
    anchor_coverage,
    annotations,
    class_balance,
    diversity,
    hyperparameters,
    input_size,
    label_quality,
    padding_effect,
    pictures,
    training,
)
from boxwright.diagnose.findings.label_quality import Crops
from boxwright.diagnose.plan import existing_training, init_weights, planning
from boxwright.diagnose.plan import prediction as calibration
from boxwright.diagnose.plan.existing_training import Given
from boxwright.diagnose.plan.init_weights import Initial


def of(tables: data.Data, config: Config, looks: Crops | None = None) -> tuple[Diagnosis, Recipe, str]:
    """Diagnosis, recipe to train, and why there is no prediction (empty when there is one). looks: the objects' pixels, None:
    not asked.

    Raises UserError when there is nothing to learn from, and for initial weights that cannot be.
    """
    if tables.objects_in("train").empty:
        raise UserError(f"{config.tables}: the train split has no objects; nothing can be learned from it")
    copies = pictures.copies(tables.images)
    distinct = pictures.distinct_images(tables, copies)
    now = baseline(tables, config)
    stock = now.recipe
    start = init_weights.read(config.init, stock)
    before, chosen = planning.choose(tables, stock, config.seed)
    planned, found = _plan(tables, now, config, start, before, chosen)
    found += class_balance.findings(tables, distinct, stock.input_size) + pictures.findings(tables, copies)
    behind = label_quality.behind(looks, tables.classes) if looks else None
    found += annotations.findings(tables) + diversity.findings(tables, behind)
    found += label_quality.findings(looks, tables.classes) if looks else []
    used, used_iou = (stock, before.best_iou) if config.stock else (planned, chosen.best_iou)
    unreachable = {
        "stock": anchor_coverage.unreachable(tables, before.best_iou),
        "used": anchor_coverage.unreachable(tables, used_iou),
    }
    fewest = min(class_balance.counts(tables, "train").values())
    unpredicted = calibration.why_not(used, start, distinct, fewest)
    prediction = None if unpredicted else calibration.predict(unreachable["used"], used)
    written = Diagnosis(
        findings=ranked(found),
        unreachable=unreachable,
        coverage=anchor_coverage.by_size(tables, before.best_iou, used_iou, used.input_size),
        prediction=prediction,
    )
    return written, used, unpredicted


def baseline(tables: data.Data, config: Config) -> Given:
    """The training that the findings are about: the user's own, or the zoo's recipe for the steps and batch asked for."""
    if config.given:
        own = existing_training.read(Path(config.given), tables.classes)
        return replace(own, recipe=own.recipe.model_copy(update={"seed": config.seed}))
    steps = config.steps or planning.auto_steps(len(tables.images_in("train")), config.batch_size)
    return existing_training.of(
        recipes.stock(config.model, tables.classes, steps=steps, batch_size=config.batch_size, seed=config.seed)
    )


def _plan(
    tables: data.Data,
    now: Given,
    config: Config,
    start: Initial,
    before: planning.Candidate,
    chosen: planning.Candidate,
) -> tuple[Recipe, list[Finding]]:
    """The planned recipe, and the findings on the training as it is that it answers."""
    images = len(tables.images_in("train"))
    wanted = planning.auto_steps(images, now.recipe.batch_size)
    settings = hyperparameters.findings(now, images, wanted)
    # Steps that were asked for stay; those of a training that is under diagnosis are open to change.
    misfit = config.given and {"steps_few", "steps_many"} & {f.id for f in settings}
    steps = wanted if misfit else now.recipe.steps
    sketch = planning.plan(tables, now.recipe, start, set(), before, chosen, steps)
    answers = [
        *anchor_coverage.findings(tables, now.recipe, sketch, before.best_iou, chosen.best_iou),
        *settings,
        *anchor_assignment.findings(tables, now.recipe, sketch, config.seed),
        *padding_effect.findings(tables, now.recipe, config.seed),
        *input_size.findings(tables, sketch, chosen.best_iou, config.seed),
        training.random_crop(tables, config.seed) if training.crops_at_random(now.recipe) else None,
        training.learning_rate(now.recipe, sketch.learning_rate.base),
        training.new_head(now.recipe, sketch, init_weights.new_head(start, sketch)),
        class_balance.imbalance(tables, now.recipe.max_repeats > 1),
    ]
    found = [finding for finding in answers if finding]
    return planning.plan(tables, now.recipe, start, {f.key for f in found}, before, chosen, steps), found


def headline(diagnosis: Diagnosis, recipe: Recipe, unpredicted: str) -> str:
    """A table of the findings, and one line on what training will do."""
    lines = [f"{finding.severity:<7} {finding.key}: {finding.claim}" for finding in diagnosis.findings]
    what = "the zoo's recipe" if recipe.stock else f"{len(recipe.changes)} fields changed"
    rate = recipe.learning_rate.base
    lines.append(
        f"recipe: {recipe.model}, {recipe.grid}, {recipe.steps} steps of {recipe.batch_size} at rate {rate:.4g}; {what}"
    )
    if diagnosis.prediction:
        low, high = diagnosis.prediction.mean_interval
        lines.append(f"predicted AP50: {diagnosis.prediction.mean:.2f} ({low:.2f} to {high:.2f}), from one data set")
    else:
        lines.append(f"no AP50 predicted: {unpredicted}")
    return "\n".join(lines)
