# environment: data
"""Which boxes are stored, and why others are not. The fast path gives the same results as the slow one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxwright.convert.plan import box_checks
from boxwright.convert.plan.box_checks import Fix
from boxwright.convert.reading.source import Object

WIDTH, HEIGHT = 64, 48
OBJECT_SIDES = ("left", "top", "right", "bottom")
EDGES = [0.0, -0.0, 1.0, 63.0, 64.0, 48.0, 47.5, 64.5, -0.5, math.nan, math.inf, -math.inf, 1e-9, 1e300]
coordinates = st.sampled_from(EDGES) | st.floats(-2, 70) | st.integers(-2, 70)


@given(
    box=st.tuples(*[coordinates] * 4),
    fractions=st.booleans(),
    fix=st.sampled_from(["clip", "drop", "fail"]),
)
def test_fast_path_equals_slow_path(box, fractions, fix):
    left, top, right, bottom = box
    item = Object("a", (left / WIDTH, top / WIDTH, right / WIDTH, bottom / WIDTH) if fractions else box)
    frame = (WIDTH, WIDTH) if fractions else (WIDTH, HEIGHT)
    left, top, right, bottom = item.box_xyxy
    scaled = (left * WIDTH, top * WIDTH, right * WIDTH, bottom * WIDTH) if fractions else box
    short = box_checks.check(item, *frame, fractions=fractions, fix=fix)
    assert short == box_checks._check_closely(scaled, *frame, fix)


def judged(box_xyxy, fix: Fix = "drop"):
    """(left, top, right, bottom) as stored, in pixels; whether it was clipped; the reason if there is none."""
    box_yxyx, cut, fault, _ = box_checks.check(Object("a", box_xyxy), WIDTH, HEIGHT, fractions=False, fix=fix)
    top, left, bottom, right = box_yxyx or (math.nan,) * 4
    return (left * WIDTH, top * HEIGHT, right * WIDTH, bottom * HEIGHT), cut > 0, fault and fault.reason


@pytest.mark.parametrize(
    ("side", "outwards", "edge"), [(0, -1, 0), (1, -1, 0), (2, 1, WIDTH), (3, 1, HEIGHT)], ids=OBJECT_SIDES
)
def test_boxes_over_each_edge(side, outwards, edge):
    """One pixel is rounding. More is clipped or rejected. A box that only touches the image is outside."""
    inside = (8.0, 12.0, 24.0, 36.0)

    def at(pixels):
        return (*inside[:side], edge + outwards * pixels, *inside[side + 1 :])

    assert judged(at(0)) == judged(at(1)) == (at(0), False, None)
    assert judged(at(1.25))[1:] == (False, "partly_outside")
    assert judged(at(1.25), "clip") == (at(0), True, None)
    beyond = list(at(16))
    beyond[(side + 2) % 4] = edge
    assert judged(tuple(beyond), "clip")[1:] == (False, "outside")


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((8, 12, 8, 36), "zero_area"),
        ((8, 12, 8.005, 36), "zero_area"),
        ((8, 12, 24, 12.005), "zero_area"),
        ((8, 12, 8.02, 12.02), None),
        ((24, 12, 8, 36), "inverted"),
        ((8, 36, 24, 12), "inverted"),
        ((8, 12, math.nan, 36), "not_a_number"),
    ],
)
def test_unusable_boxes(box, reason):
    assert judged(box)[2] == reason
