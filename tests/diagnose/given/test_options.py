# environment: train
"""What is refused without the OD API is what fails with it, for all of its options."""

from typing import Any

import pytest

pytest.importorskip("object_detection", reason="the OD API is in the train environment")

from boxwright.core import recipe as recipes
from boxwright.core.augmentations import od_api_options
from boxwright.core.od_api import pipeline_config
from boxwright.core.od_api.augmentation.preprocessor_options import require_runnable
from boxwright.core.recipe import Augmentation
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.given import augmentation

STEP: Any = pipeline_config._STEP
WRONG = [
    ("random_crop_image", {"min_object_covered": 1.5}),
    ("random_crop_image", {"min_area": 0.0}),
    ("random_crop_image", {"min_aspect_ratio": 0.0}),
    ("random_crop_image", {"min_aspect_ratio": 3.0, "max_aspect_ratio": 0.5}),
    ("random_jpeg_quality", {"min_jpeg_quality": 30, "max_jpeg_quality": 200}),
    ("random_distort_color", {"color_ordering": 5}),
    ("random_crop_to_aspect_ratio", {"aspect_ratio": 0.0}),
    ("random_image_scale", {"min_scale_ratio": 0.0, "max_scale_ratio": 0.0}),
    ("random_vertical_flip", {"probability": 2.0}),
    ("random_adjust_contrast", {"min_delta": 1.25, "max_delta": 0.8}),
]
RIGHT = [
    ("random_adjust_brightness", {"max_delta": 2.0}),
    ("random_adjust_hue", {"max_delta": 0.7}),
    ("random_scale_crop_and_pad_to_square", {"output_size": 640, "scale_min": 0.1, "scale_max": 2.0}),
    ("random_resize_method", {"target_height": 300, "target_width": 300}),
    ("random_pad_image", {"max_image_height": 10, "max_image_width": 10}),
    ("random_black_patches", {"max_black_patches": 0}),
]
DEFAULTS = [(name, {}) for name in sorted(STEP.DESCRIPTOR.fields_by_name)]


def with_option(name, options):
    made = recipes.stock("ssd_mobilenet_v1_ppn", ["a"], steps=100)
    return made.model_copy(update={"augmentation": (Augmentation(name=name, options=options, reason="r"),)})


def refuses(check, recipe) -> bool:
    try:
        check(recipe)
    except UserError:
        return True
    return False


@pytest.mark.parametrize(("name", "options"), [*DEFAULTS, *WRONG, *RIGHT])
def test_diagnose_refuses_what_augment_refuses(name, options):
    """With the defaults of all options, and with values at and beyond their bounds."""
    recipe = with_option(name, options)
    assert refuses(augmentation.of_recipe, recipe) == refuses(require_runnable, recipe)


def test_says_why_an_option_never_runs():
    assert set(od_api_options.NEVER) <= set(STEP.DESCRIPTOR.fields_by_name)
