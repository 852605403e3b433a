# environment: train
"""Eight images by heart: which ones, with what recipe, and what is said about it."""

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.records import tfrecords as recordfiles
from boxwright.train import initial_weights, preflight, step


@pytest.mark.parametrize(
    ("classes", "chosen"),
    [
        ([[1], [1], [2, 1], [], [3]], [0, 1, 2, 4]),  # all that have objects
        ([[1]] * 20 + [[2]], [0, 1, 2, 3, 4, 5, 6, 20]),  # the rare class is among them
        ([[k] for k in range(1, 12)], [0, 1, 2, 3, 4, 5, 6, 7]),  # more classes than places
        ([[1]] + [[k] for k in range(1, 10)], [2, 3, 4, 5, 6, 7, 8, 9]),  # the commonest class is the one left out
        ([[], [1, 1]], [1]),
    ],
)
def test_which_images(classes, chosen):
    assert preflight.choose_images([np.array(ids) for ids in classes]) == chosen


def test_train_and_val_are_the_chosen_images(tiny_records, tmp_path):
    folder = preflight.write_records(tiny_records, [0, 5], tmp_path / "few")
    every = [record.encoded for record in recordfiles.read(tiny_records, "train")]
    for split in ("train", "val"):
        assert [record.encoded for record in recordfiles.read(folder, split)] == [every[0], every[5]]


def test_nothing_that_keeps_it_from_learning_by_heart(tiny_recipe):
    recipe = preflight.overfit_recipe(tiny_recipe, steps=20, images=3)
    assert (recipe.augmentation, recipe.batch_size, recipe.steps, recipe.evaluate_every) == ((), 3, 20, 5)
    assert [stage.trainable for stage in recipe.stages] == ["all"]
    assert recipe.learning_rate.warmup_steps == 2 and recipe.learning_rate.base == tiny_recipe.learning_rate.base


@pytest.mark.parametrize(
    ("ap50", "says"),
    [
        ({"box": 0.9, "pole": 0.8}, "knows them by heart (AP50 85)"),
        ({"box": 0.95, "pole": 0.05}, "does not even know these (AP50 50; pole 5)"),
        ({"box": 0.95, "pole": 0.0}, "pole 0)"),
        ({"box": 0.5, "pole": None}, "does not even know these (AP50 50; box 50)"),  # no pole among the eight
        (
            {"box": None, "pole": None},
            "all of their objects are crowds, so it was not measured",
        ),
    ],
)
def test_what_is_said(ap50, says):
    known = [v for v in ap50.values() if v is not None]
    mean = np.mean(known) if known else None
    assert says in preflight.notice({"images": 8, "steps": 200, "AP50": mean, "per_class": ap50})


def test_the_step_says_it_and_a_resumed_one_does_not_repeat_it(tiny_records, tiny_recipe, tmp_path, monkeypatch):
    rate = tiny_recipe.learning_rate.model_copy(update={"warmup_steps": 1})
    stages = (recipes.Stage(name="all", trainable="all", steps=2),)
    short = tiny_recipe.model_copy(update={"stages": stages, "learning_rate": rate})
    recipes.write(short, tmp_path / "recipe.yaml")
    config = step.Config(
        records=tiny_records, recipe=tmp_path / "recipe.yaml", model=tmp_path / "model", init="none", preflight=4
    )
    assert "Preflight: after " in step.run(config).headline
    source = initial_weights.Source("none")
    found = preflight.run(short, tiny_records, source, tmp_path, 2)
    with monkeypatch.context() as patch:
        patch.setattr(preflight, "Training", None)
        assert preflight.run(short, tiny_records, source, tmp_path, 2) == found
    assert preflight.run(short, tiny_records, source, tmp_path, 3)["steps"] <= 3, (
        "another number of steps is tried anew"
    )


@pytest.mark.parametrize(("ap50", "steps"), [((0.1, 0.5, 0.4), 2), ((0.0, 0.0, 0.0), 3)])
def test_a_damaged_answer_is_asked_for_again(ap50, steps, tiny_records, tiny_recipe, tmp_path, monkeypatch):
    """What is told is the best evaluation; the last, where nothing was ever found."""
    (tmp_path / "preflight-2").mkdir()
    (tmp_path / "preflight-2" / "found.json").write_text('{"images": 8, "st')
    numbers = [{"step": at, "AP50": value, "per_class": {}} for at, value in enumerate(ap50, 1)]
    monkeypatch.setattr(preflight.Training, "run", lambda self: {"evaluations": numbers})
    found = preflight.run(tiny_recipe, tiny_records, initial_weights.Source("none"), tmp_path, 2)
    assert (found["steps"], found["AP50"]) == (steps, max(ap50))
