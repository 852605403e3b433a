# environment: train
"""Error types on three boxes by hand, and their gains against pycocotools; calibration; suspected labels; scores by object."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from boxwright.core import coco_eval
from boxwright.core.artifacts.errors import Suspects
from boxwright.evaluate import error_analysis

# Two cats and a dog, 10 px a side. CLOSE overlaps B at IoU 0.4, AWAY overlaps nothing.
A, B, C = [0, 0, 10, 10], [50, 50, 10, 10], [0, 50, 10, 10]
CLOSE, AWAY = [50, 50, 10, 4], [80, 0, 10, 10]
CAT, DOG = 1, 2


def truth(*objects, crowds=()) -> Any:
    annotations = [
        {"id": i, "image_id": 1, "category_id": c, "bbox": b, "area": b[2] * b[3], "iscrowd": int(i > len(objects))}
        for i, (c, b) in enumerate([*objects, *crowds], 1)
    ]
    categories = [{"id": CAT, "name": "cat"}, {"id": DOG, "name": "dog"}]
    return {"images": [{"id": 1, "height": 100, "width": 100}], "annotations": annotations, "categories": categories}


def seen(*detections) -> Any:
    return [{"image_id": 1, "category_id": c, "bbox": b, "score": s} for c, b, s in detections]


def ap50(groundtruth, detections):
    """AP50 by pycocotools: the mean over the classes that have objects."""
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
# type: (detections, the detections after errors of this type are corrected, the objects after that)
REPAIRS = {
    "Cls": ([*RIGHT, (DOG, B, 0.9)], [*RIGHT, (CAT, B, 0.9)], ALL),
    "Loc": ([*RIGHT, (CAT, CLOSE, 0.9)], [*RIGHT, (CAT, B, 0.9)], ALL),
    "Both": ([*RIGHT, (DOG, CLOSE, 0.9)], RIGHT, ALL),
    "Dupe": ([*RIGHT, (CAT, A, 0.7), (CAT, B, 0.6)], [*RIGHT, (CAT, B, 0.6)], ALL),
    "Bkg": ([*RIGHT, (CAT, AWAY, 0.9)], RIGHT, ALL),
    "Miss": (RIGHT, RIGHT, ((CAT, A), (DOG, C))),
}


@pytest.mark.parametrize("kind", REPAIRS)
def test_gain_equals_pycocotools_after_the_correction(kind):
    found, repaired, asked = REPAIRS[kind]
    evaluated = coco_eval.evaluator(truth(*ALL), seen(*found))
    row = next(row for row in error_analysis.tide(truth(*ALL), evaluated, evaluated) if row.type == kind)
    gain = ap50(truth(*asked), seen(*repaired)) - ap50(truth(*ALL), seen(*found))
    assert gain > 0.05
    assert (row.number, row.dAP) == (1, pytest.approx(gain, abs=1e-9))


def test_a_class_error_by_hand():
    """Cats: one of two is found, so 51 of 101 recall points have precision 1. Dogs: the wrong one has the higher score, so
    precision is 1/2. With the class corrected, both AP50 are 1."""
    found, _, _ = REPAIRS["Cls"]
    evaluated = coco_eval.evaluator(truth(*ALL), seen(*found))
    rows = {row.type: row for row in error_analysis.tide(truth(*ALL), evaluated, evaluated)}
    assert rows["Cls"].dAP == pytest.approx(1 - (51 / 101 + 0.5) / 2)
    assert [row.number for row in rows.values()] == [1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(("height", "kinds"), [(1.5, {"Loc"}), (0.5, {"Bkg", "Miss"})])
def test_overlap_below_a_tenth_is_background(height, kinds):
    evaluated = coco_eval.evaluator(truth(*ALL), seen(*RIGHT, (CAT, [50, 50, 10, height], 0.9)))
    assert {row.type for row in error_analysis.tide(truth(*ALL), evaluated, evaluated) if row.number} == kinds


def test_counts_confident_errors_and_corrects_all():
    """A cat on background has a higher score than one that is found; both scores are below 0.5."""
    found = [*RIGHT, (CAT, AWAY, 0.4), (CAT, B, 0.3)]
    groundtruth = truth(*ALL)
    rows = error_analysis.analyse(groundtruth, seen(*found), coco_eval.evaluator(groundtruth, seen(*found))).tide
    numbers = {row.type: (row.number, (row.dAP or 0) > 0.05) for row in rows}
    assert numbers["Bkg"] == (0, True) and numbers["Miss"] == (1, False)


def test_scores_by_object():
    """Detections with low scores count, too."""
    detections = seen((CAT, AWAY, 0.95), (CAT, A, 0.3), (DOG, C, 0.7))
    evaluated = coco_eval.evaluator(truth(*ALL), detections)
    assert error_analysis.scores_by_object(detections, evaluated) == {1: 0.3, 3: 0.7}


def test_calibration_by_hand():
    """Scores .95 (correct), .85 and .85 (one of them correct): |1 - .95| / 3 + 2 |.5 - .85| / 3."""
    evaluated = coco_eval.evaluator(truth(*ALL), seen((CAT, A, 0.95), (CAT, B, 0.85), (CAT, AWAY, 0.85)))
    found = error_analysis.calibration(evaluated)
    assert found.ece == pytest.approx(0.05 / 3 + 2 * 0.35 / 3)
    assert [(one.number, one.right) for one in found.bins] == [(2, 0.5), (1, 1.0)]
    assert found.per_class["cat"] == pytest.approx(found.ece)


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
def test_label_suspects(detections, kinds):
    groundtruth = truth(*ALL, crowds=[(CAT, [10, 70, 40, 30])])
    evaluated = coco_eval.evaluator(groundtruth, seen(*detections))
    found = error_analysis.analyse(groundtruth, seen(*detections), evaluated).suspects.worst
    assert [one.kind for one in found] == kinds
    assert all(one.bbox == tuple(detections[0][1]) and one.score == 0.9 for one in found)
    assert {one.labelled for one in found if one.kind == "class"} <= {"cat"}


def test_suspects_by_falling_score():
    detections = seen((CAT, AWAY, 0.6), (CAT, A, 0.8), (DOG, B, 0.9))
    found = error_analysis.label_suspects(detections, coco_eval.evaluator(truth(*ALL), detections))
    expected = [("class", 0.9, tuple(B)), ("missing", 0.6, tuple(AWAY))]
    assert [(one.kind, one.score, one.bbox) for one in found] == expected


@pytest.mark.parametrize(
    ("objects", "found", "unmeasured"),
    [
        ([], [(CAT, A, 0.9)], list(error_analysis.TYPES)),
        ([(CAT, A), (DOG, C)], [(CAT, A, 0.9)], ["Miss"]),  # no dog is left
        ([(CAT, A), (DOG, C)], [(CAT, A, 0.9), (CAT, C, 0.8)], []),  # a dog of another class is not missed
        ([(CAT, A), (CAT, B)], [(CAT, A, 0.9)], []),
    ],
)
def test_unmeasurable_gains_are_none(objects, found, unmeasured):
    groundtruth = truth(*objects)
    rows = error_analysis.analyse(groundtruth, seen(*found), coco_eval.evaluator(groundtruth, seen(*found))).tide
    assert [row.type for row in rows if row.dAP is None] == unmeasured


def test_no_detections():
    groundtruth = truth(*ALL)
    found = error_analysis.analyse(groundtruth, [], coco_eval.evaluator(groundtruth, []))
    assert [row.number for row in found.tide] == [0, 0, 0, 0, 0, 3]
    assert [row.dAP for row in found.tide] == [0, 0, 0, 0, 0, None], "correcting Miss leaves no objects"
    assert found.calibration.ece is None, "there are no detections"
    assert found.calibration.bins == () and found.suspects == Suspects(number=0, worst=())
