# environment: data
"""A larger input, if the plan leaves objects out of reach. Its cost is computed by hand."""

import numpy as np
import pytest
from present import present

from boxwright.core import anchors
from boxwright.core import recipe as recipes
from boxwright.diagnose.plan import fit_anchors, larger_input

STRIDE8 = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600).model_copy(
    update={"grid": "stride8", "anchors": recipes.Anchors(scales=(0.07, 0.16, 0.3, 0.5), aspect_ratios=(1.0, 0.6, 1.6))}
)


def found(data):
    misses = anchors.best_iou(data.boxes_in("train")[0], STRIDE8) < anchors.MATCHED_IOU
    return larger_input.larger_input(data, STRIDE8, misses, 0)


@pytest.mark.parametrize(
    ("model", "size", "millions"),
    [("ssd_mobilenet_v1_ppn", 224, 569), ("ssd_mobilenet_v1", 448, 2_276), ("ssd_mobilenet_v2", 112, 75)],
)
def test_cost_grows_with_the_area(model, size, millions):
    assert larger_input.multiply_adds(model, size) == millions


@pytest.mark.parametrize(("size", "larger"), [(300, [448, 608]), (640, [960]), (1_024, [])])
def test_tries_larger_sizes_in_steps_of_32(size, larger):
    assert larger_input.sizes(size) == larger


def test_finds_an_input_that_reaches_more(make_data):
    """Cats of 8 px at 300 px are up to half a cell of 8 px away from an anchor's centre: half of them miss all anchors."""
    option = present(found(make_data(side={"cat": 0.035})))
    assert option.misses.mean() < 0.25
    assert option.cost in ((448 / 300) ** 2, (608 / 300) ** 2)


def test_says_nothing_if_all_objects_are_reached(make_data):
    assert found(make_data()) is None


def test_tiles_enlarge_the_objects_until_they_are_reached(make_data):
    """Squares of 9 px in images of 300 px. At 300 px, stride 8 reaches squares of 2.7 * 8 = 21.6 px wherever they are."""
    data = make_data(side={"cat": 0.03, "dog": 0.03})
    side = larger_input.tile_side(data, STRIDE8, np.ones(320, bool))
    assert side == 96 <= 300 * 9 / 21.6 < 96 + 32


def test_no_tiles_that_would_show_nothing(make_data):
    """Squares of 3 px would need tiles of 42 px."""
    data = make_data(side={"cat": 0.01, "dog": 0.01})
    assert larger_input.tile_side(data, STRIDE8, np.ones(320, bool)) == 0


def test_the_smallest_anchor_has_9_px_at_any_input():
    boxes = np.tile([0.5, 0.5, 0.515, 0.515], (50, 1)) + np.random.default_rng(0).uniform(0, 0.1, (50, 1))
    fitted = fit_anchors.fit(boxes, np.ones(50, int), "stride8", 4, 608, 0)
    assert fitted.scales[0] < 0.03
