"""The training that a user has already: a recipe.yaml, or a `pipeline.config` of the OD API."""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from pydantic import ValidationError

from boxwright.core import models
from boxwright.core import recipe as recipes
from boxwright.core.recipe import Anchors, Augmentation, LearningRate, Loss, Recipe
from boxwright.core.runtime.errors import UserError, few
from boxwright.diagnose.plan import od_api_protos

# For each schedule that a recipe can hold or approximate: the field with the highest rate.
_HIGHEST_RATE = {
    "cosine_decay_learning_rate": "learning_rate_base",
    "exponential_decay_learning_rate": "initial_learning_rate",
    "manual_step_learning_rate": "initial_learning_rate",
    "constant_learning_rate": "learning_rate",
}
# Feature maps of a generator (the zoo has 6), and pixels of the input (the zoo has 300 to 1024).
_MOST_LAYERS, _SIDES = 20, (16, 2048)
# Steps of the augmentation; the zoo has up to 5.
_MOST_STEPS = 50
_LOSSES = {"weighted_sigmoid_focal", "weighted_smooth_l1"}
_LOSS_FIELDS = {"classification_loss", "localization_loss", "classification_weight", "localization_weight"}
_NOT_NUMBERS = {FieldDescriptor.CPPTYPE_ENUM, FieldDescriptor.CPPTYPE_STRING, FieldDescriptor.CPPTYPE_MESSAGE}


@dataclass(frozen=True, kw_only=True)
class ExistingTraining:
    """recipe: not validated as a whole, because diagnose looks for its flaws.
    decay_steps: the step at which the rate is zero.
    momentum: whether the optimizer is SGD with momentum, for which the zoo's rates are meant.
    frozen_batch_norm: whether batch norm keeps its initial statistics.
    unread: settings that a recipe cannot hold.
    """

    recipe: Recipe
    decay_steps: int
    momentum: bool = True
    frozen_batch_norm: bool = False
    unread: tuple[str, ...] = ()


def from_recipe(recipe: Recipe) -> ExistingTraining:
    """A training that follows a recipe: its rate is zero at the last step."""
    return ExistingTraining(recipe=recipe, decay_steps=recipe.steps)


def read(path: Path, classes: Sequence[str]) -> ExistingTraining:
    """Raises UserError for a missing or malformed file, for other classes, and for a model that Boxwright does not train."""
    if not path.is_file():
        raise UserError(f"{path}: no such file; --given is a recipe.yaml or an OD API pipeline.config")
    if path.suffix in (".yaml", ".yml"):
        recipe = recipes.read(path)
        if recipe.classes != tuple(classes):
            raise UserError(f"{path}: classes {few(recipe.classes)}; the data have {few(classes)}")
        return from_recipe(recipe)
    try:
        return from_pipeline_config(od_api_protos.read(path), classes)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    except ValidationError as error:
        raise UserError(f"{path}: a recipe cannot have these settings: {recipes.wrong_fields(error)}") from None


def from_pipeline_config(config: Any, classes: Sequence[str]) -> ExistingTraining:
    """config: a TrainEvalPipelineConfig. Raises UserError if Boxwright does not train its model, or if it has too few classes."""
    ssd, train = _ssd(config), config.train_config
    if ssd.num_classes < len(classes):
        raise UserError(f"num_classes: {ssd.num_classes}; the data have {len(classes)}: {few(classes)}")
    rate, decay_steps = _rate(train.optimizer)
    steps = train.num_steps or decay_steps
    if not steps:
        raise UserError("train_config.num_steps: expected 1 or more; without it the length of the training is unknown")
    _check_bounds("train_config.num_steps", steps, 1, recipes.MOST_STEPS)
    _check_bounds("train_config.batch_size", train.batch_size, 1, recipes.LARGEST_BATCH)
    model, grid, width = _model(ssd.feature_extractor)
    loss, other_losses = _loss(ssd)
    augmentation, other_options = _augmentation(train.data_augmentation_options)
    recipe = recipes.stock(model, classes, steps=steps, batch_size=train.batch_size).model_copy(
        update={
            "stock": False,
            "grid": grid,
            "input_size": _input_size(ssd.image_resizer),
            "depth_multiplier": width,
            "loss": loss,
            "anchors": _anchors(ssd.anchor_generator),
            "learning_rate": rate,
            "evaluate_every": steps,  # the OD API evaluates in a separate process, which never stops the training
            "augmentation": augmentation,
        }
    )
    return ExistingTraining(
        recipe=recipe,
        decay_steps=decay_steps or steps,
        momentum=train.optimizer.WhichOneof("optimizer") == "momentum_optimizer",
        frozen_batch_norm=ssd.freeze_batchnorm,
        unread=(*other_losses, *other_options),
    )


def _ssd(config: Any) -> Any:
    kind = config.model.WhichOneof("model")
    if kind != "ssd":
        raise UserError(f"model: {kind or 'none'}; Boxwright trains SSDs only")
    return config.model.ssd


def _model(extractor: Any) -> tuple[str, str, float]:
    """Model, grid and width. An extractor has a Keras name and a TF 1 name, which lacks `_keras`."""
    kind, width = extractor.type, _shortest(extractor.depth_multiplier)
    known = {g.extractor: (model, name) for model in models.MODELS.values() for name, g in model.grids.items()}
    found = known.get(kind) or known.get(f"{kind}_keras")
    if not found:
        raise UserError(f"feature_extractor type {kind!r}; Boxwright trains {', '.join(models.NAMES)}")
    model, grid = found
    if width != 1 and not model.any_width:
        raise UserError(f"depth_multiplier {width:g}: Boxwright trains {model.name} only at full width, 1")
    return model.name, grid, width


def _loss(ssd: Any) -> tuple[Loss, list[str]]:
    """The loss, and the names of its settings that a recipe cannot hold."""
    if not ssd.HasField("loss"):
        return Loss(), []
    loss, focal = ssd.loss, ssd.loss.classification_loss.weighted_sigmoid_focal
    read = Loss(
        focal_alpha=_shortest(focal.alpha) if focal.HasField("alpha") else Loss().focal_alpha,
        focal_gamma=_shortest(focal.gamma),
        classification_weight=_shortest(loss.classification_weight),
        localization_weight=_shortest(loss.localization_weight),
    )
    kinds = {*_names(loss.classification_loss), *_names(loss.localization_loss)} - _LOSSES
    return read, sorted(f"loss.{name}" for name in kinds | (set(_names(loss)) - _LOSS_FIELDS))


def _rate(optimizer: Any) -> tuple[LearningRate, int]:
    """The schedule, and the step at which its rate is zero; 0 if it never reaches zero."""
    kind = optimizer.WhichOneof("optimizer")
    settings = getattr(optimizer, kind or "momentum_optimizer")
    schedule = settings.learning_rate.WhichOneof("learning_rate")
    if schedule not in _HIGHEST_RATE:
        raise UserError(
            f"train_config.optimizer: {kind or 'none'} with {schedule or 'no learning rate'}; Boxwright reads "
            f"{', '.join(_HIGHEST_RATE)}"
        )
    values = getattr(settings.learning_rate, schedule)
    cosine = schedule == "cosine_decay_learning_rate"
    rate = LearningRate(
        base=_shortest(getattr(values, _HIGHEST_RATE[schedule])),
        warmup=_shortest(values.warmup_learning_rate) if cosine else 0.0,
        warmup_steps=values.warmup_steps if cosine else 0,
        momentum=_shortest(getattr(settings, "momentum_optimizer_value", 0.9)),
    )
    return rate, values.total_steps if cosine else 0


def _input_size(resizer: Any) -> int:
    fixed = resizer.fixed_shape_resizer
    if not resizer.HasField("fixed_shape_resizer") or fixed.height != fixed.width:
        raise UserError("image_resizer: Boxwright reads only a fixed_shape_resizer of equal height and width")
    _check_bounds("fixed_shape_resizer.height", fixed.height, *_SIDES)
    return fixed.height


def _anchors(generator: Any) -> Anchors:
    kind = generator.WhichOneof("anchor_generator_oneof")
    if kind != "ssd_anchor_generator":
        raise UserError(f"anchor_generator: {kind or 'none'}; Boxwright reads only ssd_anchor_generator")
    made = generator.ssd_anchor_generator
    if not made.scales:
        _check_bounds("ssd_anchor_generator.num_layers", made.num_layers, 2, _MOST_LAYERS)
    return Anchors(
        scales=tuple(map(_shortest, made.scales))
        or recipes.linear_scales(_shortest(made.min_scale), _shortest(made.max_scale), made.num_layers),
        aspect_ratios=tuple(map(_shortest, made.aspect_ratios)) or (1.0,),
        interpolated_aspect_ratio=_shortest(made.interpolated_scale_aspect_ratio),
        reduce_boxes_in_lowest_layer=made.reduce_boxes_in_lowest_layer,
    )


def _check_bounds(field: str, value: int, least: int, most: int) -> None:
    """Raises UserError for a number that no training has."""
    if not least <= value <= most:
        raise UserError(f"{field}: {value}; expected {least} to {most:,}")


def _augmentation(steps: Sequence[Any]) -> tuple[tuple[Augmentation, ...], list[str]]:
    """The options with their numbers and booleans, and the names of their other settings: lists, messages and texts."""
    _check_bounds("number of train_config.data_augmentation_options", len(steps), 0, _MOST_STEPS)
    options, unread = [], []
    for step in steps:
        for option, settings in step.ListFields():
            numbers = {field.name: value for field, value in settings.ListFields() if _is_number(field)}
            unread += [f"{option.name}.{name}" for name in _names(settings) if name not in numbers]
            numbers = {name: _shortest(v) if isinstance(v, float) else v for name, v in numbers.items()}
            options.append(Augmentation(name=option.name, options=numbers, reason="the given pipeline.config"))
    return tuple(options), unread


def _is_number(field: Any) -> bool:
    """field: a FieldDescriptor."""
    return field.label != field.LABEL_REPEATED and field.cpp_type not in _NOT_NUMBERS


def _names(message: Any) -> list[str]:
    """The fields that are set in a message."""
    return [field.name for field, _ in message.ListFields()]


def _shortest(value: float) -> float:
    """The number as it is in the file: 0.15. The message holds the nearest float32, 0.15000000596."""
    nearest = _float32(value)
    shortest = (float(f"{nearest:.{digits}g}") for digits in range(1, 10))  # nine digits name every float32
    return next((one for one in shortest if _float32(one) == nearest), nearest)  # NaN is equal to nothing


def _float32(value: float) -> float:
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
