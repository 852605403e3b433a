"""The training that a user has already: a recipe.yaml, or a `pipeline.config` of the OD API.

What the training does is kept apart from the recipe that the plan starts from: see `given/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from boxwright.core import recipe as recipes
from boxwright.core.anchors import Layout
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError, few
from boxwright.diagnose.given import augmentation, config_text, nearest_recipe, pipeline_config, schedule
from boxwright.diagnose.given.nearest_recipe import Translated
from boxwright.diagnose.given.pipeline_config import Pictures, PipelineConfig
from boxwright.diagnose.given.schedule import Schedule
from boxwright.diagnose.measures.crop_simulation import CropCases
from boxwright.diagnose.plan import od_api_protos, planning

_UNKNOWN = Pictures()


@dataclass(frozen=True, kw_only=True)
class ExistingTraining:
    """recipe: the nearest that a recipe can hold; the plan starts from it. It is not validated as a whole, because diagnose looks
    for its flaws.
    schedule: the learning rate over the steps. momentum: whether the optimizer is SGD with momentum, for which the zoo's rates
    are meant. frozen_batch_norm: whether batch norm keeps its initial statistics. crops: the random crops of the augmentation, by
    name.
    config: the pipeline.config that it was read from; None for a recipe. layout: its anchors, if a recipe cannot hold them.
    translated: what the recipe does otherwise than the config. notices: what the OD API cannot read in the file.
    """

    recipe: Recipe
    schedule: Schedule
    momentum: bool = True
    frozen_batch_norm: bool = False
    crops: tuple[tuple[str, CropCases], ...] = ()
    config: PipelineConfig | None = None
    layout: Layout | None = None
    translated: tuple[Translated, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def not_judged(self) -> tuple[str, ...]:
        """Paths of the settings that nothing judges."""
        return self.config.not_judged if self.config else ()


def from_recipe(recipe: Recipe) -> ExistingTraining:
    """A training that follows a recipe: its rate is zero at the last step. Raises UserError for options that augment refuses."""
    crops = augmentation.of_recipe(recipe).crops
    return ExistingTraining(recipe=recipe, schedule=schedule.of_recipe(recipe.learning_rate, recipe.steps), crops=crops)


def read(path: Path, classes: Sequence[str], pictures: Pictures = _UNKNOWN) -> ExistingTraining:
    """Raises UserError for a missing or malformed file, for a recipe of other classes, for values that the OD API refuses, and
    for a network that is not understood."""
    if not path.is_file():
        raise UserError(f"{path}: no such file; --given is a recipe.yaml or an OD API pipeline.config")
    if path.suffix in (".yaml", ".yml"):
        recipe = recipes.read(path)
        if recipe.classes != tuple(classes):
            raise UserError(f"{path}: classes {few(recipe.classes)}; the data have {few(classes)}")
        return _named(path, lambda: from_recipe(recipe))
    return _named(path, lambda: _read_config(path, classes, pictures))


def _named(path: Path, made: Any) -> ExistingTraining:
    """What `made` returns; its errors name the file."""
    try:
        return made()
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    except ValidationError as error:
        raise UserError(f"{path}: a recipe cannot have these settings: {recipes.wrong_fields(error)}") from None


def _read_config(path: Path, classes: Sequence[str], pictures: Pictures) -> ExistingTraining:
    found = config_text.read(path)
    return from_pipeline_config(od_api_protos.parse(found.text), classes, pictures, found.notices)


def from_pipeline_config(
    message: Any, classes: Sequence[str], pictures: Pictures = _UNKNOWN, notices: tuple[str, ...] = ()
) -> ExistingTraining:
    """message: a TrainEvalPipelineConfig. Raises UserError as `pipeline_config.read` does."""
    config = pipeline_config.read(message, pictures)
    train, rate = config.train, config.optimizer.schedule
    # Without num_steps the OD API trains until it is stopped, or until the rate is zero for good.
    steps = train.num_steps or rate.zero_after or planning.auto_steps(pictures.count, train.batch_size)
    recipe = nearest_recipe.recipe(config, classes, min(steps, recipes.MOST_STEPS))
    return ExistingTraining(
        recipe=recipe,
        schedule=rate,
        momentum=config.optimizer.kind == "momentum_optimizer",
        frozen_batch_norm=config.ssd.freeze_batchnorm,
        crops=config.augmentation.crops,
        config=config,
        layout=None if nearest_recipe.exact_anchors(config) else config.layout,
        translated=tuple(nearest_recipe.translated(config, recipe)),
        notices=notices,
    )
