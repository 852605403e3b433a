# environment: train
"""The legend of the precision-recall plot with unusual class names and with many classes."""

from typing import Any

import pytest

from boxwright.core import coco_eval
from boxwright.evaluate import precision_recall_plot


def legend_of(names: list[str]) -> list[str]:
    """The legend of a plot: one image with one object of each class, all of them found."""
    box = {"image_id": 1, "bbox": [10.0, 10.0, 20.0, 20.0]}
    of_class = [box | {"id": i, "category_id": i} for i in range(1, len(names) + 1)]
    truth: Any = {
        "images": [{"id": 1, "file_name": "a.jpg", "height": 100, "width": 100}],
        "annotations": [one | {"area": 400.0, "iscrowd": 0} for one in of_class],
        "categories": [{"id": i, "name": name} for i, name in enumerate(names, 1)],
    }
    found: Any = [one | {"score": 0.9} for one in of_class]
    evaluated = coco_eval.evaluator(truth, found)
    (axes,) = precision_recall_plot.precision_recall(truth, evaluated).axes
    legend = axes.get_legend()
    assert legend
    return [text.get_text().lstrip("\u200c") for text in legend.get_texts()]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["cup"], ["cup (AP50 1.00)"]),
        # matplotlib leaves names that start with `_` out of a legend
        (["_cup", "pin"], ["_cup (AP50 1.00)", "pin (AP50 1.00)"]),
        (["c" * 200], ["c" * 29 + "… (AP50 1.00)"]),
        ([f"class {i}" for i in range(90)], ["mean of 90 classes (AP50 1.00)"]),
    ],
)
def test_legend(names, shown):
    assert legend_of(names) == shown
