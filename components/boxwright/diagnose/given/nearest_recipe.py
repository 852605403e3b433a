"""The recipe that comes nearest to a config: where the plan starts, and what it does otherwise than the config."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from boxwright.core import recipe as recipes
from boxwright.core.recipe import Anchors, LearningRate, Loss, Recipe
from boxwright.diagnose.given import anchor_grid
from boxwright.diagnose.given.numbers import shortest
from boxwright.diagnose.given.pipeline_config import PipelineConfig
from boxwright.diagnose.plan import rates

# The bounds of a recipe's input.
_INPUT = (96, 1024)
# Findings on the augmentation that leaving out an option answers.
_ANSWERED = {
    "augmentation_random_crop": (
        "ssd_random_crop",
        "ssd_random_crop_pad",
        "random_crop_image",
        "random_crop_pad_image",
    ),
    "augmentation_shrinks": ("random_pad_image", "random_absolute_pad_image"),
}
_FOCAL = "weighted_sigmoid_focal"


@dataclass(frozen=True, kw_only=True)
class Translated:
    """What the recipe does otherwise than the config, although no finding need ask for it. answers: ids of the findings that it
    answers. always: whether it is told without them, too."""

    field: str
    before: Any
    after: Any
    reason: str
    answers: tuple[str, ...] = ()
    always: bool = True


def recipe(config: PipelineConfig, classes: Sequence[str], steps: int) -> Recipe:
    """steps: of the training. Raises ValidationError for numbers that no recipe can have.

    It is not validated as a whole, because diagnose looks for its flaws.
    """
    network, train = config.network, config.train
    made = recipes.stock(network.model, classes, steps=steps, batch_size=train.batch_size)
    side = config.resizer.side
    return made.model_copy(
        update={
            "stock": False,
            "grid": network.grid,
            "input_size": side if exact_input(config) else min(max(side, _INPUT[0]), _INPUT[1]),
            "depth_multiplier": network.width if network.exact else 1.0,
            "loss": _loss(config.ssd.loss) if config.ssd.HasField("loss") else Loss(),
            "anchors": _anchors(config, made),
            "learning_rate": _rate(config, steps),
            "evaluate_every": steps,  # the OD API evaluates in a separate process, which never stops the training
            "augmentation": config.augmentation.held,
        }
    )


def exact_input(config: PipelineConfig) -> bool:
    return config.resizer.square and _INPUT[0] <= config.resizer.side <= _INPUT[1]


def exact_anchors(config: PipelineConfig) -> bool:
    """Whether a recipe can hold the anchors and the maps on which they lie."""
    return exact_input(config) and _held(config) is not None


def _held(config: PipelineConfig) -> Anchors | None:
    """The anchors, if a recipe of this model can have them."""
    kind = config.ssd.anchor_generator.WhichOneof("anchor_generator_oneof")
    if kind != "ssd_anchor_generator" or config.network.pyramid:
        return None
    made = recipes.stock(config.network.model, ["a"], steps=100)
    try:
        anchors = anchor_grid.in_recipe(config.ssd.anchor_generator.ssd_anchor_generator)
        changed = made.model_copy(update={"grid": config.network.grid, "anchors": anchors})
        return Recipe.model_validate(changed.model_dump()).anchors
    except ValidationError:
        return None


def _anchors(config: PipelineConfig, made: Recipe) -> Anchors:
    return _held(config) or made.anchors


def _rate(config: PipelineConfig, steps: int) -> LearningRate:
    """The schedule as a recipe holds it. Rates of RMSprop and Adam say nothing about those of SGD, which Boxwright trains
    with."""
    optimizer, batch, model = config.optimizer, config.train.batch_size, config.network.model
    schedule = optimizer.schedule
    if optimizer.kind != "momentum_optimizer":
        return LearningRate(
            base=rates.measured(model, batch), warmup=rates.warmup(model, batch), warmup_steps=rates.warmup_steps(steps)
        )
    return LearningRate(
        base=shortest(schedule.highest(schedule.warmup_steps + max(steps, 1))),
        warmup=schedule.warmup,
        warmup_steps=schedule.warmup_steps,
        momentum=optimizer.momentum,
    )


def _loss(loss: Any) -> Loss:
    focal = loss.classification_loss.weighted_sigmoid_focal
    return Loss(
        focal_alpha=shortest(focal.alpha) if focal.HasField("alpha") else Loss().focal_alpha,
        focal_gamma=shortest(focal.gamma),
        classification_weight=shortest(loss.classification_weight),
        localization_weight=shortest(loss.localization_weight),
    )


def translated(config: PipelineConfig, recipe: Recipe) -> Iterator[Translated]:
    """In the order in which they are told."""
    yield from _of_model(config, recipe)
    yield from _of_training(config, recipe)
    for name, why in config.augmentation.left_out:
        field = f"data_augmentation_options.{name}"
        ids = tuple(id for id, names in _ANSWERED.items() if name in names)
        yield Translated(field=field, before="there", after="left out", reason=why, answers=ids)


def _of_model(config: PipelineConfig, recipe: Recipe) -> Iterator[Translated]:
    network, classes = config.network, len(recipe.classes)
    if config.ssd.num_classes != classes:
        why = "a recipe has the classes of the data"
        ids = ("num_classes_many", "num_classes_few")
        yield Translated(field="num_classes", before=config.ssd.num_classes, after=classes, reason=why, answers=ids)
    if not network.exact:
        before = network.extractor + (f", depth_multiplier {network.width:g}" if network.width != 1 else "")
        why = f"Boxwright does not train {before} yet; {recipe.model} comes nearest to it"
        yield Translated(field="feature_extractor", before=before, after=recipe.model, reason=why)
    if not exact_input(config):
        after = f"{recipe.input_size} x {recipe.input_size}"
        why = "Boxwright trains at a square input of 96 to 1024 px; this one has about as many pixels as an image had"
        yield Translated(field="image_resizer", before=config.resizer.told, after=after, reason=why)
    if not _held(config):
        kind = config.ssd.anchor_generator.WhichOneof("anchor_generator_oneof")
        why = "a recipe cannot hold these anchors; the plan starts from the zoo's and fits them if that reaches more objects"
        yield Translated(field="anchor_generator", before=kind, after="ssd_anchor_generator", reason=why)
    losses = config.ssd.loss.classification_loss.WhichOneof("classification_loss")
    if losses not in (None, _FOCAL):
        why = "Boxwright trains with focal loss, which the zoo's later configs use"
        yield Translated(
            field="classification_loss", before=losses, after=_FOCAL, reason=why, answers=("loss_unbalanced",)
        )


def _of_training(config: PipelineConfig, recipe: Recipe) -> Iterator[Translated]:
    optimizer = config.optimizer
    sgd = optimizer.kind == "momentum_optimizer"
    if not sgd:
        why = "Boxwright trains with SGD and momentum; the rates of two optimizers cannot be compared"
        before = f"{optimizer.name}, up to {optimizer.schedule.highest(recipe.steps):.4g}"
        after = f"SGD with momentum, up to {recipe.learning_rate.base:.4g}"
        ids = ("optimizer_rate_high", "optimizer_rate_low")
        yield Translated(field="optimizer", before=before, after=after, reason=why, answers=ids)
    yield Translated(
        field="schedule",
        before=optimizer.schedule.told,
        after="a warm-up, then half a cosine to zero at the last step",
        reason="training with a recipe lowers the rate to zero by its last step",
        answers=("decay_unfinished", "rate_zero_early"),
        always=optimizer.schedule.kind != "cosine_decay_learning_rate",
    )
    if config.train.freeze_variables or config.train.update_trainable_variables:
        why = "Boxwright trains all variables; with pretrained weights the head first learns alone"
        before = ", ".join(config.train.freeze_variables) or "all but " + ", ".join(
            config.train.update_trainable_variables
        )
        ids = ("variables_frozen", "freeze_unmatched")
        yield Translated(field="freeze_variables", before=before[:200], after="none", reason=why, answers=ids)
    if config.message.HasField("graph_rewriter"):
        why = "Boxwright quantises the trained model, calibrated with training images; on BCCD that cost nothing"
        yield Translated(
            field="graph_rewriter", before="in training", after="after it", reason=why, answers=("quantization_delay",)
        )
