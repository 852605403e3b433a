# environment: data
"""Options that pad: how much, by hand, and which objects lose their anchors."""

import numpy as np
import pytest
from present import present

from boxwright.core import recipe as recipes
from boxwright.core.recipe import Augmentation
from boxwright.diagnose.findings.augmentation import augmentation_shrinks


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
def test_computes_the_largest_padding_of_an_option(padded, times):
    """An image of 300 by 200 pixels."""
    assert augmentation_shrinks.largest_padding(padded, 300, 200) == pytest.approx(times)


def test_a_shrunk_box_keeps_its_place_in_the_image():
    boxes = np.tile([0.0, 0.0, 1.0, 0.5], (500, 1))
    small = augmentation_shrinks.shrunk(boxes, 2.0, 1.0, np.random.default_rng(0))
    heights, widths = small[:, 2] - small[:, 0], small[:, 3] - small[:, 1]
    assert small.min() >= 0 and small.max() <= 1
    assert widths == pytest.approx(np.full(500, 0.5)) and heights.min() >= 0.5 and heights.max() <= 1


def found(data, *options):
    return augmentation_shrinks.judge(data, recipe(*options), 0)


def test_padding_takes_small_objects_out_of_reach(make_data):
    """Cats of 36 px just reach the smallest anchor of 45 px (.64). At half the size, 18 px, they do not (.16). Dogs always do."""
    finding = present(found(make_data(side={"cat": 0.12}), option("random_pad_image")))
    (row,) = finding.evidence
    assert (finding.key, row.subject, finding.severity) == ("augmentation_shrinks", "cat", "high")
    assert row.value > 0.5 and "Remove random_pad_image" in finding.remedy


def test_one_finding_for_all_classes(make_data):
    finding = present(found(make_data(side={"cat": 0.12, "dog": 0.14}), option("random_pad_image")))
    assert [row.subject for row in finding.evidence] == ["cat", "dog"]


@pytest.mark.parametrize("seed", range(3))
def test_finds_nothing_for_large_objects_or_without_padding(make_data, seed):
    mild = option("random_absolute_pad_image", max_height_padding=45, max_width_padding=45)
    assert found(make_data(seed=seed), mild) is None
    assert found(make_data(side={"cat": 0.12}, seed=seed), option("random_crop_image")) is None
    assert found(make_data(seed=seed)) is None
