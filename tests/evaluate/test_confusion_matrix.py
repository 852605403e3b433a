# environment: train
"""The confusion matrix, counted by hand."""

from typing import Any

import numpy as np
import pytest

from boxwright.evaluate import confusion_matrix

CATEGORIES = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
HERE, AWAY = [0, 0, 10, 10], [50, 50, 10, 10]
ALMOST = [0, 0, 10, 8]  # IoU 0.8 with HERE


def truth(*objects) -> Any:
    annotations = [{"image_id": 1, "category_id": c, "bbox": b, "iscrowd": crowd} for c, b, crowd in objects]
    return {"images": [{"id": 1}], "categories": CATEGORIES, "annotations": annotations}


def found(*detections) -> Any:
    return [{"image_id": 1, "category_id": c, "bbox": b, "score": s} for c, b, s in detections]


@pytest.mark.parametrize(
    ("objects", "detections", "cells"),
    [
        ([(1, HERE, 0)], [(1, ALMOST, 0.9)], {(0, 0): 1}),
        ([(1, HERE, 0)], [(2, ALMOST, 0.9)], {(0, 1): 1}),
        ([(1, HERE, 0)], [], {(0, 2): 1}),
        ([], [(2, HERE, 0.9)], {(2, 1): 1}),
        ([(1, HERE, 0)], [(1, HERE, 0.49)], {(0, 2): 1}),
        ([(1, HERE, 0)], [(1, [0, 0, 10, 5], 0.5)], {(0, 0): 1}),
        ([(1, HERE, 0)], [(1, AWAY, 0.9)], {(0, 2): 1, (2, 0): 1}),
        ([(1, HERE, 0)], [(2, HERE, 0.8), (1, ALMOST, 0.9)], {(0, 0): 1, (2, 1): 1}),
        ([(1, HERE, 1)], [(1, HERE, 0.9)], {}),
        ([(1, HERE, 1)], [(1, [0, 0, 10, 20], 0.9)], {}),
        ([(1, HERE, 1)], [(1, [0, 0, 10, 21], 0.9)], {(2, 0): 1}),
        ([], [], {}),
    ],
    ids=[
        "right",
        "other class",
        "missed",
        "nothing there",
        "unsure",
        "just sure, and just on it",
        "beside it",
        "twice: the surer wins",
        "crowd",
        "half in a crowd",
        "less than half in a crowd",
        "none",
    ],
)
def test_matrix(objects, detections, cells):
    expected = np.zeros((3, 3), int)
    for cell, count in cells.items():
        expected[cell] = count
    assert (confusion_matrix.matrix(truth(*objects), found(*detections)) == expected).all()


def test_confusions_are_sorted_by_number():
    counts = np.array([[5, 1, 2], [3, 4, 0], [9, 9, 0]])
    found = [row.model_dump(by_alias=True) for row in confusion_matrix.confusions(truth(), counts)]
    assert found == [
        {"class": "dog", "taken_for": "cat", "number": 3, "objects": 7},
        {"class": "cat", "taken_for": "dog", "number": 1, "objects": 8},
    ]


def test_metadata_equal_those_of_kfp():
    """The metadata equal those of kfp.dsl.ClassificationMetrics.log_confusion_matrix (kfp 2.17, not installed here)."""
    assert confusion_matrix.for_kfp(["cat", "dog"], np.array([[1, 0, 2], [0, 3, 0], [4, 0, 0]])) == {
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": "cat"}, {"displayName": "dog"}, {"displayName": "(nothing)"}],
            "rows": [{"row": [1, 0, 2]}, {"row": [0, 3, 0]}, {"row": [4, 0, 0]}],
        }
    }


def test_few_classes_are_shown_as_they_are():
    names, counts = ["a", "b"], np.arange(9).reshape(3, 3)
    assert confusion_matrix.for_ui(names, counts) == (names, counts)
    assert confusion_matrix.notices(2) == confusion_matrix.notices(confusion_matrix.MOST_SHOWN) == []


def test_totals():
    counts = np.array([[5, 1, 2], [3, 4, 0], [9, 8, 0]])
    assert confusion_matrix.totals(counts) == {"right": 9, "confused": 4, "missed": 2, "of_nothing": 17}


def test_long_names_are_cut_and_stay_apart():
    long = "x" * 61
    names = confusion_matrix.shown_names(["cat", "x" * 60, long, long + "y"])
    assert names == ["cat", "x" * 60, f"{'x' * 48}... (3)", f"{'x' * 48}... (4)"]


def test_the_classes_with_the_most_mistakes_are_shown(monkeypatch):
    """The classes are a, b, c and d. b is taken for d 5 times, a is missed 3 times. The last row and column are `(nothing)`."""
    monkeypatch.setattr(confusion_matrix, "MOST_SHOWN", 2)
    counts = np.diag([9, 9, 9, 9, 0])
    counts[1, 3], counts[0, 4], counts[4, 2] = 5, 3, 1
    names, summed = confusion_matrix.for_ui(["a", "b", "c", "d"], counts)
    assert names == ["b", "d", confusion_matrix.OTHERS]
    assert summed.tolist() == [[9, 5, 0, 0], [0, 9, 0, 0], [0, 0, 18, 3], [0, 0, 1, 0]]
    assert summed.sum() == counts.sum()
    assert "the 2 classes with the most mistakes and the other 2 as one class" in confusion_matrix.notices(4)[0]
