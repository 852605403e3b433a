# environment: train
"""A small model with random weights, and its exported files."""

import math
from pathlib import Path

import tensorflow as tf

from boxwright.core.od_api import detection_model as models
from boxwright.core.recipe import Recipe
from boxwright.export import step
from boxwright.export.config import Config


def write(folder: Path, records: Path, recipe: Recipe) -> None:
    """Writes FOLDER/model, FOLDER/saved_model and FOLDER/tflite."""
    model = models.build(recipe, training=False)
    for seed, variable in enumerate(models.variables(model)):
        if "kernel" in variable.name:
            shape = tuple(variable.numpy().shape)
            fan_in = 9 if "depthwise" in variable.name else math.prod(shape[:-1])
            normal = tf.random.stateless_normal(shape, seed=(0, seed))
            variable.assign(normal * tf.sqrt(2.0 / fan_in))
    models.save(folder / "model", model, recipe)
    # Only the OD API's own programs may read this file, not export and evaluate.
    (folder / "model" / "pipeline.config").write_text("model {")
    made = Config(model=folder / "model", records=records, saved_model=folder / "saved_model", tflite=folder / "tflite")
    step.run(made)
