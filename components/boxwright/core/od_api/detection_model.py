"""Building, saving and loading the OD API's detection model."""

from boxwright.core.od_api import compat, ppn  # noqa: F401, I001

from pathlib import Path

import tensorflow as tf
from object_detection.builders import model_builder
from object_detection.meta_architectures import ssd_meta_arch
from tf_keras.src import backend

from boxwright.core import recipe as recipes
from boxwright.core.pretrained.pretrained_model import CHECKPOINT, RECIPE
from boxwright.core.runtime.errors import UserError, brief
from boxwright.core.od_api.pipeline_config import as_text, pipeline_config
from boxwright.core.recipe import Recipe

CONFIG = "pipeline.config"
# What TensorFlow raises for cut, missing, foreign and altered files of a checkpoint.
DAMAGED = (tf.errors.OpError, IndexError, RuntimeError, ValueError)


def build(recipe: Recipe, *, training: bool) -> ssd_meta_arch.SSDMetaArch:
    """The model with all its variables made, by a first prediction on a blank image of which batch norm learns nothing."""
    model = model_builder.build(pipeline_config(recipe).model, is_training=training)
    size = recipe.input_size
    backend.deprecated_internal_set_learning_phase(False)
    model.predict(tf.zeros([1, size, size, 3]), tf.constant([[size, size, 3]]))
    return model


def variables(model: ssd_meta_arch.SSDMetaArch) -> list[tf.Variable]:
    """Feature extractor first, then predictor."""
    return [*model._feature_extractor.variables, *model._box_predictor.variables]


def in_backbone(model: ssd_meta_arch.SSDMetaArch) -> set:
    """References of the variables that an ImageNet checkpoint has: those of the classification backbone."""
    return {v.ref() for v in model._feature_extractor.classification_backbone.variables}


def save(folder: Path, model: ssd_meta_arch.SSDMetaArch, recipe: Recipe) -> None:
    """Writes recipe, pipeline.config and checkpoint, as `load` and the OD API's exporters read them."""
    folder.mkdir(parents=True, exist_ok=True)
    recipes.write(recipe, folder / RECIPE)
    (folder / CONFIG).write_text(as_text(recipe), encoding="utf-8")
    # Not by a CheckpointManager, which notes the time: the same weights would have another digest in every run.
    tf.train.Checkpoint(model=model).save(str(folder / CHECKPOINT / "ckpt"))


def load(folder: Path) -> tuple[ssd_meta_arch.SSDMetaArch, Recipe]:
    """A trained model for inference, and its recipe. Raises UserError where the folder holds no model, or not a whole one."""
    latest = tf.train.latest_checkpoint(str(folder / CHECKPOINT))
    if latest is None or not (folder / RECIPE).exists():
        raise UserError(f"{folder}: no trained model here; give the folder that `boxwright train` wrote")
    recipe = recipes.read(folder / RECIPE)
    model = build(recipe, training=False)
    try:
        reader(latest)
    except DAMAGED as error:
        raise UserError(
            f"{folder}: its checkpoint is damaged ({brief(error)}); copy the model anew, or train it again"
        ) from None
    try:
        tf.train.Checkpoint(model=model).restore(latest).assert_existing_objects_matched().expect_partial()
    except (AssertionError, ValueError):
        raise UserError(
            f"{folder}: its checkpoint is not of the network in its {RECIPE}; give a folder as `boxwright train` wrote it"
        ) from None
    return model, recipe


def reader(prefix: str):
    """TensorFlow's reader of a checkpoint, all of which it has read once: restoring would leave a model half changed. Raises one
    of DAMAGED."""
    found = tf.train.load_checkpoint(prefix)
    for name in found.get_variable_to_shape_map():
        found.get_tensor(name)
    return found
