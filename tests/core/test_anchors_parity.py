# environment: train
"""Anchors equal those of the OD API's generator."""

from importlib.util import find_spec
from typing import Any

import pytest

if not find_spec("object_detection"):
    pytest.skip("the OD API is in the train environment", allow_module_level=True)

from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001

import numpy as np
from object_detection.anchor_generators import multiple_grid_anchor_generator as od

from boxwright.core import anchors, recipe

PPN = recipe.stock("ssd_mobilenet_v1_ppn", ["a"], steps=100)
V1 = recipe.stock("ssd_mobilenet_v1", ["a"], steps=100)
FITTED = PPN.model_copy(
    update={
        "grid": "stride8",
        "anchors": recipe.Anchors(scales=(0.071, 0.182, 0.353, 0.635), aspect_ratios=(1.0, 0.72, 1.28)),
    }
)


@pytest.mark.parametrize("given", [PPN, V1, FITTED], ids=["stock PPN", "v1, reduced", "stride 8, fitted"])
def test_anchors_equal_the_od_apis(given):
    layout = given.anchors
    generator = od.create_ssd_anchors(
        num_layers=len(layout.scales),
        scales=list(layout.scales),
        aspect_ratios=layout.aspect_ratios,
        interpolated_scale_aspect_ratio=layout.interpolated_aspect_ratio,
        reduce_boxes_in_lowest_layer=layout.reduce_boxes_in_lowest_layer,
    )
    theirs: Any = generator.generate(anchors.feature_map_shapes(given))
    expected = np.concatenate([box_list.get().numpy() for box_list in theirs])
    assert anchors.anchors(given) == pytest.approx(expected, abs=1e-6)
