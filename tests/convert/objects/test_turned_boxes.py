# environment: data
"""The upright box around a turned rectangle, and the unit of angles."""

import math
import random

import pytest

from boxwright.convert.objects.turned_boxes import box_around_turned, in_radians, unit_of


@pytest.mark.parametrize(
    ("degrees", "half"),
    [(0, (20, 10)), (90, (10, 20)), (-90, (10, 20)), (45, (30 / math.sqrt(2), 30 / math.sqrt(2))), (180, (20, 10))],
)
def test_box_around(degrees, half):
    box = box_around_turned(100, 50, 40, 20, in_radians(degrees, "degrees"))
    assert box == pytest.approx((100 - half[0], 50 - half[1], 100 + half[0], 50 + half[1]))


def test_an_angle_that_is_no_number():
    assert all(map(math.isnan, box_around_turned(100, 50, 40, 20, math.inf)))


def drawn(low, high, count=34, seed=0):
    values = random.Random(seed)
    return [values.uniform(low, high) for _ in range(count)]


@pytest.mark.parametrize(
    ("angles", "unit"),
    [
        (drawn(0, math.pi), "radians"),
        (drawn(-math.pi / 2, math.pi / 2), "radians"),
        (drawn(-math.pi / 4, math.pi * 3 / 4), "radians"),
        ([0.785, 1.571, 0.524, 0.785, 0], "radians"),
        (drawn(0, 180), "degrees"),
        (drawn(-90, 0), "degrees"),
        (drawn(0, 360), "degrees"),
        ([30, 30, 45], "degrees"),
        ([45.0] * 3, "degrees"),
        ([0, 0], "degrees"),
        ([0.3] * 34, None),
        ([0.785] * 34, None),
        (drawn(-3, 3, 8), None),
        (drawn(0, 1), None),
        (drawn(7, 60), None),
        ([400.0, 20.0], None),
        ([math.nan, 1.0], None),
        ([90.0, math.nan], None),
        ([math.inf], None),
    ],
)
def test_unit(angles, unit):
    assert unit_of(angles) == unit


def test_objects_a_little_askew_have_no_certain_unit():
    """Degrees of a normal distribution around 0: they may look like radians, but they do not fill a range."""
    sets = [[random.Random(seed * 100 + i).gauss(0, 1.2) for i in range(34)] for seed in range(100)]
    assert sum(unit_of(angles) == "radians" for angles in sets) <= 5
