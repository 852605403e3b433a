# environment: train
"""Objects that an augmentation takes out of the anchors' reach."""

import numpy as np
import pytest

from boxwright.augment import anchor_reach
from boxwright.core import recipe as recipes


def test_rejects_an_option_that_takes_objects_out_of_reach(tiny_records, tiny_recipe):
    """Squares of 40 px in images of 160 x 120 are 32 x 43 px at the input of 128 px; anchors start at 32 px. A canvas of four
    times the side leaves 8 to 11 px. A flip changes nothing."""
    zoom = recipes.Augmentation(name="zoom_out", options={"probability": 1.0, "largest": 4.0}, reason="")
    recipe = tiny_recipe.model_copy(update={"augmentation": (*tiny_recipe.augmentation, zoom)})
    within, rejected = anchor_reach.within_reach(recipe, tiny_records)
    assert [loss.name for loss in rejected] == ["zoom_out"] and within == tiny_recipe
    assert rejected[0].after > 0.5 and "zoom_out raises the share" in str(rejected[0])
    assert anchor_reach.worst(tiny_recipe, tiny_records) is None


@pytest.mark.parametrize(
    ("before", "after", "too_much"), [(0.0, 0.05, False), (0.3, 0.34, False), (0.3, 0.36, True), (0.5, 0.3, False)]
)
def test_allows_5_percent_more_out_of_reach(before, after, too_much):
    assert anchor_reach.Loss("zoom_out", before, after, 100).too_much == too_much


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((0.3, 0.3, 0.55, 0.55), 0.0),
        ((0.3, 0.3, 0.31, 0.31), 1.0),
        # Half of an anchor of a quarter: in the middle of the cell from 8/16 to 9/16, as wide and half as high.
        ((7.5 / 16, 6.5 / 16, 9.5 / 16, 10.5 / 16), 0.0),
        ((7.6 / 16, 6.5 / 16, 9.4 / 16, 10.5 / 16), 1.0),
    ],
)
def test_measures_the_unreachable_share(tiny_recipe, box, share):
    assert anchor_reach.unreachable(np.array([box]), tiny_recipe) == share
    assert anchor_reach.unreachable(np.zeros((0, 4)), tiny_recipe) == 0.0
