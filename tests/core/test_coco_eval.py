# environment: train
"""COCO numbers computed by hand, in edge cases, and compared with pycocotools."""

import contextlib
import io

import numpy as np
import pytest

from boxwright.core import coco_eval
from boxwright.core.records.tfrecords import Record


def record(boxes_yxyx, class_ids, crowd=None, height=100, width=200, name="a.jpg"):
    return Record(
        filename=name,
        height=height,
        width=width,
        encoded=b"",
        sha256="",
        boxes_yxyx=np.array(boxes_yxyx, np.float32).reshape(-1, 4),
        class_ids=np.array(class_ids, np.int64),
        is_crowd=np.array(crowd if crowd is not None else [False] * len(class_ids), bool),
    )


def detections(image_id, height, width, boxes_yxyx, scores, class_ids):
    return coco_eval.detections(image_id, height, width, *map(np.asarray, (boxes_yxyx, scores, class_ids)))


@pytest.fixture
def random_case():
    """40 images and 3 classes, with crowds, near misses, false positives and equal scores."""
    rng = np.random.default_rng(0)
    records, found = [], []
    for image_id in range(1, 41):
        n = int(rng.integers(0, 8))
        corner, size = rng.uniform(0, 0.6, (n, 2)), np.exp(rng.uniform(np.log(0.02), np.log(0.4), (n, 2)))
        boxes = np.concatenate([corner, corner + size], axis=1)
        ids = rng.integers(1, 4, n)
        records.append(record(boxes, ids, rng.random(n) < 0.1, height=300, width=400, name=f"{image_id}.jpg"))
        noisy = np.concatenate(
            [boxes + rng.normal(0, 0.01, boxes.shape), rng.uniform([0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1], (20, 4))]
        )
        scores = np.round(rng.uniform(0.05, 1, len(noisy)), 2)
        classes = np.concatenate([ids, rng.integers(1, 4, 20)])
        found += detections(image_id, 300, 400, noisy, scores, classes)
    return coco_eval.groundtruth(records, ["a", "b", "c"]), found


def test_ground_truth_is_in_original_pixels():
    truth = coco_eval.groundtruth([record([[0.1, 0.2, 0.5, 0.3]], [2], [True], name="x.jpg")], ["a", "b"])
    assert truth["images"] == [{"id": 1, "file_name": "x.jpg", "height": 100, "width": 200}]
    (annotation,) = truth["annotations"]
    assert annotation["bbox"] == pytest.approx([40, 10, 20, 40], abs=1e-4)
    assert annotation["area"] == pytest.approx(800, abs=1e-3)
    assert (annotation["image_id"], annotation["category_id"], annotation["iscrowd"]) == (1, 2, 1)


def test_hand_computed_case(capfd):
    """One of two objects of class a is found: 51 of 101 recall points (0, .01, ... .5) have precision 1. Class b is empty."""
    boxes = [[0.0, 0.0, 0.4, 0.2], [0.5, 0.5, 0.9, 0.7]]
    truth = coco_eval.groundtruth([record(boxes, [1, 1])], ["a", "b"])
    numbers = coco_eval.evaluate(truth, detections(1, 100, 200, boxes[:1], [0.9], [1]))
    assert numbers["AP"] == numbers["AP50"] == pytest.approx(51 / 101)
    assert numbers["AR100"] == pytest.approx(0.5)
    assert numbers["APs"] is None and numbers["APl"] is None
    assert numbers["per_class"]["a"]["AP50"] == pytest.approx(51 / 101)
    assert numbers["per_class"]["b"] == {"AP": None, "AP50": None}
    assert capfd.readouterr().out == ""


def test_ap_without_detections_is_zero():
    truth = coco_eval.groundtruth([record([[0, 0, 0.5, 0.5]], [1])], ["a", "b"])
    numbers = coco_eval.evaluate(truth, [])
    assert numbers["AP"] == numbers["AR100"] == 0
    assert numbers["per_class"] == {"a": {"AP": 0, "AP50": 0}, "b": {"AP": None, "AP50": None}}


@pytest.mark.parametrize("records", [[], [record([], [])]])
def test_numbers_without_objects_are_none(records):
    numbers = coco_eval.evaluate(coco_eval.groundtruth(records, ["a"]), [])
    assert all(numbers[name] is None for name in coco_eval.NUMBERS)


def test_a_detection_in_a_crowd_is_ignored():
    boxes = [[0, 0, 0.4, 0.4], [0.5, 0.5, 1, 1]]
    truth = coco_eval.groundtruth([record(boxes, [1, 1], [False, True])], ["a"])
    numbers = coco_eval.evaluate(truth, detections(1, 100, 200, [boxes[0], [0.6, 0.6, 0.8, 0.8]], [0.5, 0.9], [1, 1]))
    assert numbers["AP"] == pytest.approx(1)


def test_padding_is_not_a_detection():
    assert detections(1, 10, 10, np.zeros((2, 4)), [0.0, 0.0], [1, 1]) == []


def test_detections_with_low_scores_count():
    """A score matters only relative to the other scores of the class."""
    assert len(detections(1, 10, 10, np.zeros((1, 4)), [1e-7], [1])) == 1


def test_curves_are_at_iou_0_5():
    """The detection has IoU .7, so it counts at .5 and not at .75. A class without objects has no curve."""
    truth = coco_eval.groundtruth([record([[0, 0, 0.5, 0.5]], [1])], ["a", "b"])
    found = detections(1, 100, 200, [[0, 0, 0.35, 0.5]], [0.9], [1])
    curves = coco_eval.curves(coco_eval.evaluator(truth, found), truth)
    assert list(curves) == ["a"] and curves["a"].tolist() == pytest.approx([1.0] * 101)


def test_parity_with_pycocotools(random_case):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth, found = random_case
    ours = coco_eval.evaluate(truth, found)
    with contextlib.redirect_stdout(io.StringIO()):
        reference = COCO()
        reference.dataset = {"info": {}} | truth
        reference.createIndex()
        theirs = COCOeval(reference, reference.loadRes(found), "bbox")
        theirs.evaluate()
        theirs.accumulate()
        theirs.summarize()
    assert [ours[name] for name in coco_eval.NUMBERS] == pytest.approx(
        [None if value < 0 else value for value in theirs.stats], abs=1e-6
    )
    precision = theirs.eval["precision"][..., 0, -1]
    for k, name in enumerate("abc"):
        assert ours["per_class"][name]["AP"] == pytest.approx(precision[:, :, k].mean(), abs=1e-6)
        assert ours["per_class"][name]["AP50"] == pytest.approx(precision[0, :, k].mean(), abs=1e-6)
