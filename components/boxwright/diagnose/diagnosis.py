"""From the tables to the findings and the recipe."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from boxwright.core import recipe as recipes
from boxwright.core.artifacts.diagnosis import Diagnosis, Prediction
from boxwright.core.findings import Finding, ranked
from boxwright.core.recipe import Change, Recipe
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import doubts, findings, verdict
from boxwright.diagnose.config import Config
from boxwright.diagnose.data import Data
from boxwright.diagnose.embedding.looks import Looks
from boxwright.diagnose.findings.training import step_count
from boxwright.diagnose.given import fields
from boxwright.diagnose.given.pipeline_config import Pictures
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures import anchor_coverage
from boxwright.diagnose.measures.object_crops import Crops
from boxwright.diagnose.orientation import flips
from boxwright.diagnose.plan import anchor_choice, existing_training, init_weights, planning, prediction
from boxwright.diagnose.plan.anchor_choice import Candidate
from boxwright.diagnose.plan.existing_training import ExistingTraining

NO_PICTURES = "no pictures were read"
NOTHING_TO_LEARN = "the train split has no objects"


@dataclass(frozen=True, eq=False)
class Diagnosed:
    """baseline: the recipe that was diagnosed. recipe: the recipe that training follows. unpredicted: why no AP50 is predicted;
    empty if AP50 is predicted. unseen: why the looks of the objects were not judged; empty if they were. training: what was
    diagnosed, in full."""

    diagnosis: Diagnosis
    baseline: Recipe
    recipe: Recipe
    unpredicted: str
    unseen: str = ""
    training: ExistingTraining | None = None


def diagnose(
    data: Data,
    training: ExistingTraining,
    config: Config,
    crops: Crops | None = None,
    validated: Sequence[Finding] = (),
    looks: Looks | str = NO_PICTURES,
) -> Diagnosed:
    """training: the result of `diagnosed_training`. crops: the objects' pixels; None if pixels were not read. validated: the
    findings of validate; they are ranked together with those of diagnose. looks: what the initial weights see in the pictures,
    or why they were not asked.

    Raises UserError for initial weights that do not fit, and if train has no objects and `validated` does not say so.
    """
    if data.objects_in("train").empty:
        return _of_nothing(training, config, validated)
    inputs = replace(
        inputs_of(data, training, config, crops, validated), looks=looks if isinstance(looks, Looks) else None
    )
    found = findings.find(inputs)
    planned = _plan(inputs, found)
    used, used_iou = planned, inputs.chosen.best_iou
    if config.stock:
        used, used_iou = training.recipe, inputs.before.best_iou
    stock_iou = inputs.before.best_iou
    unreachable = anchor_coverage.unreachable(inputs.data, used_iou)
    ordered = ranked([*validated, *found])
    predicted, unpredicted = _predicted(inputs, used, unreachable, ordered)
    diagnosis = Diagnosis(
        findings=doubts.told(ordered),
        unreachable={"stock": anchor_coverage.unreachable(inputs.data, stock_iou), "used": unreachable},
        coverage=anchor_coverage.by_size(inputs.data, stock_iou, used_iou, used.input_size),
        prediction=predicted,
        flips=flips.judge(inputs.data.classes, inputs.orientation),
    )
    return Diagnosed(diagnosis, training.recipe, used, unpredicted, looks if isinstance(looks, str) else "", training)


def _of_nothing(training: ExistingTraining, config: Config, validated: Sequence[Finding]) -> Diagnosed:
    """Of data without a training object: nothing can be measured, and only validate's findings are told."""
    if not any(finding.stops for finding in validated):
        raise UserError(f"{config.tables}: the train split has no objects; nothing can be learned from it")
    nothing = Diagnosis(findings=ranked(validated), unreachable={"stock": {}, "used": {}})
    return Diagnosed(nothing, training.recipe, training.recipe, NOTHING_TO_LEARN, NOTHING_TO_LEARN)


def diagnosed_training(data: Data, config: Config) -> ExistingTraining:
    """The training that the findings are about: the user's own, or the zoo's recipe with the steps and batch of the config."""
    if config.given:
        own = existing_training.read(Path(config.given), data.classes, _pictures(data))
        return replace(own, recipe=own.recipe.model_copy(update={"seed": config.seed}))
    steps = config.steps or planning.auto_steps(len(data.images_in("train")), config.batch_size)
    stock = recipes.stock(config.model, data.classes, steps=steps, batch_size=config.batch_size, seed=config.seed)
    return existing_training.from_recipe(stock)


def _pictures(data: Data) -> Pictures:
    """What a training's own settings are read against."""
    images = data.images_in("train")
    if images.empty:
        return Pictures()
    return Pictures(count=len(images), height=float(images.height.median()), width=float(images.width.median()))


def inputs_of(
    data: Data, training: ExistingTraining, config: Config, crops: Crops | None, validated: Sequence[Finding]
) -> Inputs:
    """The inputs of the findings, with a plan of everything that does not depend on the findings."""
    recipe, images = training.recipe, len(data.images_in("train"))
    init = init_weights.read(config.init, recipe)
    before, chosen = _anchors(data.distinct, training, config.seed)
    wanted = planning.auto_steps(images, recipe.batch_size)
    # --steps is kept as it is. The steps of a given training are changed if they do not suit the data.
    change_steps = config.given and step_count.judge(recipe, images, wanted)
    steps = wanted if change_steps else recipe.steps
    return Inputs(
        stored=data,
        crops=crops,
        training=training,
        before=before,
        chosen=chosen,
        plan=planning.plan(data, recipe, init, {}, chosen, steps),
        planned_steps=wanted,
        init=init,
        seed=config.seed,
        validated=tuple(validated),
    )


def _anchors(data: Data, training: ExistingTraining, seed: int) -> tuple[Candidate, Candidate]:
    """Those of the training, and those of the plan."""
    if training.layout:
        return anchor_choice.compared(data, training.recipe, training.layout, seed)
    return anchor_choice.choose(data, training.recipe, seed)


def _plan(inputs: Inputs, found: list[Finding]) -> Recipe:
    """The recipe that answers the findings."""
    asked = findings.asked(found, inputs)
    partly = findings.partly(found, inputs)
    planned = planning.plan(inputs.stored, inputs.recipe, inputs.init, asked, inputs.chosen, inputs.plan.steps, partly)
    changes = (*planned.changes, *_translated(inputs.training, found))
    return Recipe.model_validate(planned.model_copy(update={"changes": changes}).model_dump())


def _translated(training: ExistingTraining, found: Sequence[Finding]) -> Iterator[Change]:
    """What the recipe does otherwise than the given training, each with the findings that it answers."""
    for one in training.translated:
        keys = tuple(sorted(finding.key for finding in found if finding.id in one.answers))
        if keys or one.always:
            yield Change(field=one.field, before=one.before, after=one.after, findings=keys, reason=one.reason)


def _predicted(
    inputs: Inputs, used: Recipe, unreachable: dict[str, float], found: Sequence[Finding]
) -> tuple[Prediction | None, str]:
    """The predicted AP50, or None and the reason. found: ranked."""
    fewest = min(inputs.data.counts("train").values())
    doubtful = doubts.of_prediction(found)
    unpredicted = prediction.why_not(used, inputs.init, inputs.distinct_images, fewest)
    if doubtful and not unpredicted:
        unpredicted = f"this must be corrected first ({doubtful.title})"
    return (None if unpredicted else prediction.predict(unreachable, used)), unpredicted


def headline(diagnosed: Diagnosed) -> str:
    """What is wrong and what to do, the first causes in a sentence each, and what training will do."""
    found, recipe = diagnosed.diagnosis, diagnosed.recipe
    judged = verdict.judge(found, recipe)
    lines = [f"{judged.title}. {judged.sentence}", *_told(found.findings)]
    what = "the zoo's recipe" if recipe.stock else f"{len(recipe.changes)} settings changed"
    lines.append(
        f"training: {recipe.model}, {recipe.steps} steps of {recipe.batch_size} at rate {recipe.learning_rate.base:.4g}; {what}"
    )
    if predicted := found.prediction:
        low, high = predicted.mean_interval
        lines.append(f"predicted AP50: {predicted.mean:.2f} ({low:.2f} to {high:.2f}), from one data set")
    else:
        lines.append(f"no AP50 predicted: {diagnosed.unpredicted}")
    if diagnosed.unseen:
        lines.append(f"not judged: the looks of the objects and of the backgrounds, because {diagnosed.unseen}")
    if diagnosed.training and (names := diagnosed.training.not_judged):
        lines.append(f"not judged in your pipeline.config: {'; '.join(fields.grouped(names))}")
    return "\n".join(lines)


def _told(found: Sequence[Finding]) -> Iterator[str]:
    """The first causes with their claims, and how many more there are."""
    told = verdict.causes(found)
    for place, one in enumerate(told[: verdict.FIRST], 1):
        doubt = f" (Doubtful: {one.finding.doubt})" if one.finding.doubt else ""
        yield f"{place}. [{one.finding.severity}] {one.finding.claim}{doubt}"
    if rest := [one.finding for one in told[verdict.FIRST :]]:
        yield f"and {verdict.counted(rest)}, on the page"
