# environment: train
"""Bootstrap intervals over images."""

from typing import Any

import numpy as np
import pytest

from boxwright.core import coco_eval
from boxwright.core.matching import group_by_image
from boxwright.evaluate import bootstrap_intervals


@pytest.fixture
def half_found() -> Any:
    """20 images with one object each, which is found in the first 10 images."""
    box = [10.0, 10.0, 40.0, 40.0]
    images = [{"id": i, "file_name": f"{i}.jpg", "height": 100, "width": 100} for i in range(1, 21)]
    objects = [
        {"id": i, "image_id": i, "category_id": 1, "bbox": box, "area": 1600.0, "iscrowd": 0} for i in range(1, 21)
    ]
    found = [{"image_id": i, "category_id": 1, "bbox": box, "score": 0.9} for i in range(1, 11)]
    return {"images": images, "annotations": objects, "categories": [{"id": 1, "name": "a"}]}, found


def test_intervals_contain_the_number_and_are_repeatable(half_found):
    first, second = bootstrap_intervals.intervals(*half_found), bootstrap_intervals.intervals(*half_found)
    assert first and first == second
    bounds = first.bounds("AP50")
    assert bounds
    low, high = bounds
    assert low < coco_eval.evaluate(*half_found)["AP50"] < high
    # AP50 here is the share found; the binomial 95 % interval of 10 of 20 is .28 to .72.
    assert (low, high) == pytest.approx((0.28, 0.72), abs=0.06)
    assert first.bounds("AP50 a") == first.bounds("AP50") and first.bounds("AP a") == first.bounds("AP")


def test_an_image_drawn_twice_is_two_images(half_found):
    """Two of three objects are found: 67 of the 101 recall points have precision 1."""
    truth, found = half_found
    by_image = group_by_image(truth["annotations"]), group_by_image(found)
    assert bootstrap_intervals.numbers_of(truth, [1, 1, 11], *by_image)["AP50"] == pytest.approx(67 / 101)


@pytest.mark.parametrize("image", [1, 20])
def test_every_image_is_drawn(half_found, image):
    """Checked for the first and the last image, which is the only one with a detection."""
    truth, found = half_found
    numbers = bootstrap_intervals.samples(truth, [found[0] | {"image_id": image}], 20)["AP50"]
    assert min(numbers) == 0 < max(numbers)


def test_interval_is_95_percent():
    assert bootstrap_intervals.interval([*np.arange(1001) / 1000, np.nan]) == pytest.approx((0.025, 0.975))


def test_no_interval_from_few_images(half_found):
    truth, found = half_found
    few = truth | {"images": truth["images"][:9], "annotations": truth["annotations"][:9]}
    assert bootstrap_intervals.intervals(few, found[:9]) is None


def test_interval_of_nothing_is_none():
    assert bootstrap_intervals.interval([np.nan, np.nan]) is None
