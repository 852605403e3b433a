# environment: train
"""Types of errors on three boxes by hand, the gain of each against pycocotools after the repair; calibration; suspects;
recall."""

import contextlib
import io

import numpy as np
import pandas as pd
import pytest

from boxwright.core import coco_eval, recipe
from boxwright.evaluate import error_analysis, recall_slices

# Two cats and a dog, 10 px a side. CLOSE overlaps B at IoU 0.4, AWAY overlaps nothing.
A, B, C = [0, 0, 10, 10], [50, 50, 10, 10], [0, 50, 10, 10]
CLOSE, AWAY = [50, 50, 10, 4], [80, 0, 10, 10]
CAT, DOG = 1, 2


def truth(*objects, crowds=()):
    annotations = [
        {"id": i, "image_id": 1, "category_id": c, "bbox": b, "area": b[2] * b[3], "iscrowd": int(i > len(objects))}
        for i, (c, b) in enumerate([*objects, *crowds], 1)
    ]
    categories = [{"id": CAT, "name": "cat"}, {"id": DOG, "name": "dog"}]
    return {"images": [{"id": 1, "height": 100, "width": 100}], "annotations": annotations, "categories": categories}


def seen(*detections):
    return [{"image_id": 1, "category_id": c, "bbox": b, "score": s} for c, b, s in detections]


def ap50(groundtruth, detections):
    """By pycocotools, the mean over the classes that have objects."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        dataset = COCO()
        dataset.dataset = {"info": {}} | groundtruth
        dataset.createIndex()
        evaluated = COCOeval(dataset, dataset.loadRes(detections), "bbox")
        evaluated.evaluate()
        evaluated.accumulate()
    precision = evaluated.eval["precision"][0, :, :, 0, -1]
    return np.mean([column.mean() for column in precision.T if (column > -1).all()])


ALL = ((CAT, A), (CAT, B), (DOG, C))
RIGHT = ((CAT, A, 0.8), (DOG, C, 0.8))
# type: (detections, what they become when errors of this type are put right, the objects that are then asked for)
REPAIRS = {
    "Cls": ([*RIGHT, (DOG, B, 0.9)], [*RIGHT, (CAT, B, 0.9)], ALL),
    "Loc": ([*RIGHT, (CAT, CLOSE, 0.9)], [*RIGHT, (CAT, B, 0.9)], ALL),
    "Both": ([*RIGHT, (DOG, CLOSE, 0.9)], RIGHT, ALL),
    "Dupe": ([*RIGHT, (CAT, A, 0.7), (CAT, B, 0.6)], [*RIGHT, (CAT, B, 0.6)], ALL),
    "Bkg": ([*RIGHT, (CAT, AWAY, 0.9)], RIGHT, ALL),
    "Miss": (RIGHT, RIGHT, ((CAT, A), (DOG, C))),
}


@pytest.mark.parametrize("kind", REPAIRS)
def test_gain_of_a_repair_is_what_pycocotools_measures_after_it(kind):
    found, repaired, asked = REPAIRS[kind]
    evaluated = coco_eval.evaluator(truth(*ALL), seen(*found))
    row = next(row for row in error_analysis.tide(truth(*ALL), evaluated, evaluated) if row["type"] == kind)
    gain = ap50(truth(*asked), seen(*repaired)) - ap50(truth(*ALL), seen(*found))
    assert gain > 0.05
    assert row == {"type": kind, "number": 1, "dAP": pytest.approx(gain, abs=1e-9)}


def test_a_class_error_by_hand():
    """Cats: one of two found, 51 of 101 recall points at precision 1; dogs: the wrong one comes first, precision 1/2. The cat's
    class put right, both are 1."""
    found, _, _ = REPAIRS["Cls"]
    evaluated = coco_eval.evaluator(truth(*ALL), seen(*found))
    rows = {row["type"]: row for row in error_analysis.tide(truth(*ALL), evaluated, evaluated)}
    assert rows["Cls"]["dAP"] == pytest.approx(1 - (51 / 101 + 0.5) / 2)
    assert [row["number"] for row in rows.values()] == [1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(("height", "kinds"), [(1.5, {"Loc"}), (0.5, {"Bkg", "Miss"})])
def test_below_a_tenth_it_stands_on_background(height, kinds):
    evaluated = coco_eval.evaluator(truth(*ALL), seen(*RIGHT, (CAT, [50, 50, 10, height], 0.9)))
    assert {row["type"] for row in error_analysis.tide(truth(*ALL), evaluated, evaluated) if row["number"]} == kinds


def test_the_sure_are_counted_and_all_are_put_right():
    """A cat on background stands before one that is found, both unsure."""
    found = [*RIGHT, (CAT, AWAY, 0.4), (CAT, B, 0.3)]
    groundtruth = truth(*ALL)
    rows = error_analysis.analyse(groundtruth, seen(*found), coco_eval.evaluator(groundtruth, seen(*found)))["tide"]
    numbers = {row["type"]: (row["number"], row["dAP"] > 0.05) for row in rows}
    assert numbers["Bkg"] == (0, True) and numbers["Miss"] == (1, False)


def test_scores_are_those_of_the_detections_that_find_an_object():
    """However unsure they are."""
    detections = seen((CAT, AWAY, 0.95), (CAT, A, 0.3), (DOG, C, 0.7))
    evaluated = coco_eval.evaluator(truth(*ALL), detections)
    assert error_analysis.scores_by_object(detections, evaluated) == {1: 0.3, 3: 0.7}


def test_calibration_by_hand():
    """Scores .95 (right), .85 and .85 (one of them right): |1 - .95| / 3 + 2 |.5 - .85| / 3."""
    evaluated = coco_eval.evaluator(truth(*ALL), seen((CAT, A, 0.95), (CAT, B, 0.85), (CAT, AWAY, 0.85)))
    found = error_analysis.calibration(evaluated)
    assert found["ece"] == pytest.approx(0.05 / 3 + 2 * 0.35 / 3)
    assert [(one["number"], one["right"]) for one in found["bins"]] == [(2, 0.5), (1, 1.0)]
    assert found["per_class"]["cat"] == pytest.approx(found["ece"])


@pytest.mark.parametrize(
    ("detections", "kinds"),
    [
        ([(CAT, AWAY, 0.9)], ["missing"]),
        ([(CAT, AWAY, 0.4)], []),
        ([(DOG, B, 0.9)], ["class"]),
        ([(DOG, B, 0.9), (CAT, B, 0.95)], []),
        ([(DOG, B, 0.9), (CAT, B, 0.3)], ["class"]),
        ([(CAT, CLOSE, 0.9)], []),
        ([(CAT, A, 0.9), (CAT, A, 0.8)], []),
        ([(CAT, [20, 80, 10, 10], 0.9)], []),
        ([], []),
    ],
    ids=["nothing there", "unsure", "other class", "agreed", "agreed, but unsure", "beside it", "twice", "crowd", "none"],
)  # fmt: skip
def test_suspected_labels(detections, kinds):
    groundtruth = truth(*ALL, crowds=[(CAT, [10, 70, 40, 30])])
    found = error_analysis.analyse(groundtruth, seen(*detections), coco_eval.evaluator(groundtruth, seen(*detections)))[
        "suspects"
    ]["worst"]
    assert [one["kind"] for one in found] == kinds
    assert all(one["bbox"] == list(detections[0][1]) and one["score"] == 0.9 for one in found)
    assert {one["labelled"] for one in found if one["kind"] == "class"} <= {"cat"}


def test_the_surest_is_suspected_first():
    detections = seen((CAT, AWAY, 0.6), (CAT, A, 0.8), (DOG, B, 0.9))
    found = error_analysis.label_suspects(detections, coco_eval.evaluator(truth(*ALL), detections))
    assert [(one["kind"], one["score"], one["bbox"]) for one in found] == [("class", 0.9, B), ("missing", 0.6, AWAY)]


@pytest.mark.parametrize(
    ("objects", "found", "unmeasured"),
    [
        ([], [(CAT, A, 0.9)], list(error_analysis.TYPES)),
        ([(CAT, A), (DOG, C)], [(CAT, A, 0.9)], ["Miss"]),  # no dog is left
        ([(CAT, A), (DOG, C)], [(CAT, A, 0.9), (CAT, C, 0.8)], []),  # a dog of another class is not missed
        ([(CAT, A), (CAT, B)], [(CAT, A, 0.9)], []),
    ],
)
def test_a_gain_that_cannot_be_measured_is_none(objects, found, unmeasured):
    groundtruth = truth(*objects)
    rows = error_analysis.analyse(groundtruth, seen(*found), coco_eval.evaluator(groundtruth, seen(*found)))["tide"]
    assert [row["type"] for row in rows if row["dAP"] is None] == unmeasured


def test_analysis_of_nothing_found():
    groundtruth = truth(*ALL)
    found = error_analysis.analyse(groundtruth, [], coco_eval.evaluator(groundtruth, []))
    assert [row["number"] for row in found["tide"]] == [0, 0, 0, 0, 0, 3]
    assert [row["dAP"] for row in found["tide"]] == [0, 0, 0, 0, 0, None], "without what is missed no object is left"
    assert found["calibration"]["ece"] is None, "no score was right or wrong"
    assert found["calibration"]["bins"] == [] and found["suspects"] == {"number": 0, "worst": []}


def test_recall_in_every_bucket():
    """Pins of 6 px, which no anchor of the stock recipe reaches, one of three found; cups of 100 px, found but for an unsure one;
    the third picture is bright."""
    boxes = [(1, 1, [10, 10, 6, 6]), (2, 1, [40, 40, 6, 6]), (3, 1, [40, 40, 6, 6]), (1, 2, [99, 99, 100, 100]),
             (3, 2, [99, 99, 100, 100])]  # fmt: skip
    groundtruth = {
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
    rows = {
        (row["class"], row["bucket"]): (row["objects"], row["found"], row["any"]) for row in recall_slices.rows(objects)
    }
    assert rows["pin", recall_slices.REACHED[0]] == (3, 1, 1)
    assert rows["pin", recall_slices.SIZES[0]] == (3, 1, 1) and rows["cup", recall_slices.SIZES[2]] == (2, 1, 2)
    assert rows[None, "brightest third"] == (2, 0, 1) and rows[None, "darkest third"] == (2, 2, 2)
    assert ("pin", recall_slices.SIZES[2]) not in rows
    assert sum(row["objects"] for row in recall_slices.rows(objects) if row["class"] is None) == 3 * 5


def test_recall_of_a_class_of_any_name():
    objects = pd.DataFrame({"class": ["all classes", "pin"], "score": [0.9, 0.1], "size": [recall_slices.SIZES[0]] * 2})
    rows = [(row["class"], row["objects"], row["found"], row["any"]) for row in recall_slices.rows(objects)]
    assert rows == [(None, 2, 1, 2), ("all classes", 1, 1, 1), ("pin", 1, 0, 1)]


def test_recall_without_a_recipe_and_in_one_light():
    groundtruth = truth(*ALL, crowds=[(CAT, [10, 70, 40, 30])])
    objects = recall_slices.table(groundtruth, {}, [0.5], None)
    assert list(objects) == ["class", "score", "size"] and len(objects) == 3
    assert recall_slices.rows(objects)[0] == {
        "axis": "size", "class": None, "bucket": recall_slices.SIZES[0], "objects": 3, "found": 0, "any": 0
    }  # fmt: skip


def alone(*boxes):
    """A picture of 300 x 300 for each box."""
    annotations = [
        {"id": i, "image_id": i, "category_id": CAT, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
        for i, box in enumerate(boxes, 1)
    ]
    images = [{"id": one["id"], "height": 300, "width": 300} for one in annotations]
    return {"images": images, "annotations": annotations, "categories": [{"id": CAT, "name": "cat"}]}


def test_a_bound_belongs_to_the_bucket_above_it():
    """COCO's: 32 squared is 1024, 96 squared is 9216."""
    groundtruth = alone([0, 0, 31, 33], [0, 0, 32, 32], [0, 0, 95, 97], [0, 0, 96, 96])
    small, medium, large = recall_slices.SIZES
    assert recall_slices.table(groundtruth, {}, [0.5] * 4, None)["size"].tolist() == [small, medium, medium, large]


def test_pictures_are_shared_out_by_their_light():
    objects = recall_slices.table(alone(*[[0, 0, 10, 10]] * 6), {}, [0.6, 0.1, 0.5, 0.2, 0.4, 0.3], None)
    dark, middle, bright = recall_slices.LIGHTS
    assert objects["light"].tolist() == [bright, dark, bright, dark, middle, middle]


def test_reach_is_the_overlap_with_the_anchors():
    """Squares of 150 px, one in the very middle: boxes there of its width and a share of its height overlap it by that share."""
    boxes = [[75, 150 - 75 * share, 150, 150 * share] for share in (0.49, 0.51, 0.69, 0.71)]
    squares = recipe.Anchors(scales=(0.5,), aspect_ratios=(1.0,), interpolated_aspect_ratio=0)
    stock = recipe.stock("ssd_mobilenet_v1_ppn", ("cat",), steps=1).model_copy(update={"anchors": squares})
    out, barely, well = recall_slices.REACHED
    assert recall_slices.table(alone(*boxes), {}, [0.5] * 4, stock)["anchors"].tolist() == [out, barely, barely, well]


def test_boxes_in_shares_of_an_oblong_picture():
    found = recall_slices.boxes_in_shares(
        [{"image_id": 7, "bbox": [20, 10, 20, 10]}], [{"id": 7, "height": 100, "width": 200}]
    )
    assert found.tolist() == [[0.1, 0.1, 0.2, 0.2]]


@pytest.mark.parametrize(
    ("colour", "luma"), [((255, 0, 0), 0.299), ((0, 255, 0), 0.587), ((0, 0, 255), 0.114), ((255, 255, 255), 1)]
)
def test_luma_is_that_of_each_colour(colour, luma):
    assert recall_slices.luma(np.full((2, 3, 3), colour, np.uint8)) == pytest.approx(luma)
