# environment: train
"""Trains on two devices: `two_devices.py step|training RECORDS RECIPE OUT` writes OUT/found.json.

One CPU stands for two devices. TensorFlow must be configured for this when it starts, so this program runs in a separate
process.
"""

from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001

import contextlib
import json
import sys
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf
from object_detection import model_lib
from object_detection.core import standard_fields

from boxwright.core import recipe as recipes
from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api.detection_model import set_phase
from boxwright.train.loop import training_loop, distribution
from boxwright.train import step
from boxwright.train.loop.input_pipeline import batches
from boxwright.train.loop.train_step import stage_variables, train_step

RATE = 0.01


@cache
def both() -> tf.distribute.Strategy:
    return tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"]
    )  # one strategy per process: a second one would reuse the numbers of the collective operations


def compare_step(records: Path, recipe) -> dict:
    """Compares a step on two devices with the mean of two half batches: gradients and batch norm statistics.

    `apart` is the largest difference, relative to the largest change of the variable.
    """
    with both().scope():
        model = models.build(recipe, training=True)
        before = _values(model)
        trained = stage_variables(model, "all")
        by_two = train_step(model, tf.keras.optimizers.legacy.SGD(RATE), trained)
        data = tf.distribute.get_strategy().experimental_distribute_dataset(batches(recipe, records, model))
        losses = [float(loss) for loss in by_two(*next(iter(data)))]
        after, names = _values(model), [v.name for v in models.variables(model)]
    wanted, of_halves = _by_hand(records, recipe, before)
    worst = max(zip((_apart(*three) for three in zip(after, wanted, before, strict=True)), names, strict=True))
    return {
        "losses": losses,
        "of_halves": np.mean(of_halves, axis=0).tolist(),
        "apart": float(worst[0]),
        "in": worst[1],
    }


def _by_hand(records: Path, recipe, before: list[np.ndarray]) -> tuple[list[np.ndarray], list[list[float]]]:
    model = models.build(recipe, training=True)
    trained = stage_variables(model, "all")
    batch = next(iter(batches(recipe, records, model)))
    gradients, after, losses = [], [], []
    for half in (slice(0, 2), slice(2, 4)):
        for variable, value in zip(models.variables(model), before, strict=True):
            variable.assign(value)
        features, labels = tf.nest.map_structure(lambda values, half=half: values[half], batch)
        set_phase(model, training=True)
        model_lib.provide_groundtruth(model, model_lib.unstack_batch(labels, unpad_groundtruth_tensors=False))
        shapes = features[standard_fields.InputDataFields.true_image_shape]
        with tf.GradientTape() as tape:
            found = model.loss(model.predict(features[standard_fields.InputDataFields.image], shapes), shapes)
            regularization = tf.add_n(model.regularization_losses())
            total = tf.add_n([*found.values(), regularization])
        gradients.append(tape.gradient(total, trained))
        after.append(_values(model))
        losses.append([float(loss) for loss in (*(found[f"Loss/{kind}_loss"] for kind in ("classification", "localization")),
                                                regularization)])  # fmt: skip
    steps = {v.ref(): RATE * (one + other) / 2 for v, one, other in zip(trained, *gradients, strict=True)}
    wanted = [
        value - steps[variable.ref()].numpy() if variable.ref() in steps else (one + other) / 2
        for variable, value, one, other in zip(models.variables(model), before, *after, strict=True)
    ]
    return wanted, losses


def _values(model) -> list[np.ndarray]:
    return [variable.numpy() for variable in models.variables(model)]


def _apart(found: np.ndarray, wanted: np.ndarray, before: np.ndarray) -> float:
    change = np.abs(wanted - before).max()
    return float(np.abs(found - wanted).max() / change) if change else float(np.abs(found - wanted).max())


def train(records: Path, recipe, out: Path) -> dict:
    """Runs the step with `--gpus 2` twice: to the end, and killed and resumed. Returns both histories and the difference of
    the weights."""
    distribution.require_gpus, distribution.strategy = (lambda count: None), (lambda count: both())
    recipes.write(recipe, out / "recipe.yaml")
    _run(records, out, "whole")
    with (
        mock.patch.object(training_loop.Training, "_validate", side_effect=KeyboardInterrupt),
        mock.patch.object(training_loop, "_SAVE_EVERY", 4),
        contextlib.suppress(KeyboardInterrupt),
    ):
        _run(records, out, "resumed")
    _run(records, out, "resumed")
    whole, resumed = (_values(models.load(out / name)[0]) for name in ("whole", "resumed"))
    apart = max(float(np.abs(one - other).max()) for one, other in zip(whole, resumed, strict=True))
    return {"apart": apart} | {n: json.loads((out / n / "history.json").read_text()) for n in ("whole", "resumed")}


def _run(records: Path, out: Path, name: str) -> None:
    step.run(step.Config(records=records, recipe=out / "recipe.yaml", model=out / name, init="none", gpus=2))


if __name__ == "__main__":
    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
    tf.keras.utils.set_random_seed(0)
    records, recipe, out = Path(sys.argv[2]), recipes.read(Path(sys.argv[3])), Path(sys.argv[4])
    found = compare_step(records, recipe) if sys.argv[1] == "step" else train(records, recipe, out)
    (out / "found.json").write_text(json.dumps(found))
