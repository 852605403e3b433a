# environment: data
"""Options that pad: by how much, by hand, and whom it costs its anchors."""

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.recipe import Augmentation
from boxwright.diagnose.findings import padding_effect


def option(name, **options):
    return Augmentation(name=name, options=options, reason="")


def recipe(*options):
    return recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600).model_copy(update={"augmentation": options})


@pytest.mark.parametrize(
    ("padded", "times"),
    [
        (option("random_absolute_pad_image", max_height_padding=30, max_width_padding=100), (1.1, 1.5)),
        (option("random_pad_image"), (2.0, 2.0)),
        (option("random_pad_image", max_image_height=900, max_image_width=100), (3.0, 1.0)),
        (option("random_crop_image"), (1.0, 1.0)),
        (option("random_image_scale", min_scale_ratio=0.5), (1.0, 1.0)),
    ],
)
def test_largest_padding_of_a_picture_of_300_by_200(padded, times):
    assert padding_effect.largest_padding(padded, 300, 200) == pytest.approx(times)


def test_a_shrunk_box_keeps_its_shape_relative_to_the_padding_and_lies_in_the_picture():
    boxes = np.tile([0.0, 0.0, 1.0, 0.5], (500, 1))
    small = padding_effect.shrunk(boxes, 2.0, 1.0, np.random.default_rng(0))
    heights, widths = small[:, 2] - small[:, 0], small[:, 3] - small[:, 1]
    assert small.min() >= 0 and small.max() <= 1
    assert widths == pytest.approx(np.full(500, 0.5)) and heights.min() >= 0.5 and heights.max() <= 1


def test_small_objects_are_padded_out_of_reach(make_data):
    """Cats of 36 px just reach the smallest anchor of 45 px (.64); at half the size, 18 px, they cannot (.16). Dogs can."""
    (finding,) = padding_effect.findings(make_data(side={"cat": 0.12}), recipe(option("random_pad_image")), 0)
    assert finding.key == "augmentation_shrinks.cat"
    assert finding.severity == "high" and finding.evidence[0].value > 0.5


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_said_of_middle_sized_objects_or_without_padding(make_data, seed):
    mild = option("random_absolute_pad_image", max_height_padding=45, max_width_padding=45)
    assert padding_effect.findings(make_data(seed=seed), recipe(mild), 0) == []
    assert (
        padding_effect.findings(make_data(side={"cat": 0.12}, seed=seed), recipe(option("random_crop_image")), 0) == []
    )
    assert padding_effect.findings(make_data(seed=seed), recipe(), 0) == []
