# environment: train
"""SavedModels, Keras files and graphs of strangers are refused by every flag that takes a model. Nothing in them runs."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from boxwright.core import recipe as recipes
from boxwright.core.runtime.errors import UserError
from boxwright.evaluate import detectors
from boxwright.export import step as export
from boxwright.train.weights import initial_weights


class Writer(tf.Module):
    """A graph that writes a file when it runs."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target
        self.variable = tf.Variable(tf.constant(1.0))

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        tf.io.write_file(self.target, "pwned")
        return x * self.variable


@pytest.fixture
def pwned(tmp_path) -> Path:
    return tmp_path / "pwned"


def saved_model(folder: Path, pwned: Path) -> Path:
    tf.saved_model.save(Writer(str(pwned)), str(folder / "saved"))
    return folder / "saved"


def with_a_recipe(folder: Path, recipe: Any) -> Path:
    """A SavedModel that pretends to be a model of `boxwright train`: with a recipe, and its variables as the checkpoint."""
    recipes.write(recipe, folder / "recipe.yaml")
    (folder / "variables").rename(folder / "checkpoint")
    for file in (folder / "checkpoint").iterdir():
        file.rename(file.with_name(file.name.replace("variables", "ckpt-1")))
    (folder / "checkpoint" / "checkpoint").write_text('model_checkpoint_path: "ckpt-1"\n')
    return folder


def keras(folder: Path, pwned: Path) -> Path:
    """A Keras file whose Lambda layer holds Python byte code."""
    code = {"class_name": "__lambda__", "config": {"code": "4wAAAAA=", "defaults": None, "closure": None}}
    layer = {"class_name": "Lambda", "config": {"name": "evil", "function": code}}
    config = {"class_name": "Sequential", "config": {"layers": [layer]}, "module": str(pwned)}
    with zipfile.ZipFile(folder / "model.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", "{}")
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n")
    return folder / "model.keras"


def frozen(folder: Path, pwned: Path) -> Path:
    with tf.Graph().as_default() as graph:
        tf.io.write_file(str(pwned), "pwned")
        tf.io.write_graph(graph.as_graph_def(), str(folder), "frozen_inference_graph.pb", as_text=False)
    return folder / "frozen_inference_graph.pb"


def meta(folder: Path, pwned: Path) -> Path:
    with tf.Graph().as_default():
        tf.io.write_file(str(pwned), "pwned")
        tf.compat.v1.train.export_meta_graph(str(folder / "model.ckpt.meta"))
    return folder / "model.ckpt.meta"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (saved_model, "TF2 object checkpoint"),
        (keras, "Keras"),
        (frozen, "frozen graph"),
        (meta, "graph of a checkpoint"),
    ],
)
def test_as_initial_weights_it_is_refused(make, said, tmp_path, pwned, tiny_recipe):
    with pytest.raises(UserError, match=said):
        initial_weights.find(str(make(tmp_path, pwned)), tiny_recipe)
    assert not pwned.exists()


@pytest.mark.parametrize("make", [saved_model, keras, frozen, meta])
def test_as_a_trained_model_it_is_refused(make, tmp_path, pwned, tiny_records):
    path = make(tmp_path, pwned)
    said = "a SavedModel, whose graph could read and write files" if make is saved_model else "no trained model here"
    with pytest.raises(UserError, match=said):
        detectors.load(path, "trained")
    config = export.Config(model=path, records=tiny_records, saved_model=tmp_path / "out", tflite=tmp_path / "tflite")
    with pytest.raises(UserError, match=said):
        export.run(config)
    with pytest.raises(UserError, match=r"int8\.tflite does not exist"):
        detectors.load(path, "int8")
    assert not pwned.exists() and not (tmp_path / "out").exists()


def test_one_in_the_place_of_a_checkpoint_is_refused(tmp_path, pwned, tiny_recipe):
    """Its variables are read as a checkpoint, and do not fit. Its graph is not looked at."""
    folder = with_a_recipe(saved_model(tmp_path, pwned), tiny_recipe)
    for use in (lambda: detectors.load(folder, "trained"), lambda: initial_weights.find(str(folder), tiny_recipe)):
        with pytest.raises(UserError, match="does not fit the network"):
            use()
    assert not pwned.exists()
