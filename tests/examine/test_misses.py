# environment: train
"""The threshold, missed objects and false alarms of a few boxes, worked out by hand."""

from typing import Any

import numpy as np
import pytest

from boxwright.core.artifacts.examination import Explanation
from boxwright.core.findings import Evidence, Finding
from boxwright.examine import findings, misses
from boxwright.examine.misses import Context

NONE = Context((0.5, 0.5), 300, None, ())


def truth(*objects, crowds=()) -> Any:
    """objects: (image id, class id, [x, y, width, height])."""
    rows = [
        {
            "id": i,
            "image_id": image,
            "category_id": name,
            "bbox": box,
            "area": box[2] * box[3],
            "iscrowd": int(i in crowds),
        }
        for i, (image, name, box) in enumerate(objects)
    ]
    images = [{"id": i, "file_name": f"{i}.jpg", "height": 100, "width": 100} for i in (1, 2)]
    return {"images": images, "annotations": rows, "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]}


def seen(*rows) -> Any:
    return [dict(zip(("image_id", "category_id", "bbox", "score"), row, strict=True)) for row in rows]


BOX, FAR = [10, 10, 20, 20], [60, 60, 20, 20]
THRESHOLDS = {
    # F1: 2/3 at 0.9 (1 right of 1, of 2 objects), 2/4, then 4/5 at 0.3.
    "the best F1": (truth((1, 1, BOX), (1, 1, FAR)), seen((1, 1, BOX, 0.9), (1, 2, BOX, 0.6), (1, 1, FAR, 0.3)), 0.3),
    "false alarms below": (truth((1, 1, BOX)), seen((1, 1, BOX, 0.8), (1, 1, FAR, 0.2)), 0.8),
    "nothing right": (truth((1, 1, BOX)), seen((1, 1, FAR, 0.8)), 0.5),
    "no detection": (truth((1, 1, BOX)), [], 0.5),
}


@pytest.mark.parametrize(("groundtruth", "detections", "expected"), THRESHOLDS.values(), ids=THRESHOLDS)
def test_best_threshold(groundtruth, detections, expected):
    assert misses.best_threshold(groundtruth, detections) == expected


THERE = {
    "nothing": ([60, 60, 20, 20], 1, "nothing that is labelled"),
    "another class": (BOX, 2, "an object of another class"),
    # 20 x 10 of 20 x 20, and 10 rows outside: IoU 200 / 600.
    "badly": ([10, 20, 20, 20], 1, "an object that the box hits badly"),
    "twice": ([10, 11, 20, 20], 1, "an object that is found twice"),
}


@pytest.mark.parametrize(("box", "name", "there"), THERE.values(), ids=THERE)
def test_false_alarms(box, name, there):
    found = misses.false_alarms(truth((1, 1, BOX)), seen((1, 1, BOX, 0.9), (1, name, box, 0.8)))
    assert found["there"].tolist() == [there]
    assert misses.counted(found) == {there: 1}


def test_a_detection_in_a_crowd_is_no_false_alarm():
    groundtruth = truth((1, 1, [0, 0, 100, 100]), crowds=(0,))
    assert misses.counted(misses.false_alarms(groundtruth, seen((1, 1, BOX, 0.9)))) == {}
    assert misses.missed(groundtruth, [], NONE).empty


def test_missed_objects():
    found = misses.missed(truth((1, 1, BOX), (1, 2, FAR), (2, 1, BOX)), seen((1, 1, BOX, 0.9), (1, 1, FAR, 0.9)), NONE)
    assert found[["image", "class", "missed"]].values.tolist() == [
        ["1.jpg", "cat", False],
        ["1.jpg", "dog", True],
        ["2.jpg", "cat", True],
    ]


# Boxes yxyx as fractions -> reasons that hold for the first.
PROPERTIES = {
    # The input has 300 pixels: 0.05 is 15 pixels, 0.06 is 18.
    "small": ([[0, 0, 0.05, 0.05]], {"smaller than 16 pixels at the detector's input"}),
    "large enough": ([[0, 0, 0.06, 0.06]], set()),
    "long": ([[0, 0, 0.1, 0.4]], {"longer than 3:1"}),
    "tall": ([[0, 0, 0.4, 0.1]], {"longer than 3:1"}),
    "touching": ([[0, 0, 0.2, 0.2], [0, 0.1, 0.2, 0.3]], {"in a crowd"}),
    "empty": ([[0.5, 0.5, 0.5, 0.5]], {"smaller than 16 pixels at the detector's input"}),
}


@pytest.mark.parametrize(("boxes", "expected"), PROPERTIES.values(), ids=PROPERTIES)
def test_properties(boxes, expected):
    reasons = misses.properties(np.array(boxes), 1.0, 0.5, NONE)
    assert {reason for reason, values in reasons.items() if values[0]} == expected


def test_the_shape_of_the_image_counts():
    # Twice as wide as high: 0.4 x 0.2 of it is 4 times as wide as high.
    reasons = misses.properties(np.array([[0, 0, 0.2, 0.4]]), 0.5, 0.1, NONE)
    assert reasons["longer than 3:1"][0] and reasons["in a dark image"][0]


def test_out_of_reach_of_the_anchors():
    context = NONE._replace(anchors_yxyx=np.array([[0, 0, 0.2, 0.2]]))
    reasons = misses.properties(np.array([[0, 0, 0.2, 0.2], [0, 0, 0.1, 0.19]]), 1.0, 0.5, context)
    # 0.019 / 0.04 is below 0.5.
    assert reasons["out of the reach of the detector's anchors"].tolist() == [False, True]


def test_findings_name_images():
    leak = Finding(id="split_leak", cause="data_quality", severity="high", title="x", claim="x", items=("a/1.jpg",))
    found = misses.missed(truth((1, 1, BOX), (2, 1, BOX)), [], NONE._replace(findings=(leak,)))
    assert found["in an image that training knows"].tolist() == [True, False]


def test_explanations():
    rows = [(1, 1, [x, 0, 4, 4]) for x in range(0, 60, 10)] + [(2, 1, [x, 0, 20, 20]) for x in (0, 30, 60)]
    found = misses.missed(truth(*rows), seen((2, 1, [0, 0, 20, 20], 0.9)), NONE)
    small, *_ = misses.explanations(found)
    assert (small.objects, small.missed, small.others, small.others_missed) == (6, 6, 3, 2)
    assert misses.excess(small) == pytest.approx(6 - 6 * 2 / 3)


# Objects, missed, others, others missed -> whether it is a finding.
WORTH = {
    "all of them": ((20, 20, 80, 0), True),
    "as the others": ((20, 10, 80, 40), False),
    "too few": ((4, 4, 80, 0), False),
    "no others": ((20, 10, 0, 0), True),
}


@pytest.mark.parametrize(("numbers", "told"), WORTH.values(), ids=WORTH)
def test_what_is_worth_a_finding(numbers, told):
    one = Explanation(
        reason="in a crowd", **dict(zip(("objects", "missed", "others", "others_missed"), numbers, strict=True))
    )
    found = list(findings.explained([one]))
    assert [type(item) for item in found] == [Finding] * told
    assert all(isinstance(part, Evidence) for item in found for part in item.evidence)
