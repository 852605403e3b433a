# environment: train
"""A notice about images with more objects than a detector finds."""

from typing import Any

import pytest

from boxwright.evaluate import splits


def crowded(objects: int, crowds: int) -> Any:
    """An image with these numbers of objects and crowds, and one with a single object."""
    marks = [0] * objects + [1] * crowds
    annotations = [{"image_id": 1, "iscrowd": crowd} for crowd in marks] + [{"image_id": 2, "iscrowd": 0}]
    return {"images": [{"id": 1}, {"id": 2}], "annotations": annotations}


@pytest.mark.parametrize(("objects", "crowds"), [(0, 0), (100, 0), (99, 9)])
def test_no_notice_up_to_100_objects(objects, crowds):
    assert splits.crowded(crowded(objects, crowds)) == []


def test_a_notice_beyond_100_objects():
    (notice,) = splits.crowded(crowded(149, 5))
    assert (
        notice.startswith("1 of 2 images have more than 100 objects") and "49 of 150 objects cannot be found" in notice
    )
