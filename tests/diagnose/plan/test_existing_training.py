# environment: data
"""Diagnosis of a user's own training, read from recipe.yaml or from an OD API pipeline.config."""

import re

import pytest
from present import present

from boxwright.core import recipe as recipes
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import step
from boxwright.diagnose.plan import existing_training

CLASSES = ["cat", "dog"]
CONFIG = """
# the zoo's, with a batch that fits the machine
model { ssd { num_classes: 90 freeze_batchnorm: %(frozen)s
  image_resizer { fixed_shape_resizer { height: 300 width: 300 } }
  feature_extractor { type: '%(extractor)s' depth_multiplier: 1.0 }
  anchor_generator { ssd_anchor_generator { num_layers: 6 min_scale: 0.15 max_scale: 0.95 aspect_ratios: [1.0, 2.0]
    aspect_ratios: 0.5 reduce_boxes_in_lowest_layer: false } } } }
train_config: { batch_size: 8; num_steps: 1000
  data_augmentation_options < random_horizontal_flip {} > data_augmentation_options { ssd_random_crop { } }
  optimizer { %(optimizer)s { learning_rate { cosine_decay_learning_rate {
    learning_rate_base: .7 total_steps: 50000 warmup_learning_rate: 0.13333 warmup_steps: 2000 } }
    momentum_optimizer_value: 0.9 } use_moving_average: false }
  fine_tune_checkpoint: "gs://a/{b}" }
"""
OTHER_ANCHORS = re.sub(r"ssd_anchor_generator.*\n.*false }", "grid_anchor_generator { }", CONFIG)
NO_RATE = re.sub(r"cosine.*\n.*2000 }", "", CONFIG)
ZOO = {"frozen": "false", "extractor": "ssd_mobilenet_v1_ppn", "optimizer": "momentum_optimizer"}


def written(folder, **changes):
    file = folder / "pipeline.config"
    file.write_text(CONFIG % (ZOO | changes))
    return file


def test_reads_a_pipeline_config(tmp_path):
    now = existing_training.read(written(tmp_path), CLASSES)
    recipe = now.recipe
    assert (recipe.model, recipe.grid, recipe.input_size, recipe.batch_size, recipe.steps) == (
        "ssd_mobilenet_v1_ppn", "stride16", 300, 8, 1_000,
    )  # fmt: skip
    rate = recipe.learning_rate
    assert (rate.base, rate.warmup, rate.warmup_steps, now.schedule.zero_after) == (0.7, 0.13333, 2_000, 50_000)
    assert recipe.anchors.scales == (0.15, 0.31, 0.47, 0.63, 0.79, 0.95)
    assert recipe.anchors.aspect_ratios == (1.0, 2.0, 0.5)
    assert [option.name for option in recipe.augmentation] == ["random_horizontal_flip", "ssd_random_crop"]
    assert (now.momentum, now.frozen_batch_norm) == (True, False)


def test_reads_optimizer_and_frozen_batch_norm(tmp_path):
    adam = CONFIG.replace("    momentum_optimizer_value: 0.9 }", "    }") % (
        ZOO | {"frozen": "true", "optimizer": "adam_optimizer"}
    )
    (tmp_path / "pipeline.config").write_text(adam)
    now = existing_training.read(tmp_path / "pipeline.config", CLASSES)
    assert (now.momentum, now.frozen_batch_norm, present(now.config).optimizer.name) == (False, True, "Adam")


LOSS = """ loss { classification_loss { weighted_sigmoid_focal { alpha: .25 gamma: 1.5 } } localization_loss { %s { } }
  classification_weight: 3 localization_weight: .5 } } }
train_config"""


OPERATION = "min_area: .5 max_area: 1 min_aspect_ratio: .5 max_aspect_ratio: 2"
OPTIONS = f"""ssd_random_crop_pad {{ operations {{ {OPERATION} }} }} }}
  data_augmentation_options {{ random_image_scale {{ min_scale_ratio: .5 }}"""


def test_reads_width_loss_and_options(tmp_path):
    """It also says what a recipe cannot hold, and what nothing judges."""
    text = CONFIG.replace(" } }\ntrain_config", LOSS % "weighted_l2")
    text = text.replace("depth_multiplier: 1.0", "depth_multiplier: .5").replace("ssd_random_crop { }", OPTIONS)
    file = tmp_path / "pipeline.config"
    file.write_text(text % ZOO)
    now = existing_training.read(file, CLASSES)
    assert now.recipe.depth_multiplier == 0.5
    assert now.recipe.loss == recipes.Loss(
        focal_alpha=0.25, focal_gamma=1.5, classification_weight=3, localization_weight=0.5
    )
    assert now.recipe.augmentation[1].options == {"min_scale_ratio": 0.5}
    assert "model.ssd.loss.localization_loss" in now.not_judged
    (left_out,) = [one for one in now.translated if one.field.startswith("data_augmentation")]
    assert (left_out.field, left_out.reason) == (
        "data_augmentation_options.ssd_random_crop_pad", "a recipe holds numbers only, and it has operations",
    )  # fmt: skip


def test_warns_of_what_the_od_api_cannot_read(tmp_path, capsys):
    (tmp_path / "pipeline.config").write_bytes(b"\xef\xbb\xbf" + (CONFIG % ZOO).encode())
    step.warn_notices("own.config", existing_training.read(tmp_path / "pipeline.config", CLASSES))
    assert "own.config: line 1: the file begins with a byte order mark" in capsys.readouterr().err


def test_corrects_the_zoos_config_at_batch_8(make_data, diagnosed, tmp_path):
    diagnosis, recipe, _ = diagnosed(make_data(), given=str(written(tmp_path)))
    found = {f.key: f.severity for f in diagnosis.findings}
    assert (found["learning_rate_high"], found["warmup_long"]) == ("high", "high")
    assert found["no_early_stopping"] == "medium"
    changed = {c.field: (c.after, c.findings) for c in recipe.changes}
    why = ("learning_rate_high", "warmup_long")
    assert changed["learning_rate.base"] == (0.025, why)
    assert changed["learning_rate.warmup_steps"] == (60, why)
    assert changed["evaluate_every"] == (83, ("no_early_stopping",))
    assert all(c.findings for c in recipe.changes)
    assert recipes.Recipe.model_validate(recipe.model_dump()) == recipe


def test_training_with_a_recipe_ends_the_decay(make_data, diagnosed, tmp_path):
    text = CONFIG.replace("warmup_steps: 2000", "warmup_steps: 20")
    (tmp_path / "pipeline.config").write_text(text % ZOO)
    diagnosis, recipe, _ = diagnosed(make_data(), given=str(tmp_path / "pipeline.config"))
    assert "decay_unfinished" in {f.key for f in diagnosis.findings}
    changed = {c.field: (c.before, c.findings) for c in recipe.changes}
    told = "from 0.13333 up to 0.7 in 20 steps, then half a cosine to zero at step 50000"
    assert changed["schedule"] == (told, ("decay_unfinished",))


def test_replaces_padding_that_shrinks_objects(make_data, diagnosed, tmp_path):
    """The step augment fills in what does not."""
    file = tmp_path / "recipe.yaml"
    padded = (recipes.Augmentation(name="random_pad_image", reason="r"),)
    recipes.write(
        recipes.stock("ssd_mobilenet_v1_ppn", CLASSES, steps=600).model_copy(update={"augmentation": padded}), file
    )
    diagnosis, recipe, _ = diagnosed(make_data(side={"cat": 0.12}), given=str(file))
    assert "augmentation_shrinks" in {f.key for f in diagnosis.findings}
    assert recipe.augmentation == ()
    assert {c.field: c.findings for c in recipe.changes}["augmentation"] == ("augmentation_shrinks",)


def test_the_plan_given_back_changes_nothing(make_data, diagnosed, tmp_path):
    """Diagnosing a recipe that diagnose wrote changes nothing more. The measured anchors are those of that recipe."""
    data, file = make_data(side={"cat": 0.06}), tmp_path / "recipe.yaml"
    planned = diagnosed(data, init="w.npz")[1].model_copy(update={"augmentation": ()})
    recipes.write(planned, file)
    diagnosis, again, _ = diagnosed(data, init="w.npz", given=str(file))
    assert again == planned.model_copy(update={"changes": ()})
    assert not {f.key for f in diagnosis.findings if f.cause == "recipe"}


def test_corrects_too_few_steps(make_data, diagnosed, tmp_path):
    """40 steps of 8 over 160 images; planned are 600."""
    file = tmp_path / "recipe.yaml"
    recipes.write(recipes.stock("ssd_mobilenet_v1_ppn", CLASSES, steps=40), file)
    diagnosis, recipe, _ = diagnosed(make_data(), given=str(file))
    assert "steps_few" in {f.key for f in diagnosis.findings}
    assert recipe.steps == 600
    assert next(c.findings for c in recipe.changes if c.field == "stages") == ("steps_few",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "model { faster_rcnn { } } train_config { }",
            "model: faster_rcnn; Boxwright understands SSD MobileNet v1, v2",
        ),
        ("", "model: none; Boxwright understands SSD MobileNet"),
        (CONFIG.replace("num_classes: 90", "num_classes: 0") % ZOO, "num_classes: 0; expected 1 or more"),
        (CONFIG % (ZOO | {"extractor": "ssd_resnet50_v1_fpn_keras"}), "ssd_resnet50_v1_fpn_keras"),
        (
            CONFIG.replace("fixed_shape_resizer { height: 300 width: 300 }", "identity_resizer { }") % ZOO,
            "image_resizer",
        ),
        (CONFIG.replace("height: 300", "height: 9000") % ZOO, "fixed_shape_resizer.height: 9000; expected 16 to 8,192"),
        (
            CONFIG.replace("cosine_decay_learning_rate {", "none {") % ZOO,
            "line 10: learning_rate has no field none; type",
        ),
        (OTHER_ANCHORS % ZOO, "grid_anchor_generator; Boxwright reads ssd_anchor_generator and multiscale"),
        (NO_RATE % ZOO, "momentum_optimizer.learning_rate: it has no schedule; type one of cosine"),
        (CONFIG.replace("learning_rate_base: .7", "learning_rate_base: 0") % ZOO, r"at most learning_rate_base \(0\)"),
        ("model {", "line 1: the file ends, and `model {` of line 1 is not closed; type } at its end"),
        ("\n\ntrain_config { batch_size: : 8 }", "line 3: .*Couldn't parse integer"),
        (
            "train_config { batch_size: 8 } }",
            "line 1: this } closes nothing; delete it; expected a pipeline.config of the",
        ),
        ("train_config { batch_size: eight }", "line 1: .*Couldn't parse integer: eight"),
        ("train_config { [some.extension] { } }", "line 1: .* does not have extensions"),
    ],
)
def test_refuses_other_configs(tmp_path, text, said):
    file = tmp_path / "pipeline.config"
    file.write_text(text)
    with pytest.raises(UserError, match=said):
        existing_training.read(file, CLASSES)


def test_refuses_recipes_that_do_not_fit(tmp_path):
    file = tmp_path / "recipe.yaml"
    with pytest.raises(UserError, match="no such file"):
        existing_training.read(file, CLASSES)
    recipes.write(recipes.stock("ssd_mobilenet_v1_ppn", ["cow"], steps=40), file)
    with pytest.raises(UserError, match="classes cow; the data have cat, dog"):
        existing_training.read(file, CLASSES)
    with pytest.raises(UserError, match="leave out --steps and --stock"):
        step.run(step.Config(records=tmp_path, tables=tmp_path, given=str(file), steps=40))
