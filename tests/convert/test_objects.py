"""Boxes beyond all doubt are told at once; what is told of them is the same."""

import math

from hypothesis import given
from hypothesis import strategies as st

from boxwright.convert import objects
from boxwright.convert.source import Object

WIDTH, HEIGHT = 64, 48
EDGES = [0.0, -0.0, 1.0, 63.0, 64.0, 48.0, 47.5, 64.5, -0.5, math.nan, math.inf, -math.inf, 1e-9, 1e300]
coordinates = st.sampled_from(EDGES) | st.floats(-2, 70) | st.integers(-2, 70)


@given(
    box=st.tuples(*[coordinates] * 4),
    fractions=st.booleans(),
    fix=st.sampled_from(["clip", "drop", "fail"]),
)
def test_the_short_way_gives_what_the_long_one_does(box, fractions, fix):
    item = Object("a", tuple(side / WIDTH for side in box) if fractions else box)
    frame = (WIDTH, WIDTH) if fractions else (WIDTH, HEIGHT)
    scaled = tuple(side * WIDTH for side in item.box_xyxy) if fractions else box
    short = objects.judge(item, *frame, fractions=fractions, fix=fix)
    assert short == objects._judge_closely(scaled, *frame, fix)
