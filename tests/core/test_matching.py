# environment: data
"""Detections matched to objects, by hand."""

import pytest

from boxwright.core import matching

HERE, AWAY = [0, 0, 10, 10], [50, 50, 10, 10]


def thing(box, category=1, score=None):
    return {"bbox": box, "category_id": category, "image_id": 1} | ({} if score is None else {"score": score})


@pytest.mark.parametrize(
    ("objects", "detections", "same_class", "matched"),
    [
        ([thing(HERE)], [thing(HERE, score=0.9)], True, {0: 0}),
        ([thing(HERE)], [thing([0, 0, 10, 5], score=0.9)], True, {0: 0}),  # IoU 0.5
        ([thing(HERE)], [thing([0, 0, 10, 4.9], score=0.9)], True, {}),
        ([thing(HERE, 2)], [thing(HERE, 1, 0.9)], True, {}),
        ([thing(HERE, 2)], [thing(HERE, 1, 0.9)], False, {0: 0}),
        ([thing(HERE)], [thing([0, 0, 10, 8], score=0.8), thing([0, 0, 10, 6], score=0.9)], True, {1: 0}),
        ([thing(AWAY), thing(HERE)], [thing([0, 0, 10, 9], score=0.3), thing(AWAY, score=0.2)], True, {0: 1, 1: 0}),
        (  # the higher score takes the object with the highest IoU; the other detection takes the other object
            [thing(HERE), thing([4, 0, 10, 10])],
            [thing([3, 0, 10, 10], score=0.9), thing(HERE, score=0.8)],
            True,
            {0: 1, 1: 0},
        ),
        ([], [thing(HERE, score=0.9)], False, {}),
        ([thing(HERE)], [], False, {}),
    ],
    ids=[
        "equal", "IoU 0.5", "less", "other class", "any class", "higher score first", "two",
        "each its own", "no object", "no detection",
    ],
)  # fmt: skip
def test_match(objects, detections, same_class, matched):
    assert matching.match(objects, detections, same_class=same_class) == matched


def test_half_inside_a_crowd():
    """Half of the first detection and two fifths of the second are in the crowd `right`."""
    found = [thing(HERE, score=0.9), thing([-1, 0, 10, 10], score=0.8)]
    right, below = thing([5, 0, 95, 100]), thing([-50, 5, 150, 95])
    assert matching.in_crowd(found, [below, right], same_class=True).tolist() == [True, True]
    assert matching.in_crowd(found, [right], same_class=True).tolist() == [True, False]
    assert matching.in_crowd(found, [], same_class=True).tolist() == [False, False]


def test_a_crowd_of_another_class():
    found, crowds = [thing(HERE, 1, 0.9)], [thing(HERE, 2)]
    assert matching.in_crowd(found, crowds, same_class=True).tolist() == [False]
    assert matching.in_crowd(found, crowds, same_class=False).tolist() == [True]


def test_group_by_image():
    things = [{"image_id": 2, "n": 1}, {"image_id": 1, "n": 2}, {"image_id": 2, "n": 3}]
    assert {image: [one["n"] for one in found] for image, found in matching.group_by_image(things).items()} == {
        2: [1, 3], 1: [2]
    }  # fmt: skip
