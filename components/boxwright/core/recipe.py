"""The recipe: everything that decides a training, in one YAML file that a person can read, edit and compare.

`stock(...)` is the model zoo's recipe. diagnose changes some of its fields, and records the reasons in `changes`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from boxwright.core import models
from boxwright.core.augmentations import AUGMENTATIONS
from boxwright.core.foreign_files import yaml_text
from boxwright.core.runtime import digests, text_files
from boxwright.core.runtime.errors import UserError, brief, few

# Wrong fields that an error names.
_MOST_WRONG = 20
# Entries of a list, such as anchors.aspect_ratios; the zoo's recipe has up to 6.
_LONGEST = 20
# The zoo trains 25,000 steps with 512 images each.
MOST_STEPS = 100_000_000
LARGEST_BATCH = 65_536


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Anchors(_Part):
    """The settings of the OD API's SsdAnchorGenerator.

    scales: one for each feature map, relative to the input side, finest map first.
    interpolated_aspect_ratio: of the extra anchor at sqrt(scale * next scale); 0: no extra anchor.
    """

    scales: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(min_length=1, max_length=_LONGEST)
    aspect_ratios: tuple[Annotated[float, Field(gt=0)], ...] = Field(min_length=1, max_length=_LONGEST)
    interpolated_aspect_ratio: float = Field(default=1.0, ge=0)
    reduce_boxes_in_lowest_layer: bool = False

    @model_validator(mode="after")
    def _finest_first(self) -> "Anchors":
        if list(self.scales) != sorted(self.scales):
            raise ValueError(
                f"scales: {self.scales} are not in order; the smallest must come first, for the finest feature map"
            )
        return self


class LearningRate(_Part):
    """Linear warm-up, then half a cosine to zero."""

    base: float = Field(gt=0)
    warmup: float = Field(ge=0)
    warmup_steps: int = Field(ge=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)


class Stage(_Part):
    """Steps that train only `trainable`: all variables, or `head`, i.e. all except the weights of the backbone.

    The batch-norm statistics of the backbone are updated in every stage.
    """

    name: str
    trainable: Literal["head", "all"]
    steps: int = Field(gt=0, le=MOST_STEPS)


class Loss(_Part):
    """Focal loss of the classes (Lin et al. 2017), smooth L1 loss of the boxes, and the weights of both in the sum."""

    focal_alpha: float = Field(default=0.75, gt=0, lt=1)
    focal_gamma: float = Field(default=2.0, ge=0)
    classification_weight: float = Field(default=1.0, gt=0)
    localization_weight: float = Field(default=1.5, gt=0)


class Augmentation(_Part):
    """One of the OD API's `data_augmentation_options`, by its field name, or one of ours (core/augmentations).

    options: its settings. reason: why the recipe has it. Ours run before the OD API's. Each group keeps the order of the recipe.
    """

    name: str
    options: dict[str, float | int | bool] = {}
    reason: str

    @model_validator(mode="after")
    def _known_settings(self) -> "Augmentation":
        if self.ours:
            AUGMENTATIONS[self.name].complete(self.options)
        return self

    @property
    def ours(self) -> bool:
        """Whether it is one of our own augmentations, and not an option of the OD API."""
        return self.name in AUGMENTATIONS


class Change(_Part):
    """A changed field. findings: keys of the findings that the change answers. partly: of those that it answers in part. Both are
    empty if the user asked for the change."""

    field: str
    before: Any
    after: Any
    findings: tuple[str, ...]
    partly: tuple[str, ...] = ()
    reason: str


def _known_model(name: str) -> str:
    if name not in models.MODELS:
        raise ValueError(f"there is no model {name!r}; choose one of {', '.join(models.NAMES)}")
    return name


class Recipe(_Part):
    """input_size: side of the square input, pixels. seed: of initial weights, shuffling and augmentation."""

    model: Annotated[str, AfterValidator(_known_model)]
    classes: tuple[str, ...]
    stock: bool = False
    grid: str = "stride16"
    input_size: int = Field(default=300, ge=96, le=1024)
    depth_multiplier: float = Field(default=1.0, ge=0.05, le=1, description="width of the backbone")
    anchors: Anchors
    batch_size: int = Field(default=8, ge=1, le=LARGEST_BATCH)
    max_repeats: float = Field(
        default=1.0,
        ge=1,
        le=100,
        description="an epoch shows an image with rare classes at most this many times (repeat_factors); 1: every image once",
    )
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=_LONGEST)
    learning_rate: LearningRate
    evaluate_every: int = Field(default=100, ge=1)
    patience: int = Field(default=4, ge=1, description="training stops after this many evaluations without a better AP")
    loss: Loss = Loss()
    augmentation: tuple[Augmentation, ...] = Field(default=(), max_length=_LONGEST)
    seed: int = Field(default=0, ge=0, lt=2**32)
    changes: tuple[Change, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Recipe":
        self._check_network()
        rate = self.learning_rate
        if rate.warmup_steps >= self.steps:
            raise ValueError(
                f"learning_rate.warmup_steps: {rate.warmup_steps} is not less than the {self.steps} steps of all stages"
            )
        if rate.warmup_steps and rate.warmup > rate.base:
            raise ValueError(
                f"learning_rate.warmup: {rate.warmup:g} is more than base ({rate.base:g}). The learning rate starts at warmup "
                "and rises to base; lower warmup, too"
            )
        return self

    def _check_network(self) -> None:
        """Raises ValueError for a grid, width or number of feature maps that the model cannot have."""
        model = models.get(self.model)
        if self.grid not in model.grids:
            there = [name for name, other in models.MODELS.items() if self.grid in other.grids]
            if not there:
                raise ValueError(f"grid: {self.grid} is unknown; {self.model} has {', '.join(model.grids)}")
            raise ValueError(f"grid: {self.grid} exists for {', '.join(there)} only, not for {self.model}")
        if self.depth_multiplier != 1 and not model.any_width:
            able = [name for name, other in models.MODELS.items() if other.any_width]
            raise ValueError(
                f"depth_multiplier: {self.depth_multiplier:g}, expected 1: the OD API's {self.model} applies it twice; only "
                f"{', '.join(able)} can be narrower"
            )
        grid, maps = model.grids[self.grid], len(self.anchors.scales)
        if maps < grid.fewest_maps or (grid.most_maps and maps > grid.most_maps):
            limit = f"at least {grid.fewest_maps}" if maps < grid.fewest_maps else f"at most {grid.most_maps}"
            raise ValueError(
                f"anchors.scales: got {maps}, one for each feature map; {self.model} on {self.grid} has {limit} feature maps"
            )

    @property
    def steps(self) -> int:
        return sum(stage.steps for stage in self.stages)

    def digest(self) -> str:
        """A digest of all fields."""
        return digests.of_json(self.model_dump(mode="json"))


def linear_scales(minimum: float, maximum: float, layers: int) -> tuple[float, ...]:
    """The OD API's spacing of scales between `min_scale` and `max_scale`. layers: number of feature maps."""
    return tuple(round(minimum + (maximum - minimum) * i / (layers - 1), 6) for i in range(layers))


def evaluate_every(steps: int) -> int:
    """Steps between evaluations: a twelfth of all steps, but at least 50. So `patience` can end a training early."""
    return max(50, steps // 12)


def stock(model: str, classes: Sequence[str], *, steps: int, batch_size: int = 8, seed: int = 0) -> Recipe:
    """The zoo's recipe. The learning rate is scaled linearly to the batch. The warm-up takes 4 % of the steps.

    Raises UserError for an unknown model and for values that a recipe cannot have.
    """
    known = models.get(model)
    zoo, share = known.zoo, batch_size / known.zoo.batch
    with _explained(f"the recipe of {known.name} would be invalid"):
        return Recipe(
            model=known.name,
            classes=tuple(classes),
            stock=True,
            anchors=Anchors(
                scales=linear_scales(zoo.min_scale, 0.95, 6),
                aspect_ratios=(1.0, 2.0, 0.5, 3.0, 0.3333),
                reduce_boxes_in_lowest_layer=zoo.reduce_boxes_in_lowest_layer,
            ),
            batch_size=batch_size,
            stages=(Stage(name="all", trainable="all", steps=steps),),
            learning_rate=LearningRate(
                base=zoo.rate * share, warmup=zoo.warmup * share, warmup_steps=steps * 2_000 // 50_000
            ),
            evaluate_every=evaluate_every(steps),
            loss=Loss(localization_weight=zoo.localization_weight),
            augmentation=(
                Augmentation(name="random_horizontal_flip", reason="the zoo's recipe"),
                Augmentation(name="ssd_random_crop", reason="the zoo's recipe"),
            ),
            seed=seed,
        )


def stock_for(recipe: Recipe) -> Recipe:
    """The zoo's recipe with the model, classes, steps, batch and seed of this one, as the baseline of a comparison."""
    return stock(recipe.model, recipe.classes, steps=recipe.steps, batch_size=recipe.batch_size, seed=recipe.seed)


def require_classes(recipe: Recipe, found: Sequence[str], records: Path) -> None:
    """Raises UserError if the recipe has other classes than the records."""
    if tuple(found) != recipe.classes:
        raise UserError(
            f"the recipe has the classes {few(recipe.classes)}, but the records in {records} have {few(found)}; "
            "run `boxwright diagnose` on these records"
        )


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turns a ValidationError into a UserError that names each wrong field."""
    try:
        yield
    except ValidationError as error:
        raise UserError(f"{what}: {wrong_fields(error, 'recipe')}") from None


def wrong_fields(error: ValidationError, whole: str = "") -> str:
    """The first wrong fields of a model, and what is wrong with each. whole: what an error of the whole model is about."""
    found = (f"{brief('.'.join(map(str, e['loc'])) or whole)}: {brief(e['msg'])}" for e in error.errors()[:_MOST_WRONG])
    more = error.error_count() - _MOST_WRONG
    return "; ".join(found) + (f"; and {more:,} more fields" if more > 0 else "")


class _Loader(yaml_text.Loader):
    """A YAML loader that refuses duplicate keys. PyYAML itself would use the last one without a warning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if twice := next((name for name, count in names.items() if count > 1), None):
            raise yaml.constructor.ConstructorError(
                problem=f"the key {brief(twice)} occurs twice", problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep)


def write(recipe: Recipe, path: Path) -> None:
    """Writes the recipe as YAML. Raises UserError if the file cannot be written."""
    text_files.write(path, yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True))


def read(path: Path) -> Recipe:
    """Raises UserError that names each wrong field, because users edit recipes by hand."""
    try:
        found = yaml_text.parse(yaml_text.read(path), _Loader)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}; --recipe is the file that `boxwright diagnose` or `augment` wrote"
        ) from None
    except yaml_text.InvalidYaml as error:
        raise UserError(f"{path} is not YAML: {error}") from None
    if not isinstance(found, dict):
        raise UserError(f"{path} is not a recipe: expected the fields that `boxwright diagnose` or `augment` wrote")
    with _explained(str(path)):
        return Recipe.model_validate(found)
