# environment: train
"""The images of a trial, the pairs of class numbers and classes, and the intervals, with values worked out by hand."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from boxwright.examine import trial
from boxwright.examine.reading.reading import Feeding, Reading
from boxwright.examine.running.raw import Detector, Image, Raw


def truth(*objects: tuple[int, int], crowds=()) -> Any:
    """objects: (image id, class id)."""
    rows = [
        {"id": i, "image_id": image, "category_id": name, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": i in crowds}
        for i, (image, name) in enumerate(objects)
    ]
    images = [{"id": i, "file_name": f"{i}.jpg", "height": 100, "width": 100} for i in (1, 2, 3, 4, 5, 6)]
    return {"images": images, "annotations": rows, "categories": [{"id": i, "name": f"c{i}"} for i in (1, 2, 3)]}


CHOSEN = {
    "all": (truth((1, 1), (3, 2)), 10, [1, 3]),
    "no objects": (truth(), 10, []),
    "crowds do not count": (truth((1, 1), (2, 1), crowds=(0,)), 10, [2]),
    "none is asked for": (truth((1, 1)), 0, []),
}


@pytest.mark.parametrize(("groundtruth", "most", "expected"), CHOSEN.values(), ids=CHOSEN)
def test_first_images(groundtruth, most, expected):
    assert trial.first_images(groundtruth, most) == expected


def test_each_class_is_among_the_first_images():
    rows = [(image, 1) for image in (1, 2, 3, 4)] + [(5, 2), (6, 3)]
    assert {5, 6} < set(trial.first_images(truth(*rows), 3))


def test_images_of_a_part_are_numbered_from_one():
    part, new = trial.of_images(truth((2, 1), (5, 2), (6, 3)), [2, 6])
    assert [one["id"] for one in part["images"]] == [1, 2]
    assert [(one["image_id"], one["category_id"]) for one in part["annotations"]] == [(1, 1), (2, 3)]
    assert new == {2: 1, 6: 2}


@dataclass
class Fixed:
    """A detector that gives the same numbers for each image."""

    given: Raw
    detector = Detector(kind="ssd", height=0, width=0, takes="", scaling="pixels")

    def raw(self, image, feeding) -> Raw:
        return self.given


def fixed(boxes, scores, classes, groundtruth) -> trial.Trial:
    raw = Raw(boxes=np.array(boxes, float).reshape(-1, 4), scores=np.array(scores), classes=np.array(classes, int))
    return trial.Trial(Fixed(raw), [Image(1, "1.jpg", np.zeros((100, 100, 3), np.uint8))], groundtruth, "abc")


HIT, MISS = (0.1, 0.1, 0.3, 0.3), (0.6, 0.6, 0.9, 0.9)
READ = Reading(feeding=Feeding(), classes=(1, 2, 3))
PAIRS = {
    # An object counts for the highest score that hits it: class number 2 for class id 1.
    "highest": ([HIT, HIT], [0.5, 0.9], [0, 2], {(1, 2): 1}),
    "beside": ([MISS], [0.9], [0], {}),
    "no detection": ([], [], [], {}),
    "number out of range": ([HIT], [0.9], [7], {}),
    "negative number": ([HIT], [0.9], [-1], {}),
}


@pytest.mark.parametrize(("boxes", "scores", "classes", "expected"), PAIRS.values(), ids=PAIRS)
def test_pairs(boxes, scores, classes, expected):
    counts = fixed(boxes, scores, classes, truth((1, 1))).pairs(READ)
    assert {(int(r), int(c)): int(counts[r, c]) for r, c in np.argwhere(counts)} == expected


def test_the_number_of_classes_is_that_of_the_highest_number():
    assert fixed([HIT], [0.9], [4], truth((1, 1))).class_numbers(READ) == 5
    assert fixed([], [], [], truth((1, 1))).class_numbers(READ) == 0


def test_the_interval_of_equal_detectors_is_zero():
    draws = np.array([0.1, 0.5, 0.9])
    assert trial.paired_interval(draws, draws) == (0, 0)
    assert trial.paired_interval(draws, draws + 0.25) == pytest.approx((0.25, 0.25))
