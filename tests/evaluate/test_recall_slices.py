# environment: train
"""Recall by object size, brightness and anchor fit, by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from boxwright.core import recipe
from boxwright.evaluate import recall_slices

CAT = 1


def test_recall_per_bucket():
    """Three pins of 6 px, which no anchor of the stock recipe reaches: one is found. Cups of 100 px: one is found with a low
    score. The third image is bright."""
    boxes = [(1, 1, [10, 10, 6, 6]), (2, 1, [40, 40, 6, 6]), (3, 1, [40, 40, 6, 6]), (1, 2, [99, 99, 100, 100]),
             (3, 2, [99, 99, 100, 100])]  # fmt: skip
    groundtruth: Any = {
        "images": [{"id": i, "height": 300, "width": 300} for i in (1, 2, 3)],
        "categories": [{"id": 1, "name": "pin"}, {"id": 2, "name": "cup"}],
        "annotations": [
            {"id": i, "image_id": image, "category_id": c, "bbox": b, "area": b[2] * b[3], "iscrowd": 0}
            for i, (image, c, b) in enumerate(boxes, 1)
        ],
    }
    stock = recipe.stock("ssd_mobilenet_v1_ppn", ("pin", "cup"), steps=1)
    objects = recall_slices.table(groundtruth, {1: 0.9, 4: 0.5, 5: 0.2}, [0.3, 0.4, 0.8], stock)
    assert objects["anchors"].tolist()[:3] == [recall_slices.REACHED[0]] * 3
    rows = {(row.class_name, row.bucket): (row.objects, row.found, row.any) for row in recall_slices.rows(objects)}
    assert rows["pin", recall_slices.REACHED[0]] == (3, 1, 1)
    assert rows["pin", recall_slices.SIZES[0]] == (3, 1, 1) and rows["cup", recall_slices.SIZES[2]] == (2, 1, 2)
    assert rows[None, "brightest third"] == (2, 0, 1) and rows[None, "darkest third"] == (2, 2, 2)
    assert ("pin", recall_slices.SIZES[2]) not in rows
    assert sum(row.objects for row in recall_slices.rows(objects) if row.class_name is None) == 3 * 5


def test_a_class_may_have_any_name():
    objects = pd.DataFrame({"class": ["all classes", "pin"], "score": [0.9, 0.1], "size": [recall_slices.SIZES[0]] * 2})
    rows = [(row.class_name, row.objects, row.found, row.any) for row in recall_slices.rows(objects)]
    assert rows == [(None, 2, 1, 2), ("all classes", 1, 1, 1), ("pin", 1, 0, 1)]


def test_without_recipe_and_with_equal_light():
    groundtruth = alone(*[[0, 0, 10, 10]] * 3)
    crowd = groundtruth["annotations"][0] | {"id": 4, "iscrowd": 1}
    groundtruth["annotations"].append(crowd)
    objects = recall_slices.table(groundtruth, {}, [0.5] * 3, None)
    assert list(objects) == ["class", "score", "size"] and len(objects) == 3
    assert recall_slices.rows(objects)[0].model_dump(by_alias=True) == {
        "axis": "size", "class": None, "bucket": recall_slices.SIZES[0], "objects": 3, "found": 0, "any": 0
    }  # fmt: skip


def alone(*boxes) -> Any:
    """An image of 300 x 300 px for each box."""
    annotations = [
        {"id": i, "image_id": i, "category_id": CAT, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
        for i, box in enumerate(boxes, 1)
    ]
    images = [{"id": one["id"], "height": 300, "width": 300} for one in annotations]
    return {"images": images, "annotations": annotations, "categories": [{"id": CAT, "name": "cat"}]}


def test_a_bound_belongs_to_the_bucket_above_it():
    """COCO's area bounds: 32 squared is 1024, 96 squared is 9216."""
    groundtruth = alone([0, 0, 31, 33], [0, 0, 32, 32], [0, 0, 95, 97], [0, 0, 96, 96])
    small, medium, large = recall_slices.SIZES
    assert recall_slices.table(groundtruth, {}, [0.5] * 4, None)["size"].tolist() == [small, medium, medium, large]


def test_thirds_by_brightness():
    objects = recall_slices.table(alone(*[[0, 0, 10, 10]] * 6), {}, [0.6, 0.1, 0.5, 0.2, 0.4, 0.3], None)
    dark, middle, bright = recall_slices.LIGHTS
    assert objects["light"].tolist() == [bright, dark, bright, dark, middle, middle]


def test_anchor_axis_is_the_best_overlap():
    """A square anchor of 150 px is in the centre. A box of its width and a share of its height has that share as IoU."""
    boxes = [[75, 150 - 75 * share, 150, 150 * share] for share in (0.49, 0.51, 0.69, 0.71)]
    squares = recipe.Anchors(scales=(0.5,), aspect_ratios=(1.0,), interpolated_aspect_ratio=0)
    stock = recipe.stock("ssd_mobilenet_v1_ppn", ("cat",), steps=1).model_copy(update={"anchors": squares})
    out, barely, well = recall_slices.REACHED
    assert recall_slices.table(alone(*boxes), {}, [0.5] * 4, stock)["anchors"].tolist() == [out, barely, barely, well]


def test_boxes_in_shares_of_an_oblong_image():
    objects: Any = [{"image_id": 7, "bbox": [20, 10, 20, 10]}]
    images: Any = [{"id": 7, "height": 100, "width": 200}]
    found = recall_slices.boxes_in_shares(objects, images)
    assert found.tolist() == [[0.1, 0.1, 0.2, 0.2]]


@pytest.mark.parametrize(
    ("colour", "luma"), [((255, 0, 0), 0.299), ((0, 255, 0), 0.587), ((0, 0, 255), 0.114), ((255, 255, 255), 1)]
)
def test_luma(colour, luma):
    assert recall_slices.luma(np.full((2, 3, 3), colour, np.uint8)) == pytest.approx(luma)
