"""The training that a user has already: a recipe.yaml, or a `pipeline.config` of the OD API read without the OD API."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxwright.core import models
from boxwright.core import recipe as recipes
from boxwright.core.recipe import Anchors, Augmentation, LearningRate, Loss, Recipe
from boxwright.core.runtime.errors import UserError

# Comments; strings; signs; words and numbers. Of protobuf's text format what the OD API's configs use.
_TOKEN = re.compile(r"#[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[{}<>\[\],:;]|[^\s{}<>\[\],:;#\"']+")
# Field of the highest rate, and the defaults of object_detection/protos/optimizer.proto: rate, first rate, warm-up.
_SCHEDULES = {
    "cosine_decay_learning_rate": ("learning_rate_base", 0.002, 0.0002, 10_000),
    "exponential_decay_learning_rate": ("initial_learning_rate", 0.002, 0.0, 0),
    "manual_step_learning_rate": ("initial_learning_rate", 0.002, 0.0, 0),
    "constant_learning_rate": ("learning_rate", 0.002, 0.0, 0),
}
_COSINE_STEPS, _BATCH = 4_000_000, 32

Message = dict[str, list[Any]]


@dataclass(frozen=True, kw_only=True)
class ExistingTraining:
    """recipe: not validated as a whole, for what is wrong with it is to be found. decay_steps: at which the rate is zero.
    momentum: trained by SGD with momentum, as the zoo's rates are; frozen_batch_norm: statistics do not follow the data;
    unread: settings that a recipe cannot hold."""

    recipe: Recipe
    decay_steps: int
    momentum: bool = True
    frozen_batch_norm: bool = False
    unread: tuple[str, ...] = ()


def from_recipe(recipe: Recipe) -> ExistingTraining:
    """A training that follows a recipe: its rate is zero at the last step."""
    return ExistingTraining(recipe=recipe, decay_steps=recipe.steps)


def read(path: Path, classes: Sequence[str]) -> ExistingTraining:
    """Raises UserError for a missing or malformed file, other classes, or a model that Boxwright does not train."""
    if not path.is_file():
        raise UserError(f"{path}: no such file; --given is a recipe.yaml or an OD API pipeline.config")
    if path.suffix in (".yaml", ".yml"):
        recipe = recipes.read(path)
        if recipe.classes != tuple(classes):
            raise UserError(f"{path}: classes {', '.join(recipe.classes)}; the data have {', '.join(classes)}")
        return from_recipe(recipe)
    try:
        return _from_config(parse(path.read_text(encoding="utf-8")), classes)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    except (KeyError, ValueError, IndexError, AttributeError, TypeError) as error:
        raise UserError(f"{path}: not a pipeline.config of the Object Detection API: {error!r}") from None


def parse(text: str) -> Message:
    """Protobuf's text format as nested dicts, each field a list of its values. Raises ValueError where it is malformed."""
    tokens = [t for t in _TOKEN.findall(text) if not t.startswith("#") and t not in ",;"]
    return _message(iter(tokens), "")


def _message(tokens: Iterator[str], end: str) -> Message:
    fields: Message = {}
    for name in tokens:
        if name == end:
            return fields
        if not re.fullmatch(r"\w+", name):
            raise ValueError(f"a field's name expected, got {name!r}")
        after = next(tokens, "")
        after = next(tokens, "") if after == ":" else after if after in "{<" else ""
        fields.setdefault(name, []).extend(_values(after, tokens))
    if end:
        raise ValueError(f"{end!r} is missing")
    return fields


def _values(token: str, tokens: Iterator[str]) -> list[Any]:
    if token in ("{", "<"):
        return [_message(tokens, "}" if token == "{" else ">")]
    if token == "[":
        return [value for inner in iter(lambda: next(tokens, "]"), "]") for value in _values(inner, tokens)]
    if not token or token in "}>]:":
        raise ValueError(f"a value expected, got {token!r}")
    if token in ("true", "false"):
        return [token == "true"]
    if token[0] in "\"'":
        return [token[1:-1]]
    try:
        return [float(token) if re.search(r"[.eE]", token) else int(token)]
    except ValueError:
        return [token]


def _one(message: Message, name: str, default: Any) -> Any:
    """The last value of a field, as protobuf reads one that is not repeated."""
    return message.get(name, [default])[-1]


def _from_config(config: Message, classes: Sequence[str]) -> ExistingTraining:
    ssd, train = config["model"][-1]["ssd"][-1], config["train_config"][-1]
    if (named := _one(ssd, "num_classes", 0)) < len(classes):
        raise UserError(f"num_classes: {named}; the data have {len(classes)}: {', '.join(classes)}")
    optimizer, settings = next((k, v[-1]) for k, v in _one(train, "optimizer", {}).items() if k.endswith("optimizer"))
    rate, decay_steps = _rate(settings)
    steps = _one(train, "num_steps", 0) or decay_steps
    if not steps:
        raise UserError("train_config.num_steps: expected 1 or more; without it the length of the training is unknown")
    model, grid, width = _model(ssd)
    loss, other_losses = _loss(_one(ssd, "loss", {}))
    augmentation, other_options = _augmentation(train)
    recipe = recipes.stock(model, classes, steps=steps, batch_size=_one(train, "batch_size", _BATCH)).model_copy(
        update={
            "stock": False,
            "grid": grid,
            "input_size": _input_size(ssd),
            "depth_multiplier": width,
            "loss": loss,
            "anchors": _anchors(ssd),
            "learning_rate": rate,
            "evaluate_every": steps,  # the OD API evaluates beside the training and never ends it
            "augmentation": augmentation,
        }
    )
    return ExistingTraining(
        recipe=recipe,
        decay_steps=decay_steps or steps,
        momentum=optimizer == "momentum_optimizer",
        frozen_batch_norm=_one(ssd, "freeze_batchnorm", False),
        unread=(*other_losses, *other_options),
    )


def _model(ssd: Message) -> tuple[str, str, float]:
    """Model, grid and width. An extractor is known by its Keras name and by its TF 1 name, which lacks `_keras`."""
    extractor = _one(ssd, "feature_extractor", {})
    kind, width = _one(extractor, "type", ""), _one(extractor, "depth_multiplier", 1.0)
    known = {g.extractor: (model, name) for model in models.MODELS.values() for name, g in model.grids.items()}
    found = known.get(kind) or known.get(f"{kind}_keras")
    if not found:
        raise UserError(f"feature_extractor type {kind!r}; Boxwright trains {', '.join(models.NAMES)}")
    model, grid = found
    if width != 1 and not model.any_width:
        raise UserError(f"depth_multiplier {width:g}: of {model.name} Boxwright trains the full width only")
    return model.name, grid, width


def _loss(loss: Message) -> tuple[Loss, list[str]]:
    """With the defaults of object_detection/protos/losses.proto; and what is another loss than Boxwright's."""
    if not loss:
        return Loss(), []
    classification, localization = _one(loss, "classification_loss", {}), _one(loss, "localization_loss", {})
    focal = _one(classification, "weighted_sigmoid_focal", {})
    ours = Loss()
    read = Loss(
        focal_alpha=_one(focal, "alpha", ours.focal_alpha),
        focal_gamma=_one(focal, "gamma", ours.focal_gamma),
        classification_weight=_one(loss, "classification_weight", 1.0),
        localization_weight=_one(loss, "localization_weight", 1.0),
    )
    kept = {"classification_loss", "localization_loss", "classification_weight", "localization_weight"}
    others = {*classification, *localization} - {"weighted_sigmoid_focal", "weighted_smooth_l1"}
    return read, sorted(f"loss.{name}" for name in others | (set(loss) - kept))


def _rate(optimizer: Message) -> tuple[LearningRate, int]:
    """The schedule, and the step at which it is zero; 0 where it never is."""
    kind, schedule = next((k, v[-1]) for k, v in _one(optimizer, "learning_rate", {}).items())
    name, base, warmup, warmup_steps = _SCHEDULES[kind]
    cosine = kind == "cosine_decay_learning_rate"
    rate = LearningRate(
        base=_one(schedule, name, base),
        warmup=_one(schedule, "warmup_learning_rate", warmup),
        warmup_steps=_one(schedule, "warmup_steps", warmup_steps),
        momentum=_one(optimizer, "momentum_optimizer_value", 0.9),
    )
    return rate, _one(schedule, "total_steps", _COSINE_STEPS) if cosine else 0


def _input_size(ssd: Message) -> int:
    resizer = _one(_one(ssd, "image_resizer", {}), "fixed_shape_resizer", {})
    height, width = _one(resizer, "height", 300), _one(resizer, "width", 300)
    if not resizer or height != width:
        raise UserError("image_resizer: Boxwright reads a fixed_shape_resizer of equal height and width only")
    return height


def _anchors(ssd: Message) -> Anchors:
    generators = _one(ssd, "anchor_generator", {})
    if "ssd_anchor_generator" not in generators:
        raise UserError(
            f"anchor_generator: {', '.join(generators) or 'none'}; Boxwright reads ssd_anchor_generator only"
        )
    made = generators["ssd_anchor_generator"][-1]
    layers = _one(made, "num_layers", 6)
    linear = recipes.linear_scales(_one(made, "min_scale", 0.2), _one(made, "max_scale", 0.95), layers)
    return Anchors(
        scales=tuple(made.get("scales", linear)),
        aspect_ratios=tuple(made.get("aspect_ratios", (1.0,))),
        interpolated_aspect_ratio=_one(made, "interpolated_scale_aspect_ratio", 1.0),
        reduce_boxes_in_lowest_layer=_one(made, "reduce_boxes_in_lowest_layer", True),
    )


def _augmentation(train: Message) -> tuple[tuple[Augmentation, ...], list[str]]:
    """The options with their numbers and switches; the names of what else is set in them, lists and messages."""
    options, unread = [], []
    for name, values in (pair for option in train.get("data_augmentation_options", []) for pair in option.items()):
        flat = {k: v[0] for k, v in values[-1].items() if len(v) == 1 and isinstance(v[0], int | float)}
        unread += [f"{name}.{key}" for key in values[-1] if key not in flat]
        options.append(Augmentation(name=name, options=flat, reason="the given pipeline.config"))
    return tuple(options), unread
