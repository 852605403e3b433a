# environment: train
"""Overfitting eight images: the choice of the images, the recipe, and the notice."""

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.artifacts import training
from boxwright.core.artifacts.training import Evaluated, Preflight
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.runtime.errors import UserError
from boxwright.train import preflight, step
from boxwright.train.config import Config
from boxwright.train.loop.history import RunningHistory
from boxwright.train.loop.training_loop import Training
from boxwright.train.weights.initial_weights import Source


@pytest.mark.parametrize(
    ("classes", "chosen"),
    [
        ([[1], [1], [2, 1], [], [3]], [0, 1, 2, 4]),  # all images that have objects
        ([[1]] * 20 + [[2]], [0, 1, 2, 3, 4, 5, 6, 20]),  # the rare class is among them
        ([[k] for k in range(1, 12)], [0, 1, 2, 3, 4, 5, 6, 7]),  # more classes than images to choose
        ([[1]] + [[k] for k in range(1, 10)], [2, 3, 4, 5, 6, 7, 8, 9]),  # the commonest class is left out
        ([[], [1, 1]], [1]),
    ],
)
def test_choose_images(classes, chosen):
    assert preflight.choose_images([np.array(ids) for ids in classes]) == chosen


def test_train_and_val_are_the_chosen_images(tiny_records, tmp_path):
    folder = preflight.write_records(tiny_records, [0, 5], tmp_path / "few")
    every = [record.encoded for record in recordfiles.read(tiny_records, "train")]
    for split in ("train", "val"):
        assert [record.encoded for record in recordfiles.read(folder, split)] == [every[0], every[5]]


def test_overfit_recipe(tiny_recipe):
    recipe = preflight.overfit_recipe(tiny_recipe, steps=20, images=3)
    assert (recipe.augmentation, recipe.batch_size, recipe.steps, recipe.evaluate_every) == ((), 3, 20, 5)
    assert [stage.trainable for stage in recipe.stages] == ["all"]
    assert recipe.learning_rate.warmup_steps == 2 and recipe.learning_rate.base == tiny_recipe.learning_rate.base


@pytest.mark.parametrize(
    ("ap50", "says"),
    [
        ({"box": 0.9, "pole": 0.8}, "has learned them by heart (AP50 85)"),
        ({"box": 0.95, "pole": 0.05}, "has not learned even these (AP50 50; pole 5)"),
        ({"box": 0.95, "pole": 0.0}, "pole 0)"),
        ({"box": 0.5, "pole": None}, "has not learned even these (AP50 50; box 50)"),  # no pole on the eight images
        ({"box": None, "pole": None}, "not measured, because all objects on these images are crowds"),
    ],
)
def test_notice(ap50, says):
    known = [v for v in ap50.values() if v is not None]
    mean = float(np.mean(known)) if known else None
    assert says in preflight.notice(Preflight(images=8, steps=200, AP50=mean, per_class=ap50))


def test_runs_once_per_number_of_steps(tiny_records, tiny_recipe, tmp_path, monkeypatch):
    """A resumed training reads the saved result. A different number of steps runs a new preflight."""
    rate = tiny_recipe.learning_rate.model_copy(update={"warmup_steps": 1})
    recipe = tiny_recipe.model_copy(update={"learning_rate": rate})
    found = preflight.run(recipe, tiny_records, Source("none"), tmp_path, 2)
    assert (found.images, set(found.per_class)) == (8, {"box", "pole"}) and found.steps in (1, 2)
    monkeypatch.setattr(preflight, "Training", not_again)
    assert preflight.run(recipe, tiny_records, Source("none"), tmp_path, 2) == found
    with pytest.raises(UserError, match="trains again"):
        preflight.run(recipe, tiny_records, Source("none"), tmp_path, 3)


def test_the_step_reports_the_result(tiny_records, tiny_recipe, tmp_path, monkeypatch):
    """The result is in the history, in its first notice, and in the headline."""
    found = Preflight(images=8, steps=2, AP50=0.9, per_class={"box": 0.9})
    monkeypatch.setattr(preflight, "run", lambda *_: found)
    monkeypatch.setattr(Training, "run", lambda self: RunningHistory(["a notice"]).finished())
    recipes.write(tiny_recipe, tmp_path / "recipe.yaml")
    model = tmp_path / "model"
    config = Config(records=tiny_records, recipe=tmp_path / "recipe.yaml", model=model, init="none", preflight=2)
    assert "Preflight: after 2 steps" in step.run(config).headline
    history = training.read(model / training.HISTORY)
    assert history.preflight == found and history.notices == (preflight.notice(found), "a notice")


def not_again(*_):
    raise UserError("trains again")


@pytest.mark.parametrize(("ap50", "steps"), [((0.1, 0.5, 0.4), 2), ((0.0, 0.0, 0.0), 3)])
def test_the_best_evaluation_counts(ap50, steps):
    """If no evaluation finds an object, the last one counts."""
    evaluations = [Evaluated(step=at, AP=0.0, AP50=value, per_class={}) for at, value in enumerate(ap50, 1)]
    found = preflight.result(evaluations, images=8, steps=3)
    assert (found.steps, found.AP50) == (steps, max(ap50))


def test_images_with_only_crowds_are_not_measured():
    assert preflight.result([], images=8, steps=3) == Preflight(images=8, steps=3, AP50=None, per_class={})


def test_a_damaged_result_is_computed_again(tiny_records, tiny_recipe, tmp_path, monkeypatch):
    (tmp_path / "preflight-2").mkdir()
    (tmp_path / "preflight-2" / "found.json").write_text('{"images": 8, "st')
    monkeypatch.setattr(preflight, "Training", not_again)
    with pytest.raises(UserError, match="trains again"):
        preflight.run(tiny_recipe, tiny_records, Source("none"), tmp_path, 2)
