# environment: data
"""A larger input, if the plan leaves objects out of reach. Its cost is computed by hand."""

import numpy as np
import pytest
from present import present

from boxwright.core import anchors
from boxwright.core import recipe as recipes
from boxwright.diagnose.findings.anchors import input_size

STRIDE8 = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600).model_copy(
    update={"grid": "stride8", "anchors": recipes.Anchors(scales=(0.07, 0.16, 0.3, 0.5), aspect_ratios=(1.0, 0.6, 1.6))}
)


def found(data):
    return input_size.judge(data, STRIDE8, anchors.best_iou(data.boxes_in("train")[0], STRIDE8), 0)


@pytest.mark.parametrize(
    ("model", "size", "millions"),
    [("ssd_mobilenet_v1_ppn", 224, 569), ("ssd_mobilenet_v1", 448, 2_276), ("ssd_mobilenet_v2", 112, 75)],
)
def test_cost_grows_with_the_area(model, size, millions):
    assert input_size.multiply_adds(model, size) == millions


@pytest.mark.parametrize(("size", "larger"), [(300, [448, 608]), (640, [960]), (1_024, [])])
def test_tries_larger_sizes_in_steps_of_32(size, larger):
    assert input_size.sizes(size) == larger


def test_a_class_is_starved_if_4_percent_are_missed():
    """One of 10 is one object; two of 10 are 20 %; two of 100 are 2 %."""
    ids = np.repeat([1, 2, 3], [10, 10, 100])
    misses = np.concatenate([np.arange(10) < 1, np.arange(10) < 2, np.arange(100) < 2])
    assert input_size.starved(misses, ids) == [2]


def test_finds_objects_that_a_larger_input_reaches(make_data):
    """Cats of 8 px at 300 px are up to half a cell of 8 px away from an anchor's centre: half of them miss all anchors."""
    finding = present(found(make_data(side={"cat": 0.035})))
    now, then, cost = finding.evidence
    assert now.metric == "cat unreachable at 300 px" and now.value > 0.5
    assert then.value < now.value
    assert cost.value in (round((448 / 300) ** 2, 3), round((608 / 300) ** 2, 3))


def test_says_nothing_if_all_objects_are_reached(make_data):
    assert found(make_data()) is None
