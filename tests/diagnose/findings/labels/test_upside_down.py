# environment: data
"""Upside-down objects: one finding for all classes that have an up, and none for things that lie both ways."""

import numpy as np
import pytest
from present import present

from boxwright.diagnose.findings.labels import upside_down
from boxwright.diagnose.measures.object_crops import WHOLE, Crops

STANDING = np.zeros((WHOLE, WHOLE), np.float32)
STANDING[: WHOLE // 2] = 1


def crops(turned, pictures=None, class_ids=None):
    """Objects that are bright above, or below where `turned`. pictures: number of the picture of each; else each has its own."""
    pixels = np.stack([STANDING[::-1] if down else STANDING for down in turned])
    names = np.array([f"{n}.jpg" for n in (range(len(turned)) if pictures is None else pictures)])
    ids = np.ones(len(turned), int) if class_ids is None else np.array(class_ids)
    return Crops(pixels, ids, np.ones(len(turned), bool), np.full(len(turned), "train"), names)


def of(n, share):
    return [number < n * share for number in range(n)]


@pytest.mark.parametrize(
    ("share", "severity"), [(0.0, None), (0.02, None), (0.05, "medium"), (0.2, "high"), (0.35, "high"), (0.45, None)]
)
def test_a_minority_is_upside_down(share, severity):
    """Near one half, both ways are usual."""
    found = upside_down.judge(crops(of(100, share)), ["cat"])
    assert (found and found.severity) == severity


def test_two_classes_are_one_finding():
    turned = of(50, 0.2) + of(50, 0.1) + of(50, 0)
    found = present(upside_down.judge(crops(turned, class_ids=np.repeat([1, 2, 3], 50)), ["cat", "dog", "cow"]))
    assert [(row.subject, row.value, row.n) for row in found.evidence] == [("cat", 0.2, 50), ("dog", 0.1, 50)]
    assert (found.id, found.subject, found.severity) == ("upside_down", "", "high")
    assert found.title == "Some objects are upside down: 20% of cat, 10% of dog"
    assert found.items == tuple(f"{n}.jpg" for n in (*range(10), 50, 51)), "a dozen of the turned ones"


def test_few_of_many_classes_are_named():
    classes = [f"cat {n}" for n in range(40)]
    found = present(upside_down.judge(crops(of(40, 0.2) * 40, class_ids=np.repeat(range(1, 41), 40)), classes))
    assert len(found.title) < 100 and len(found.evidence) == 40


@pytest.mark.parametrize("name", ["rbc", "screw"])
def test_classes_without_an_up_are_not_judged(name):
    assert upside_down.judge(crops(of(100, 0.2)), [name]) is None


def test_objects_that_lie_both_ways_in_a_picture_may():
    """Ten cars on each of ten roads from above, two of them in the other lane. Where whole pictures are turned, it is one."""
    lanes = np.tile([True] * 2 + [False] * 8, 10)
    assert upside_down.judge(crops(lanes, np.repeat(range(10), 10)), ["car"]) is None
    pictures = np.repeat([True] * 2 + [False] * 8, 10)
    assert upside_down.judge(crops(pictures, np.repeat(range(10), 10)), ["car"])


def test_few_objects_are_not_judged():
    assert upside_down.judge(crops(of(29, 0.2)), ["cat"]) is None
