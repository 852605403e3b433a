# environment: data
"""Diagnosis of a user's own training, read from recipe.yaml or from an OD API pipeline.config."""

import re

import pytest

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
OTHER_ANCHORS = re.sub(r"ssd_anchor_generator.*\n.*false }", "multiscale_anchor_generator { }", CONFIG)
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
    assert (rate.base, rate.warmup, rate.warmup_steps, now.decay_steps) == (0.7, 0.13333, 2_000, 50_000)
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
    assert (now.momentum, now.frozen_batch_norm, now.recipe.learning_rate.momentum) == (False, True, 0.9)


LOSS = """ loss { classification_loss { weighted_sigmoid_focal { alpha: .25 gamma: 1.5 } } localization_loss { %s { } }
  classification_weight: 3 localization_weight: .5 } } }
train_config"""


OPTIONS = """ssd_random_crop_pad { operations { min_area: .5 } } }
  data_augmentation_options { random_image_scale { min_scale_ratio: .5 }"""


def test_reads_width_loss_and_options(tmp_path):
    """It also names the settings that a recipe cannot hold."""
    text = CONFIG.replace(" } }\ntrain_config", LOSS % "weighted_l2")
    text = text.replace("depth_multiplier: 1.0", "depth_multiplier: .5").replace("ssd_random_crop { }", OPTIONS)
    file = tmp_path / "pipeline.config"
    file.write_text(text % ZOO)
    now = existing_training.read(file, CLASSES)
    assert now.recipe.depth_multiplier == 0.5
    assert now.recipe.loss == recipes.Loss(
        focal_alpha=0.25, focal_gamma=1.5, classification_weight=3, localization_weight=0.5
    )
    assert now.recipe.augmentation[2].options == {"min_scale_ratio": 0.5}
    assert now.unread == ("loss.weighted_l2", "ssd_random_crop_pad.operations")


def test_warns_of_what_a_recipe_cannot_hold(tmp_path, capsys):
    text = CONFIG.replace("ssd_random_crop { }", "ssd_random_crop { operations { min_area: .3 } }")
    (tmp_path / "pipeline.config").write_text(text % ZOO)
    step.warn_unread("own.config", existing_training.read(tmp_path / "pipeline.config", CLASSES))
    assert (
        "own.config: ignored ssd_random_crop.operations, because a recipe cannot hold them" in capsys.readouterr().err
    )


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
    changed = {c.field: (c.before, c.after, c.findings) for c in recipe.changes}
    assert changed["learning_rate.decay_steps"] == (50_000, recipe.steps, ("decay_unfinished",))


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
        ("model { ssd { num_classes: 1 } } train_config { }", "num_classes: 1; the data have 2: cat, dog"),
        ("model { faster_rcnn { } } train_config { }", "model: faster_rcnn; Boxwright trains SSDs only"),
        ("", "model: none; Boxwright trains SSDs only"),
        (CONFIG % (ZOO | {"extractor": "ssd_resnet50_v1_fpn_keras"}), "ssd_resnet50_v1_fpn_keras"),
        (
            CONFIG.replace("fixed_shape_resizer { height: 300 width: 300 }", "identity_resizer { }") % ZOO,
            "image_resizer",
        ),
        (CONFIG.replace("height: 300", "height: 200") % ZOO, "equal height and width"),
        (CONFIG.replace("cosine_decay_learning_rate {", "none {") % ZOO, 'line 10: .* no field named "none"'),
        (
            re.sub(r"ssd_anchor_generator.*\n.*false }", "multiscale_anchor_generator { }", CONFIG) % ZOO,
            "multiscale_anchor",
        ),
        (NO_RATE % ZOO, "momentum_optimizer with no learning rate; Boxwright reads cosine"),
        (CONFIG.replace("learning_rate_base: .7", "learning_rate_base: 0") % ZOO, "greater than 0"),
        ("model {", 'line 1: Expected "}"'),
        ("\n\ntrain_config { batch_size: : 8 }", "line 3: .*Couldn't parse integer"),
        ("train_config { batch_size: 8 } }", "line 1: .*expected a pipeline.config of the Object Detection API"),
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
