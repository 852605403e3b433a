"""Matching of objects and detections, by hand."""

import pytest

from boxwright.report.worst import inside, iou, match


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, 0, 10, 10], [0, 0, 10, 10], 1.0),
        ([0, 0, 10, 10], [5, 0, 10, 10], 50 / 150),
        ([0, 0, 10, 10], [10, 0, 10, 10], 0.0),
        ([0, 0, 0, 0], [0, 0, 0, 0], 0.0),
        ([0, 0, 10, 10], [2, 2, 5, 5], 0.25),
    ],
)
def test_iou(a, b, expected):
    assert iou(a, b) == pytest.approx(expected)
    assert iou(b, a) == pytest.approx(expected)


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
    assert inside([0, 0, 10, 10], [5, 0, 100, 100])
    assert not inside([0, 0, 10, 10], [6, 0, 100, 100])


def test_pictures_are_only_images_with_errors_worst_first(run_folder):
    from boxwright.report.gathered import _evaluation
    from boxwright.report.worst import pictures

    found = pictures(_evaluation(str(run_folder / "float")), run_folder / "records")
    assert [p.filename for p in found] == ["2.jpg"]
    assert sorted(box.kind for box in found[0].boxes) == ["found", "missed", "right", "wrong"]
    assert found[0].uri.startswith("data:image/jpeg;base64,")
