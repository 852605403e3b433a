"""Builds, saves and loads the OD API's detection models."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from object_detection.builders import model_builder
from tf_keras.src import backend

from boxwright.core import recipe as recipes
from boxwright.core.anchors import layer_shapes
from boxwright.core.foreign_files import checkpoint_files, weight_files
from boxwright.core.od_api import ppn  # noqa: F401  (registers the PPN feature extractors)
from boxwright.core.od_api.pipeline_config import as_text, pipeline_config
from boxwright.core.pretrained.pretrained_model import CHECKPOINT, RECIPE
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError, brief

CONFIG = "pipeline.config"
# The errors that TensorFlow raises for checkpoint files that are truncated, missing, changed, or of another program.
CHECKPOINT_ERRORS = (tf.errors.OpError, IndexError, RuntimeError, ValueError)
# The errors for a checkpoint whose graph of objects is damaged, or that belongs to another network.
RESTORE_ERRORS = (*CHECKPOINT_ERRORS, AssertionError, AttributeError, DecodeError, KeyError, TypeError)
# Most numbers that the head predicts at a place of a feature map: 20,000 classes with 6 anchors are 120,000.
_OUTPUTS = 300_000

Tensors = Mapping[str, tf.Tensor]


class DetectionModel(Protocol):
    """The members of the OD API's `SSDMetaArch` that Boxwright uses.

    Images are (n, height, width, 3) float32. true_image_shapes are (n, 3) int32: height, width and channels of each image.
    """

    _is_training: bool
    _feature_extractor: Any
    _box_predictor: Any
    _groundtruth_lists: dict[str, Any]
    trainable_variables: list[tf.Variable]

    def preprocess(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Resizes and scales images in 0..255 to the network's input; also returns their true_image_shapes."""
        ...

    def predict(self, preprocessed_inputs: tf.Tensor, true_image_shapes: tf.Tensor) -> dict[str, tf.Tensor]: ...

    def postprocess(self, prediction_dict: Tensors, true_image_shapes: tf.Tensor) -> dict[str, tf.Tensor]: ...

    def loss(self, prediction_dict: Tensors, true_image_shapes: tf.Tensor) -> dict[str, tf.Tensor]: ...

    def regularization_losses(self) -> list[tf.Tensor]: ...

    def provide_groundtruth(self, **groundtruth: Any) -> None: ...


class CheckpointReader(Protocol):
    """The methods of TensorFlow's checkpoint reader that Boxwright uses."""

    def get_tensor(self, name: str) -> np.ndarray: ...

    def get_variable_to_shape_map(self) -> dict[str, list[int]]: ...


def build(recipe: Recipe, *, training: bool) -> DetectionModel:
    """Builds the recipe's model and creates its variables.

    To create them, it predicts once on a blank image, in the inference phase, so that batch-norm statistics do not change.
    training: whether the model is built for training. Raises UserError if an augmentation option is unknown or out of range, and
    for so many classes and anchors that the network would not fit into memory.
    """
    most = max(len(shapes) for shapes in layer_shapes(recipe.anchors))
    if most * (len(recipe.classes) + 1) > _OUTPUTS:
        raise UserError(
            f"{most} anchors per cell for {len(recipe.classes)} classes need more than {_OUTPUTS} outputs per cell; give a "
            "recipe with fewer classes, scales or aspect ratios"
        )
    model = cast(DetectionModel, model_builder.build(pipeline_config(recipe).model, is_training=training))
    size = recipe.input_size
    backend.deprecated_internal_set_learning_phase(False)
    model.predict(tf.zeros([1, size, size, 3]), tf.constant([[size, size, 3]]))
    return model


def set_phase(model: DetectionModel, *, training: bool) -> None:
    """Switches the model to training or inference. The OD API's batch norm follows Keras's global learning phase.

    A tf.function keeps the phase in which it was traced, so every function that trains or predicts must set it.
    """
    model._is_training = training
    backend.deprecated_internal_set_learning_phase(training)


def variables(model: DetectionModel) -> list[tf.Variable]:
    """All variables: first the feature extractor's, then the box predictor's."""
    return [*model._feature_extractor.variables, *model._box_predictor.variables]


def backbone_refs(model: DetectionModel) -> set[Hashable]:
    """References of the variables of the classification backbone, i.e. those that an ImageNet checkpoint has."""
    return {v.ref() for v in model._feature_extractor.classification_backbone.variables}


def save(folder: Path, model: DetectionModel, recipe: Recipe) -> None:
    """Writes recipe, pipeline.config and checkpoint, in the form that `load` and the OD API's exporters read."""
    folder.mkdir(parents=True, exist_ok=True)
    recipes.write(recipe, folder / RECIPE)
    (folder / CONFIG).write_text(as_text(recipe), encoding="utf-8")
    # The graph of objects in a checkpoint would name the ground truth of the last batch, if this process has trained.
    model._groundtruth_lists = {}
    # A CheckpointManager would store the time, and equal weights would have a different digest in every run.
    tf.train.Checkpoint(model=model).save(str(folder / CHECKPOINT / "ckpt"))


def load(folder: Path) -> tuple[DetectionModel, Recipe]:
    """A trained model for inference, and its recipe.

    Raises UserError if the folder holds no model, a damaged one, or one that does not fit its recipe.
    """
    latest = checkpoint_files.latest(folder / CHECKPOINT)
    if latest is None or not (folder / RECIPE).exists():
        raise UserError(
            f"{folder}: there is no trained model here{_instead(folder)}; give the folder that `boxwright train` wrote"
        )
    recipe = recipes.read(folder / RECIPE)
    try:
        read_checkpoint(str(latest))
    except (OSError, *CHECKPOINT_ERRORS) as error:
        raise UserError(
            f"{folder}: the checkpoint is damaged ({brief(error)}); copy it again, or train again"
        ) from None
    model = build(recipe, training=False)
    try:
        tf.train.Checkpoint(model=model).restore(str(latest)).assert_existing_objects_matched().expect_partial()
    except RESTORE_ERRORS:
        raise UserError(
            f"{folder}: the checkpoint does not fit the network in {RECIPE}; give a folder that `boxwright train` wrote"
        ) from None
    return model, recipe


def _instead(folder: Path) -> str:
    """What a folder without a model holds, if Boxwright knows it but does not read it, because it can hold code."""
    if (folder / "saved_model.pb").is_file() or (folder / "keras_metadata.pb").is_file():
        return ", but a SavedModel, whose graph could read and write files: Boxwright runs none"
    return ", but a file" if folder.is_file() else ""


def read_checkpoint(prefix: str) -> CheckpointReader:
    """TensorFlow's reader of a checkpoint. prefix: path of the checkpoint without `.index`.

    The index is checked first, because TensorFlow aborts the process for some indices. All tensors are read once here, so that a
    damaged file is found before any variable is restored. Raises OSError or one of CHECKPOINT_ERRORS.
    """
    checkpoint_files.check(Path(prefix), weight_files.most_bytes())
    reader = tf.train.load_checkpoint(prefix)
    for name in reader.get_variable_to_shape_map():
        reader.get_tensor(name)
    return reader
