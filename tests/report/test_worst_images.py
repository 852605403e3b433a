# environment: data
"""Matching of objects and detections, by hand."""

import pytest

from boxwright.report.worst_images import in_crowd, judge, match


def thing(class_id, box, score=None):
    return {"category_id": class_id, "bbox": box, "score": score}


@pytest.mark.parametrize(
    ("objects", "detections", "expected"),
    [
        ([], [thing(1, [0, 0, 9, 9], 0.9)], {}),
        ([thing(1, [0, 0, 9, 9])], [], {}),
        ([thing(1, [0, 0, 9, 9])], [thing(2, [0, 0, 9, 9], 0.9)], {}),
        # one object, two detections: the surer one takes it
        ([thing(1, [0, 0, 9, 9])], [thing(1, [0, 0, 9, 9], 0.6), thing(1, [0, 0, 9, 8], 0.9)], {1: 0}),
        # the surer detection takes the object it overlaps most, the other still gets its own
        (
            [thing(1, [0, 0, 10, 10]), thing(1, [4, 0, 10, 10])],
            [thing(1, [3, 0, 10, 10], 0.9), thing(1, [0, 0, 10, 10], 0.8)],
            {0: 1, 1: 0},
        ),
        # IoU exactly 0.5 counts
        ([thing(1, [0, 0, 10, 10])], [thing(1, [0, 0, 10, 5], 0.9)], {0: 0}),
    ],
)
def test_match(objects, detections, expected):
    assert match(objects, detections) == expected


def test_half_in_a_crowd_is_in_it():
    """Half of the first lies in the crowd, two fifths of the second."""
    detections = [thing(1, [0, 0, 10, 10]), thing(1, [-1, 0, 10, 10])]
    right, below = [5, 0, 95, 100], [-50, 5, 150, 95]
    assert in_crowd(detections, [thing(1, below), thing(1, right)]).tolist() == [True, True]
    assert in_crowd(detections, [thing(1, right)]).tolist() == [True, False]
    assert in_crowd(detections, [thing(2, right)]).tolist() == [False, False], (
        "COCO counts what lies in another class's crowd"
    )
    assert in_crowd(detections, []).tolist() == [False, False]


def test_a_detection_in_a_crowd_is_neither_right_nor_wrong():
    image = {"file_name": "a.jpg", "width": 100, "height": 100}
    crowd = thing(1, [0, 0, 50, 50]) | {"iscrowd": 1}
    detections = [thing(1, [10, 10, 20, 20], 0.9), thing(1, [70, 70, 20, 20], 0.8)]
    judged = judge(image, [crowd, thing(1, [70, 70, 20, 20])], detections, {1: "cell"})
    assert [box.kind for box in judged.boxes] == ["found", "right"]


def test_time_grows_with_the_images_not_with_their_square():
    """4,000 images with 10 objects each: seconds of this process, where reading all annotations for each image took minutes."""
    from time import process_time

    from boxwright.report.artifacts import Evaluation
    from boxwright.report.worst_images import pictures

    images = [{"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 100} for i in range(4_000)]
    boxes = [thing(1, [9 * k, 0, 8, 8], 0.9) | {"image_id": i} for i in range(4_000) for k in range(10)]
    groundtruth = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cell"}]}
    evaluation = Evaluation(metrics={}, groundtruth=groundtruth, detections=boxes, precision_recall="", errors={})
    start = process_time()
    assert pictures(evaluation, None) == []
    assert process_time() - start < 20


def test_pictures_are_only_images_with_errors_worst_first(run_folder):
    from boxwright.report.artifacts import _evaluation
    from boxwright.report.worst_images import pictures

    found = pictures(_evaluation(str(run_folder / "float")), run_folder / "records")
    assert [p.filename for p in found] == ["2.jpg"]
    assert sorted(box.kind for box in found[0].boxes) == ["found", "missed", "right", "wrong"]
    assert found[0].uri.startswith("data:image/jpeg;base64,")
