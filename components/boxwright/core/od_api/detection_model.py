"""Builds, saves and loads the OD API's detection models."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import tensorflow as tf
from object_detection.builders import model_builder
from tf_keras.src import backend

from boxwright.core import recipe as recipes
from boxwright.core.od_api import ppn  # noqa: F401  (registers the PPN feature extractors)
from boxwright.core.od_api.pipeline_config import as_text, pipeline_config
from boxwright.core.pretrained.pretrained_model import CHECKPOINT, RECIPE
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError, brief

CONFIG = "pipeline.config"
# What TensorFlow raises for checkpoint files that are truncated, missing, changed, or of another program.
CHECKPOINT_ERRORS = (tf.errors.OpError, IndexError, RuntimeError, ValueError)

Tensors = Mapping[str, tf.Tensor]


class DetectionModel(Protocol):
    """What Boxwright uses of the OD API's `SSDMetaArch`. Images are (n, height, width, 3); shapes are (n, 3) int32: height,
    width and channels of each image."""

    _is_training: bool
    _feature_extractor: Any
    _box_predictor: Any
    trainable_variables: list[tf.Variable]

    def preprocess(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Images in 0..255 to the network's input, and their shapes."""
        ...

    def predict(self, preprocessed_inputs: tf.Tensor, true_image_shapes: tf.Tensor) -> dict[str, tf.Tensor]: ...

    def postprocess(self, prediction_dict: Tensors, true_image_shapes: tf.Tensor) -> dict[str, tf.Tensor]: ...

    def loss(self, prediction_dict: Tensors, true_image_shapes: tf.Tensor) -> dict[str, tf.Tensor]: ...

    def regularization_losses(self) -> list[tf.Tensor]: ...

    def provide_groundtruth(self, **groundtruth: Any) -> None: ...


class CheckpointReader(Protocol):
    """What Boxwright uses of TensorFlow's reader."""

    def get_tensor(self, name: str) -> np.ndarray: ...

    def get_variable_to_shape_map(self) -> dict[str, list[int]]: ...


def build(recipe: Recipe, *, training: bool) -> DetectionModel:
    """A model whose variables exist: it predicts once on a blank image, from which batch norm learns nothing."""
    model = cast(DetectionModel, model_builder.build(pipeline_config(recipe).model, is_training=training))
    size = recipe.input_size
    backend.deprecated_internal_set_learning_phase(False)
    model.predict(tf.zeros([1, size, size, 3]), tf.constant([[size, size, 3]]))
    return model


def set_phase(model: DetectionModel, *, training: bool) -> None:
    """Makes the model train or predict. The OD API's batch norm follows Keras's global learning phase.

    A traced function keeps the phase in which it was traced, so every function that predicts must set it.
    """
    model._is_training = training
    backend.deprecated_internal_set_learning_phase(training)


def variables(model: DetectionModel) -> list[tf.Variable]:
    """Those of the feature extractor, then those of the predictor."""
    return [*model._feature_extractor.variables, *model._box_predictor.variables]


def backbone_refs(model: DetectionModel) -> set[Hashable]:
    """References of the classification backbone's variables, which an ImageNet checkpoint has."""
    return {v.ref() for v in model._feature_extractor.classification_backbone.variables}


def save(folder: Path, model: DetectionModel, recipe: Recipe) -> None:
    """Writes recipe, pipeline.config and checkpoint, as `load` and the OD API's exporters read them."""
    folder.mkdir(parents=True, exist_ok=True)
    recipes.write(recipe, folder / RECIPE)
    (folder / CONFIG).write_text(as_text(recipe), encoding="utf-8")
    # A CheckpointManager would store the time: the same weights would have another digest in every run.
    tf.train.Checkpoint(model=model).save(str(folder / CHECKPOINT / "ckpt"))


def load(folder: Path) -> tuple[DetectionModel, Recipe]:
    """A trained model for inference, and its recipe. Raises UserError if the folder holds no model or a damaged one."""
    latest = tf.train.latest_checkpoint(str(folder / CHECKPOINT))
    if latest is None or not (folder / RECIPE).exists():
        raise UserError(f"{folder}: no trained model here; give the folder that `boxwright train` wrote")
    recipe = recipes.read(folder / RECIPE)
    model = build(recipe, training=False)
    try:
        read_checkpoint(latest)
    except CHECKPOINT_ERRORS as error:
        raise UserError(
            f"{folder}: its checkpoint is damaged ({brief(error)}); copy it again, or train again"
        ) from None
    try:
        tf.train.Checkpoint(model=model).restore(latest).assert_existing_objects_matched().expect_partial()
    except (AssertionError, ValueError):
        raise UserError(
            f"{folder}: its checkpoint does not fit the network in its {RECIPE}; give a folder that `boxwright train` wrote"
        ) from None
    return model, recipe


def read_checkpoint(prefix: str) -> CheckpointReader:
    """TensorFlow's reader of a checkpoint. All tensors were read once: a damaged file must not leave a model half restored.

    Raises one of CHECKPOINT_ERRORS.
    """
    reader = tf.train.load_checkpoint(prefix)
    for name in reader.get_variable_to_shape_map():
        reader.get_tensor(name)
    return reader
