# environment: train
"""Fine-tuning from an own model: what it knew is measured before, and compared after."""

import json

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api import detector
from boxwright.core.runtime.errors import UserError
from boxwright.train import forgetting, initial_weights, model_files, step, training_loop
from boxwright.train.validation import Validation

BOX = [10.0, 10.0, 40.0, 40.0]


def coco_truth(images: int) -> dict:
    """As many images with one cup each, and a class, pin, without an object."""
    objects = [
        {"id": i, "image_id": i, "category_id": 1, "bbox": BOX, "area": 1600.0, "iscrowd": 0}
        for i in range(1, images + 1)
    ]
    about = [{"id": i, "file_name": f"{i}.jpg", "height": 100, "width": 100} for i in range(1, images + 1)]
    categories = [{"id": 1, "name": "cup"}, {"id": 2, "name": "pin"}]
    return {"images": about, "annotations": objects, "categories": categories}


def found_in(images) -> list[dict]:
    return [{"image_id": i, "category_id": 1, "bbox": BOX, "score": 0.9} for i in images]


def test_what_was_lost_with_an_interval_over_the_images():
    """All 20 cups found before, 10 after: half is lost; the binomial 95 % interval of 10 of 20 is .28 to .72."""
    told = forgetting.ap_table(coco_truth(20), found_in(range(1, 21)), found_in(range(1, 11)))
    cup, pin = told["per_class"]["cup"], told["per_class"]["pin"]
    assert cup["objects"] == 20 and told["resamples"] == 200
    assert (cup["before"]["AP"], cup["after"]["AP"]) == pytest.approx((1.0, 0.5), abs=0.01)
    assert cup["lost_interval"] == pytest.approx((0.28, 0.72), abs=0.06)
    nothing = {"AP": None, "AP50": None}
    assert pin == {"objects": 0, "before": nothing, "after": nothing, "lost_interval": None}


def test_the_same_detections_lose_nothing():
    """Image by image: each draw has the same difference, which the intervals of two single numbers would not show."""
    told = forgetting.ap_table(coco_truth(20), found_in(range(1, 11)), found_in(range(1, 11)))
    assert told["per_class"]["cup"]["lost_interval"] == (0.0, 0.0)


def test_a_class_is_measured_by_its_own_id_where_the_first_is_not_shared():
    """Only pin, class 2, is known: found in 5 of 10 images before, in all after, whatever is said of cups."""
    truth = coco_truth(10)
    pins = [one | {"id": one["id"] + 10, "category_id": 2} for one in truth["annotations"]]
    only = forgetting.only_classes(["pin"], truth | {"annotations": truth["annotations"] + pins})
    was, now = ([one | {"category_id": 2} for one in found_in(range(1, n))] for n in (6, 11))
    (name, pin), *others = forgetting.ap_table(only, was, now)["per_class"].items()
    assert (name, others, pin["objects"]) == ("pin", [], 10)
    assert (pin["before"]["AP50"], pin["after"]["AP50"]) == pytest.approx((0.5, 1.0), abs=0.01)
    assert pin["lost_interval"][1] < 0


def test_few_images_give_no_interval():
    told = forgetting.ap_table(coco_truth(9), found_in(range(1, 10)), [])
    cup = told["per_class"]["cup"]
    assert told["resamples"] == 0 and cup["lost_interval"] is None
    assert (cup["before"]["AP50"], cup["after"]["AP50"]) == pytest.approx((1.0, 0.0))


def test_without_validation_images_nothing_is_measured():
    cup = forgetting.ap_table(coco_truth(0), [], [])["per_class"]["cup"]
    assert cup["objects"] == 0 and cup["before"]["AP50"] is None


@pytest.fixture(scope="module")
def earlier(tiny_recipe, tmp_path_factory):
    """A folder as train writes it, of weights by chance, wide enough that images get detections of their own: mug, pole and box
    at 96 px."""
    folder = tmp_path_factory.mktemp("earlier") / "model"
    recipe = tiny_recipe.model_copy(update={"classes": ("mug", "pole", "box"), "input_size": 96})
    model = models.build(recipe, training=False)
    random = np.random.default_rng(0)
    for variable in models.variables(model):
        if "kernel" in variable.name:
            fan_in = 9 if "depthwise" in variable.name else np.prod(variable.shape[:-1])
            variable.assign(random.normal(0, np.sqrt(2 / fan_in), variable.shape))
    models.save(folder, model, recipe)
    return folder


def test_the_initial_model_is_asked_with_its_own_recipe(earlier, tiny_recipe, tiny_records, tmp_path):
    """Its pole is class 2 and its box 3; the records have box 1 and pole 2, and no mug."""
    source = initial_weights.find(str(earlier), tiny_recipe)
    assert source.classes == ("mug", "pole", "box")
    found = forgetting.initial_detections(source, tiny_recipe, tiny_records, tmp_path)
    theirs = Validation(models.load(earlier)[0], source.recipe, tiny_records)
    theirs.detector = detector.load(earlier)
    ids = {2: 2, 3: 1}
    expected = [one | {"category_id": ids[one["category_id"]]} for one in theirs.detect() if one["category_id"] in ids]
    assert len(found) > 10 and found == expected
    assert json.loads((tmp_path / "initial.json").read_text()) == found


def test_weights_that_name_no_class_of_these_say_nothing(earlier, shared, tiny_recipe, tiny_records, tmp_path):
    backbone = initial_weights.find(str(shared / "weights" / "mobilenet_v1_0.25_128_folded.npz"), tiny_recipe)
    others = tiny_recipe.model_copy(update={"classes": ("cup", "pin")})
    for source, recipe in ((backbone, tiny_recipe), (initial_weights.find(str(earlier), others), others)):
        assert forgetting.initial_detections(source, recipe, tiny_records, tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_the_names_of_the_classes_are_part_of_what_a_model_is_made_from(earlier, tiny_recipe, tiny_records):
    source = initial_weights.find(str(earlier), tiny_recipe)
    turned = source.recipe.model_copy(update={"classes": ("box", "pole", "mug")})
    renamed = initial_weights.Source(source.name, source.arrays, recipe=turned)
    one, other = (model_files.made_from(tiny_records, tiny_recipe, each)["weights"] for each in (source, renamed))
    assert one != other


@pytest.fixture
def config(earlier, tiny_records, tiny_recipe, tmp_path):
    """Four steps from the earlier model to box and pole, validated after the second and the fourth."""
    stage = recipes.Stage(name="all", trainable="all", steps=4)
    rate = tiny_recipe.learning_rate.model_copy(update={"warmup_steps": 1})
    short = tiny_recipe.model_copy(update={"stages": (stage,), "learning_rate": rate, "evaluate_every": 2})
    recipes.write(short, tmp_path / "recipe.yaml")
    return step.Config(
        records=tiny_records, recipe=tmp_path / "recipe.yaml", model=tmp_path / "model", init=str(earlier)
    )


def test_the_history_says_what_was_forgotten_also_after_a_kill(config, tmp_path, monkeypatch, capsys):
    """A training from an own model, and the same killed at a validation and started again: the same to the bit."""
    result = step.run(config)
    whole = json.loads((config.model / "history.json").read_text())
    told = whole["forgetting"]
    assert (told["split"], told["images"], told["step"], told["gone"]) == ("val", 3, whole["best_step"], ["mug"])
    assert {name: one["objects"] for name, one in told["per_class"].items()} == {"box": 3, "pole": 3}
    best = next(one for one in whole["evaluations"] if one["step"] == whole["best_step"])
    assert {name: one["after"] for name, one in told["per_class"].items()} == best["per_class"]
    assert "before -> after: box " in result.headline
    table = json.loads((config.model / "restored.json").read_text())
    assert not table["partly"] and any("/ClassPredictor/" in name for name in table["restored"])

    # At the first validation there is no checkpoint yet: it starts anew, and takes over what the initial model detected.
    for at, notices, validations in ((4, ["Resumed at step 2 after an interruption."], 1), (2, [], 2)):
        again = step.Config(**{**vars(config), "model": tmp_path / f"killed-{at}"})
        with monkeypatch.context() as patch:
            patch.setattr(training_loop.Training, "_validate", killed_at(at, training_loop.Training._validate))
            with pytest.raises(UserError, match="killed"):
                step.run(again)
        with monkeypatch.context() as patch:
            patch.setattr(Validation, "detect", counting(Validation.detect, asked := []))
            step.run(again)
        resumed = json.loads((again.model / "history.json").read_text())
        assert resumed["notices"] == notices and resumed["forgetting"] == told
        assert len(asked) == validations + 1, "and the comparison, not the initial model"
        for one, other in zip(*(models.variables(models.load(c.model)[0]) for c in (config, again)), strict=True):
            np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=one.name)


def killed_at(last: int, validate):
    def _validate(self, at, *rest):
        if at == last:
            raise UserError("killed")
        validate(self, at, *rest)

    return _validate


def counting(detect, asked: list):
    """The same, and each call leaves an entry."""

    def counted(self):
        asked.append(self)
        return detect(self)

    return counted
