# environment: data
"""Anchors computed by hand, and the fast search for the best anchor compared with the full IoU matrix."""

import numpy as np
import pytest

from boxwright.core import anchors, boxes, recipe

STOCK = recipe.stock("ssd_mobilenet_v1_ppn", ["a"], steps=100)
STRIDE8 = STOCK.model_copy(
    update={
        "grid": "stride8",
        "anchors": recipe.Anchors(scales=(0.07, 0.16, 0.3, 0.5), aspect_ratios=(1.0, 0.6, 1.6)),
    }
)
REDUCED = recipe.stock("ssd_mobilenet_v1", ["a"], steps=100)


@pytest.mark.parametrize(
    ("given", "sides", "count"),
    [(STOCK, [19, 10, 5, 3, 2, 1], 3000), (STRIDE8, [38, 19, 10, 5], 7720), (REDUCED, [19, 10, 5, 3, 2, 1], 1917)],
)
def test_shapes_and_number(given, sides, count):
    assert anchors.feature_map_shapes(given) == [(side, side) for side in sides]
    assert anchors.anchors(given).shape == (count, 4)


def test_first_anchors_by_hand():
    """Cell 0, 0 of 19 x 19 has its centre at 1/38. Scale .15 with ratio 2 gives width .15 sqrt 2 and height .15 / sqrt 2."""
    first, second = anchors.anchors(STOCK)[:2]
    assert first == pytest.approx([1 / 38 - 0.075, 1 / 38 - 0.075, 1 / 38 + 0.075, 1 / 38 + 0.075])
    assert second[2] - second[0] == pytest.approx(0.15 / 2**0.5)
    assert second[3] - second[1] == pytest.approx(0.15 * 2**0.5)


@pytest.mark.parametrize("given", [STOCK, STRIDE8, REDUCED])
def test_best_iou_equals_brute_force(given, monkeypatch):
    """Boxes are processed 400 at a time here, so that the last batch is smaller."""
    monkeypatch.setattr(anchors, "_ROWS", 400)
    random = np.random.default_rng(0)
    centres, sizes = random.uniform(0, 1, (400, 2)), np.exp(random.uniform(np.log(0.01), 0, (400, 2)))
    drawn = np.clip(np.concatenate([centres - sizes / 2, centres + sizes / 2], 1), 0, 1)
    edges = [(0, 0, 1, 1), (0, 0, 0.05, 0.05), (0.95, 0.95, 1, 1), (0, 0.4, 0.02, 0.6), (0.5, 0.5, 0.5, 0.5)]
    given_boxes = np.concatenate([drawn, edges])
    expected = boxes.iou(given_boxes, anchors.anchors(given)).max(1)
    assert anchors.best_iou(given_boxes, given) == pytest.approx(expected, abs=1e-12)


def test_best_iou_of_an_anchor_is_one():
    inside = anchors.anchors(STRIDE8)
    assert anchors.best_iou(inside[:: 7720 // 40], STRIDE8) == pytest.approx(1.0)


def test_no_boxes():
    assert anchors.best_iou(np.empty((0, 4)), STOCK).shape == (0,)
