# environment: train
"""Augmentation options of the OD API that cannot run are named in an error before training."""

import pytest

from boxwright.core import recipe as recipes
from boxwright.core.od_api.augmentation import preprocessor_options
from boxwright.core.runtime.errors import UserError
from boxwright.train import step


def with_option(recipe, name, **settings):
    option = recipes.Augmentation(name=name, options=settings, reason="test")
    return recipe.model_copy(update={"augmentation": (option,)})


@pytest.mark.parametrize(
    ("name", "settings", "why"),
    [
        ("random_resize_method", {}, "target_height: 0 is not more than 0"),
        ("convert_class_logits_to_softmax", {}, "None values not supported"),
        (
            "random_image_scale",
            {"min_scale_ratio": 0.0, "max_scale_ratio": 0.0},
            "min_scale_ratio: 0 is not more than 0",
        ),
        ("random_crop_image", {"min_area": 5}, "min_area: 5 is not between 0 and 1"),
        ("autoaugment_image", {}, "contrib_training"),
        ("rgb_to_gray", {}, "it returns images with 1 channel, but the network needs 3"),
        ("scale_boxes_to_pixel_coordinates", {}, "it returns boxes in pixels"),
    ],
)
def test_an_option_that_cannot_run_is_named(name, settings, why, tiny_recipe):
    with pytest.raises(UserError, match=f"augmentation {name}: .*{why}"):
        preprocessor_options.require_runnable(with_option(tiny_recipe, name, **settings))


@pytest.mark.parametrize("name", ["ssd_random_crop", "random_rotation90", "random_black_patches", "mosaic"])
def test_other_options_can_run(name, tiny_recipe):
    preprocessor_options.require_runnable(with_option(tiny_recipe, name))


def test_train_checks_options_before_weights(tiny_records, tiny_recipe, tmp_path):
    recipes.write(with_option(tiny_recipe, "resize_image"), tmp_path / "recipe.yaml")
    config = step.Config(
        records=tiny_records, recipe=tmp_path / "recipe.yaml", model=tmp_path / "model", init="nowhere"
    )
    with pytest.raises(UserError, match="augmentation resize_image"):
        step.run(config)
