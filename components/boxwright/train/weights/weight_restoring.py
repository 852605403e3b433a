"""Assigns initial weights to a model's variables, and reports which of them fit."""

import numpy as np

from boxwright.core.artifacts.training import Restored, Variable
from boxwright.core.od_api import detection_model, tf
from boxwright.core.od_api.detection_model import DetectionModel
from boxwright.core.pretrained.slim_names import slim_name
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError
from boxwright.train.weights import class_head_transfer
from boxwright.train.weights.initial_weights import Source

_SMALLEST_SHARE = 0.5


def restore(model: DetectionModel, source: Source, recipe: Recipe) -> Restored:
    """Assigns every array that fits its variable, and reports which were restored, skipped or new.

    If the classes of the weights are known, the class predictor is restored by class name.

    Raises UserError if less than half of the backbone's variables fit. The weights then belong to another network, and training
    would start from random weights.
    """
    restored, skipped, new, partly = [], [], [], []
    for variable in detection_model.variables(model):
        slim = slim_name(variable.name, recipe.grid)
        array = source.arrays.get(slim, source.arrays.get(slim.removeprefix("FeatureExtractor/")))
        if array is None:
            new.append(variable.name)
            continue
        fitted, why = _fit(variable, array, source, recipe)
        if fitted is not None:
            variable.assign(tf.constant(fitted, variable.dtype))
        if why:
            (skipped if fitted is None else partly).append(Variable(name=variable.name, why=why))
        else:
            restored.append(variable.name)
    result = Restored(
        source=source.name,
        restored=tuple(restored),
        skipped=tuple(skipped),
        new=tuple(new),
        partly=tuple(partly),
    )
    if not source.is_scratch:
        _refuse_misfit(model, result, recipe)
    return result


def _fit(variable: tf.Variable, array: np.ndarray, source: Source, recipe: Recipe) -> tuple[np.ndarray | None, str]:
    """The array to assign and an empty text; a partial array and which classes it restores; or None and the reason."""
    if source.classes and class_head_transfer.is_class_predictor(variable.name):
        return class_head_transfer.transfer(array, source.classes, variable.numpy(), recipe.classes)
    if array.shape != tuple(variable.shape):
        return None, f"shape {array.shape}, the model needs {tuple(variable.shape)}"
    return array, ""


def _refuse_misfit(model: DetectionModel, result: Restored, recipe: Recipe) -> None:
    backbone_refs = detection_model.backbone_refs(model)
    backbone = {v.name for v in detection_model.variables(model) if v.ref() in backbone_refs}
    fits = len(backbone.intersection(result.restored))
    if fits < _SMALLEST_SHARE * len(backbone):
        why = f"; e.g. {result.skipped[0].name}: {result.skipped[0].why}" if result.skipped else ""
        raise UserError(
            f"{result.source}: only {fits} of the {len(backbone)} backbone variables of {recipe.model} (width "
            f"{recipe.depth_multiplier}) fit these weights{why}. Give a checkpoint of the same network, or --init none"
        )
