# environment: train
"""Forgetting: AP of the shared classes before and after fine-tuning from an earlier model."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.artifacts import training
from boxwright.core.artifacts.training import ClassScore, Forgotten
from boxwright.core.od_api import detection_model as models
from boxwright.core.runtime.errors import UserError
from boxwright.evaluate import bootstrap_intervals
from boxwright.train import forgetting, model_files, step
from boxwright.train.config import Config
from boxwright.train.loop.training_loop import Training
from boxwright.train.loop.validation import Validation
from boxwright.train.weights import initial_weights

BOX = [10.0, 10.0, 40.0, 40.0]


def coco_truth(images: int) -> Any:
    """Images with one cup each. The class pin has no objects."""
    objects = [
        {"id": i, "image_id": i, "category_id": 1, "bbox": BOX, "area": 1600.0, "iscrowd": 0}
        for i in range(1, images + 1)
    ]
    about = [{"id": i, "file_name": f"{i}.jpg", "height": 100, "width": 100} for i in range(1, images + 1)]
    categories = [{"id": 1, "name": "cup"}, {"id": 2, "name": "pin"}]
    return {"images": about, "annotations": objects, "categories": categories}


def found_in(images) -> Any:
    return [{"image_id": i, "category_id": 1, "bbox": BOX, "score": 0.9} for i in images]


def compared(truth, initial, trained):
    resamples = bootstrap_intervals.resamples(truth, max(initial, trained, key=len))
    return forgetting.before_and_after(truth, initial, trained, resamples)


def test_lost_ap_and_its_interval():
    """20 of 20 cups are found before, 10 after: half is lost. The binomial 95 % interval of 10 of 20 is .28 to .72."""
    found = compared(coco_truth(20), found_in(range(1, 21)), found_in(range(1, 11)))
    cup, nothing = found["cup"], ClassScore(AP=None, AP50=None)
    assert cup.objects == 20 and pytest.approx((1.0, 0.5), abs=0.01) == (cup.before.AP, cup.after.AP)
    assert cup.lost_interval == pytest.approx((0.28, 0.72), abs=0.06)
    assert found["pin"] == Forgotten(objects=0, before=nothing, after=nothing, lost_interval=None)


def test_equal_detections_lose_nothing():
    """The difference is 0 in each resample. Two separate intervals could not show that."""
    found = compared(coco_truth(20), found_in(range(1, 11)), found_in(range(1, 11)))
    assert found["cup"].lost_interval == (0.0, 0.0)


def test_a_class_keeps_its_id_if_the_first_is_not_shared():
    """Only pin, class 2, is shared. It is found in 5 of 10 images before and in all after; cups do not count."""
    truth = coco_truth(10)
    pins = [one | {"id": one["id"] + 10, "category_id": 2} for one in truth["annotations"]]
    only = forgetting.only_classes(["pin"], truth | {"annotations": truth["annotations"] + pins})
    was, now = ([one | {"category_id": 2} for one in found_in(range(1, n))] for n in (6, 11))
    ((name, pin),) = compared(only, was, now).items()
    assert (name, pin.objects) == ("pin", 10)
    assert pytest.approx((0.5, 1.0), abs=0.01) == (pin.before.AP50, pin.after.AP50)
    assert pin.lost_interval and pin.lost_interval[1] < 0


def test_few_images_give_no_interval():
    cup = compared(coco_truth(9), found_in(range(1, 10)), [])["cup"]
    assert cup.lost_interval is None and pytest.approx((1.0, 0.0)) == (cup.before.AP50, cup.after.AP50)


def test_no_validation_images():
    cup = compared(coco_truth(0), [], [])["cup"]
    assert cup.objects == 0 and cup.before.AP50 is None


@pytest.fixture(scope="module")
def earlier(tiny_recipe, tmp_path_factory):
    """A model folder with classes mug, pole and box at 96 px. Its random weights are large, so that detections differ."""
    folder = tmp_path_factory.mktemp("earlier") / "model"
    recipe = tiny_recipe.model_copy(update={"classes": ("mug", "pole", "box"), "input_size": 96})
    model = models.build(recipe, training=False)
    random = np.random.default_rng(0)
    for variable in models.variables(model):
        if "kernel" in variable.name:
            shape = tuple(variable.numpy().shape)
            fan_in = 9 if "depthwise" in variable.name else math.prod(shape[:-1])
            variable.assign(random.normal(0, math.sqrt(2 / fan_in), shape))
    models.save(folder, model, recipe)
    return folder


def test_the_initial_model_detects_with_its_own_recipe(earlier, tiny_recipe, tiny_records, tmp_path, monkeypatch):
    """Its pole is class 2 and its box class 3; in the records box is 1 and pole 2. Resuming reads the saved result."""
    source = initial_weights.find(str(earlier), tiny_recipe)
    assert source.classes == ("mug", "pole", "box") and source.recipe
    found = forgetting.initial_detections(source, tiny_recipe, tiny_records, tmp_path)
    theirs = Validation(models.load(earlier)[0], source.recipe, tiny_records)
    ids = {2: 2, 3: 1}
    expected = [one | {"category_id": ids[one["category_id"]]} for one in theirs.detect() if one["category_id"] in ids]
    assert found == expected and len(expected) > 10
    monkeypatch.setattr(Validation, "detect", None)
    assert forgetting.initial_detections(source, tiny_recipe, tiny_records, tmp_path) == found


def test_weights_without_a_shared_class_are_not_measured(earlier, shared, tiny_recipe, tiny_records, tmp_path):
    backbone = initial_weights.find(str(shared / "weights" / "mobilenet_v1_0.25_128_folded.npz"), tiny_recipe)
    others = tiny_recipe.model_copy(update={"classes": ("cup", "pin")})
    for source, recipe in ((backbone, tiny_recipe), (initial_weights.find(str(earlier), others), others)):
        assert forgetting.initial_detections(source, recipe, tiny_records, tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_class_names_are_part_of_the_lineage(earlier, tiny_recipe, tiny_records):
    source = initial_weights.find(str(earlier), tiny_recipe)
    assert source.recipe
    turned = source.recipe.model_copy(update={"classes": ("box", "pole", "mug")})
    renamed = initial_weights.Source(source.name, source.arrays, recipe=turned)
    one, other = (model_files.made_from(tiny_records, tiny_recipe, each)["weights"] for each in (source, renamed))
    assert one != other


@pytest.fixture(scope="module")
def trained(earlier, tiny_records, tiny_recipe, tmp_path_factory):
    """(config, result) of four steps from the earlier model to box and pole, validated after steps 2 and 4."""
    folder = tmp_path_factory.mktemp("trained")
    stage = recipes.Stage(name="all", trainable="all", steps=4)
    rate = tiny_recipe.learning_rate.model_copy(update={"warmup_steps": 1})
    short = tiny_recipe.model_copy(update={"stages": (stage,), "learning_rate": rate, "evaluate_every": 2})
    recipes.write(short, folder / "recipe.yaml")
    config = Config(records=tiny_records, recipe=folder / "recipe.yaml", model=folder / "model", init=str(earlier))
    return config, step.run(config)


def test_the_history_holds_what_was_forgotten(trained):
    config, result = trained
    history = training.read(config.model / training.HISTORY)
    found = history.forgetting
    assert found
    assert (found.split, found.images, found.step, found.gone) == ("val", 3, history.best_step, ("mug",))
    assert {name: one.objects for name, one in found.per_class.items()} == {"box": 3, "pole": 3}
    best = next(one for one in history.evaluations if one.step == history.best_step)
    assert {name: one.after for name, one in found.per_class.items()} == best.per_class
    assert "before -> after: box " in result.headline
    table = training.read_restored(config.model / training.RESTORED)
    assert not table.partly and any("/ClassPredictor/" in name for name in table.restored)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "notices", "validations"), [(4, ("Resumed at step 2 after an interruption.",), 1), (2, (), 2)]
)
def test_a_resumed_training_measures_the_same_forgetting(at, notices, validations, trained, tmp_path, monkeypatch):
    """Killed at a validation and started again: equal to the bit. At the first validation there is no checkpoint yet, so it
    starts again, but it uses the saved detections of the initial model."""
    again = replace(trained[0], model=tmp_path / "killed")
    with monkeypatch.context() as patch:
        patch.setattr(Training, "_validate", killed_at(at, Training._validate))
        with pytest.raises(UserError, match="killed"):
            step.run(again)
    with monkeypatch.context() as patch:
        patch.setattr(Validation, "detect", counting(Validation.detect, asked := []))
        step.run(again)
    whole, resumed = (training.read(config.model / training.HISTORY) for config in (trained[0], again))
    assert resumed.notices == notices and resumed.forgetting == whole.forgetting
    assert len(asked) == validations + 1, "the validations and the comparison, not the initial model"
    for one, other in zip(*(models.variables(models.load(c.model)[0]) for c in (trained[0], again)), strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=one.name)


def killed_at(last: int, validate):
    def _validate(self, at, *rest):
        if at == last:
            raise UserError("killed")
        validate(self, at, *rest)

    return _validate


def counting(detect, asked: list):
    """Wraps `detect` so that each call adds an entry to `asked`."""

    def counted(self):
        asked.append(self)
        return detect(self)

    return counted
