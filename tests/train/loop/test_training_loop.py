# environment: train
"""The training loop: validations, early stopping, the best model, and resuming."""

from typing import Any

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.od_api import detection_model, tf
from boxwright.core.od_api.image_preprocessing import decode
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError
from boxwright.train.loop import training_loop
from boxwright.train.loop.training_loop import Training
from boxwright.train.loop.validation import Validation
from boxwright.train.weights.initial_weights import Source

SCRATCH = Source("none")


@pytest.fixture
def instant(monkeypatch):
    """Replaces the training step by one that changes nothing, because these tests are about the loop, not the network."""
    monkeypatch.setattr(training_loop, "train_step", lambda *_: lambda *batch: [0.1, 0.1, 0.1])
    monkeypatch.setattr(training_loop, "batches", lambda *_, start: tf.data.Dataset.from_tensors((0, 0)).repeat())


def validates_as(monkeypatch, *aps):
    """Validations that return these APs in turn."""
    scores = iter(aps)
    monkeypatch.setattr(Validation, "__call__", lambda self: {"AP": next(scores), "AP50": 0.5, "per_class": {}})


def test_the_last_step_is_validated_too(tiny_records, tiny_recipe, tmp_path, monkeypatch, instant):
    """24 steps with a validation every 10 steps."""
    validates_as(monkeypatch, 0.1, 0.2, 0.3)
    recipe = tiny_recipe.model_copy(update={"evaluate_every": 10})
    history = Training(recipe, tiny_records, SCRATCH, tmp_path).run()
    assert [one.step for one in history.evaluations] == [10, 20, 24] and not history.stopped_early


def test_stops_when_ap_no_longer_rises(tiny_records, tiny_recipe, tmp_path, monkeypatch, instant):
    validates_as(monkeypatch, 0.3, 0.2)
    impatient = tiny_recipe.model_copy(update={"patience": 1, "evaluate_every": 2})
    training = Training(impatient, tiny_records, SCRATCH, tmp_path)
    history = training.run()
    assert history.stopped_early and history.best_step == 2 and training.at == 4


def test_without_validation_objects_the_last_step_is_kept(tiny_records, tiny_recipe, tmp_path, monkeypatch, instant):
    """Training does not stop early, and a notice says so."""
    monkeypatch.setattr(Validation, "missing", lambda self: "No object on the validation images")
    recipe = tiny_recipe.model_copy(update={"evaluate_every": 1, "patience": 1})
    history = Training(recipe, tiny_records, SCRATCH, tmp_path).run()
    assert not history.stopped_early and history.best_step == 24
    assert history.notices == (
        "No object on the validation images: training does not stop early, and the last step is kept.",
    )


@pytest.mark.parametrize(
    ("records", "objects", "missing"),
    [(0, [], "No validation images"), (1, [], "No object on the validation images"), (1, [0], ""),
     (1, [1], "No object on the validation images")],
    ids=["no image", "no object", "an object", "a crowd"],
)  # fmt: skip
def test_missing_says_why_ap_cannot_be_measured(records, objects, missing, tiny_recipe):
    validation: Any = Validation.__new__(Validation)
    validation.records = [None] * records
    validation.truth = {"images": [], "categories": [], "annotations": [{"iscrowd": crowd} for crowd in objects]}
    assert validation.missing() == missing


def test_a_diverging_loss_names_the_learning_rate(tiny_records, tiny_recipe, tmp_path):
    rate = tiny_recipe.learning_rate.model_copy(update={"base": 1e12, "warmup": 1e12})
    training = Training(tiny_recipe.model_copy(update={"learning_rate": rate}), tiny_records, SCRATCH, tmp_path)
    with pytest.raises(UserError, match="learning rate 1e"):
        training.run()


def test_the_best_model_has_the_best_weights(tiny_records, tiny_recipe, tmp_path):
    training = Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)
    weight = detection_model.variables(training.model)[0]
    for at, ap in ((8, 0.2), (16, 0.3), (24, 0.1)):
        weight.assign(tf.fill(weight.shape, float(at)))
        training._validate(at, {"AP": ap, "AP50": ap, "per_class": {}}, training_loop.Progress(24, []))
    assert (detection_model.variables(training.best_model())[0].numpy() == 16).all()


def test_validation_detects_on_each_image(tiny_records, tiny_recipe):
    """Three images in batches of two. The detector's score is the brightness of the image."""

    class Detector:
        batch_size = 2

        def __call__(self, images):
            return [(np.array([[0, 0, 1, 1]]), np.array([image.mean()]), np.array([1])) for image in images]

    nothing: Any = None
    validation: Any = Validation(nothing, tiny_recipe, tiny_records)
    validation.detector = Detector()
    found = [(one["image_id"], one["score"]) for one in validation.detect()]
    images = [decode(record.encoded).mean() for record in tfrecords.read(tiny_records, "val")]
    assert len(set(images)) == 3 and found == list(enumerate(images, 1))


def weights(training) -> list[np.ndarray]:
    return [variable.numpy() for variable in detection_model.variables(training.model)]


def require_equal(ones, others):
    for one, other in zip(ones, others, strict=True):
        np.testing.assert_array_equal(one, other)


def test_resuming_gives_the_same_weights(tiny_records, tiny_recipe, monkeypatch, tmp_path):
    """A training killed at step 3 and resumed from step 2 equals one that was not killed, bit for bit.

    It has a head stage, crops, shuffling and momentum, and it runs in several threads. The two trainings are separate, so this
    also shows that the same seed gives the same weights.
    """
    monkeypatch.setattr(training_loop, "_SAVE_EVERY", 2)
    crops = recipes.Augmentation(name="ssd_random_crop", reason="test")
    stages = (
        recipes.Stage(name="head", trainable="head", steps=1),
        recipes.Stage(name="all", trainable="all", steps=4),
    )
    rate = tiny_recipe.learning_rate.model_copy(update={"warmup_steps": 1})
    changes = {"augmentation": (crops,), "stages": stages, "evaluate_every": 3, "learning_rate": rate}
    recipe = tiny_recipe.model_copy(update=changes)
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole = Training(recipe, tiny_records, SCRATCH, tmp_path / "whole")
    whole.run()
    first = Training(recipe, tiny_records, SCRATCH, tmp_path / "killed")
    monkeypatch.setattr(first, "_validate", killed)
    with pytest.raises(KeyboardInterrupt):
        first.run()
    second = Training(recipe, tiny_records, SCRATCH, tmp_path / "killed")
    assert second.at == 2 and second.history.notices[-1].startswith("Resumed at step 2")
    momentum = [v for v in second.optimizer.variables() if "lateral" in v.name and v.shape.rank == 4]
    assert momentum and all(v.numpy().any() for v in momentum)
    history = second.run()
    assert [one.step for one in history.evaluations] == [3, 5]
    require_equal(weights(second), weights(whole))


def killed(*_):
    raise KeyboardInterrupt


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_at_full_width(tiny_records, tiny_recipe, tmp_path):
    """The shared predictor sums the gradients of six feature maps. The order of that sum once differed between runs."""
    stock = recipes.stock("ssd_mobilenet_v1_ppn", tiny_recipe.classes, steps=100, batch_size=4)
    stages = (recipes.Stage(name="all", trainable="all", steps=6),)
    rate = stock.learning_rate.model_copy(update={"warmup_steps": 1})
    short = stock.model_copy(update={"stages": stages, "evaluate_every": 6, "learning_rate": rate})
    made = []
    for name in ("one", "two"):
        training = Training(short, tiny_records, SCRATCH, tmp_path / name)
        training.run()
        made.append(weights(training))
    require_equal(*made)


def test_the_planned_schedule_can_stop_early():
    recipe = recipes.stock("ssd_mobilenet_v1_ppn", ["a"], steps=600)
    assert recipe.evaluate_every * (1 + recipe.patience) <= recipe.steps / 2
