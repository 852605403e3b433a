"""From the tables to findings and recipe: what `step.run` does, in one place."""

from boxwright.core import recipe as recipes
from boxwright.core.errors import UserError
from boxwright.core.findings import Diagnosis, ranked
from boxwright.core.recipe import Recipe
from boxwright.diagnose import annotations, calibration, content, coverage, data, pictures, plan, training
from boxwright.diagnose.step import Config


def of(tables: data.Data, config: Config) -> tuple[Diagnosis, Recipe, str]:
    """Diagnosis, recipe to train, and why there is no prediction (empty when there is one).

    Raises UserError when there is nothing to learn from.
    """
    if tables.objects_in("train").empty:
        raise UserError(f"{config.tables}: the train split has no objects; nothing can be learned from it")
    copies = pictures.copies(tables.images)
    distinct = pictures.distinct_images(tables, copies)
    steps = config.steps or plan.auto_steps(len(tables.images_in("train")), config.batch_size)
    stock = recipes.stock(config.model, tables.classes, steps=steps, batch_size=config.batch_size, seed=config.seed)
    before, chosen = plan.choose(tables, stock, config.seed)
    planned, found = _plan(tables, stock, config, before, chosen)
    found += content.findings(tables, distinct, stock.input_size) + pictures.findings(tables, copies)
    found += annotations.findings(tables)
    used, used_iou = (stock, before.best_iou) if config.stock else (planned, chosen.best_iou)
    unreachable = {
        "stock": coverage.unreachable(tables, before.best_iou),
        "used": coverage.unreachable(tables, used_iou),
    }
    unpredicted = calibration.why_not(
        used, _initialised(config.init), distinct, min(content.counts(tables, "train").values())
    )
    prediction = None if unpredicted else calibration.predict(unreachable["used"], used)
    written = Diagnosis(
        findings=ranked(found),
        unreachable=unreachable,
        coverage=coverage.by_size(tables, before.best_iou, used_iou, used.input_size),
        prediction=prediction,
    )
    return written, used, unpredicted


def _plan(
    tables: data.Data, stock: Recipe, config: Config, before: plan.Candidate, chosen: plan.Candidate
) -> tuple[Recipe, list]:
    """The planned recipe, and the findings on the stock recipe that it answers."""
    sketch = plan.plan(tables, stock, _initialised(config.init), set(), before, chosen)
    answers = [
        *coverage.findings(tables, stock, sketch, before.best_iou, chosen.best_iou),
        training.random_crop(tables, config.seed),
        training.learning_rate(stock, sketch.learning_rate.base),
        training.new_head(stock, sketch),
    ]
    found = [finding for finding in answers if finding]
    return plan.plan(tables, stock, _initialised(config.init), {f.id for f in found}, before, chosen), found


def _initialised(init: str) -> bool:
    """Whether training surely starts from weights; `auto` may find none to fetch."""
    return init not in ("", "none", "auto")


def headline(diagnosis: Diagnosis, recipe: Recipe, unpredicted: str) -> str:
    """A table of the findings, and one line on what training will do."""
    lines = [f"{finding.severity:<7} {finding.id}: {finding.claim}" for finding in diagnosis.findings]
    what = "the zoo's recipe" if recipe.stock else f"{len(recipe.changes)} fields changed"
    rate = recipe.learning_rate.base
    lines.append(
        f"recipe: {recipe.model}, {recipe.grid}, {recipe.steps} steps of {recipe.batch_size} at rate {rate:.4g}; {what}"
    )
    if diagnosis.prediction:
        low, high = diagnosis.prediction.interval["all"]
        lines.append(
            f"predicted AP50: {diagnosis.prediction.ap50['all']:.2f} ({low:.2f} to {high:.2f}), from one data set"
        )
    else:
        lines.append(f"no AP50 predicted: {unpredicted}")
    return "\n".join(lines)
