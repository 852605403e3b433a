# environment: data
"""Which flips fit, by names and by measured shares, worked out by hand."""

import numpy as np
import pytest

from boxwright.diagnose.orientation import flips, told
from boxwright.diagnose.orientation.features import TURNS
from boxwright.diagnose.orientation.measure import Orientation
from boxwright.diagnose.orientation.told import TurnsTold

# Shares of the pictures in which a flip up and down, a flip left and right, a half and a quarter turn are told.
UP, LAMP, ROUND, SIDED, CARDS = (
    (0.9, 0.5, 0.9, 0.9),
    (0.75, 0.75, 0.68, 0.8),
    (0.5,) * 4,
    (1.0,) * 4,
    (0.73, 0.7, 0.45, 0.8),
)
ALWAYS, NEVER = told.mean(np.ones(100)), told.mean(np.full(100, 0.5))


def turns(shares, n=200):
    """What is told of n pictures. The same pictures are told first, whatever the turn is."""
    return TurnsTold(
        {turn: (np.arange(n) < round(n * share)).astype(float) for turn, share in zip(TURNS, shares, strict=True)}
    )


def judged(classes, objects=ROUND, scenes=ROUND, n=200, scenes_n=None, of_class=None, larger_below=NEVER):
    measured = Orientation(
        objects=turns(objects, n),
        of_class={name: turns(shares, n) for name, shares in (of_class or {}).items()},
        scenes=turns(scenes, n if scenes_n is None else scenes_n),
        larger_below=larger_below,
    )
    found = flips.judge(classes, measured)
    return (found.horizontal.fits, found.vertical.fits), found.vertical


@pytest.mark.parametrize(
    ("classes", "measured", "fit", "why"),
    [
        # A lamp, or cells that all lie one way, do not give cells an up.
        (["rbc", "wbc"], {"objects": UP, "scenes": UP}, (True, True), "things under a microscope have no up: rbc, wbc"),
        (
            ["rbc", "person"],
            {"objects": UP},
            (True, False),
            "these classes have an up, and nothing shows them at all angles: person",
        ),
        (
            ["car"],
            {"objects": LAMP, "scenes": ROUND},
            (True, False),
            "these classes have an up, and nothing shows them at all angles: car",
        ),
        # Cars from a drone, by pixels or by the other classes.
        (["car"], {}, (True, True), "the objects are seen at all angles"),
        (["small-vehicle", "ship"], {"objects": LAMP}, (True, True), "these are classes of views from above"),
        (
            ["x"],
            {"objects": UP},
            (True, False),
            "the objects have an up: one upside down stands out in 90% of 200 different pictures",
        ),
        (["x"], {"of_class": {"x": ROUND, "y": UP}}, (True, False), "y has an up: one upside down stands out in 90%"),
        (
            ["x"],
            {"objects": UP, "n": 10},
            (True, False),
            "10 different pictures are too few to measure it",
        ),
        (["x"], {"n": 39}, (True, False), "39 different pictures are too few"),
        (["x"], {}, (True, True), "the objects are seen at all angles"),
        (["x"], {"scenes": UP}, (True, False), "the images have an up, such as sky above ground"),
        (["screw"], {"objects": LAMP, "n": 10}, (True, True), "these things have no up of their own"),
        (["screw", "x", "y"], {"n": 10}, (True, False), "nothing shows"),
        (["screw"], {"objects": UP}, (True, False), "the objects have an up: one upside down stands out"),
        (["screw"], {"scenes": UP, "n": 30}, (True, False), "the images have an up"),
        (["screw"], {"n": 30, "larger_below": ALWAYS}, (True, False), "the camera looks along the ground"),
        (["x"], {"objects": LAMP}, (True, True), "the images are views from above"),
        (["x"], {"objects": LAMP, "scenes": LAMP}, (True, True), "the light has a side, but the objects have no up"),
        (["x"], {"objects": LAMP, "scenes_n": 5}, (True, False), "nothing shows"),
        (["x"], {"objects": LAMP, "n": 60, "scenes": LAMP}, (True, False), "nothing shows"),
        (["x"], {"objects": CARDS, "scenes": CARDS}, (True, False), "nothing shows"),
        (["x"], {"objects": LAMP, "scenes": ROUND, "of_class": {"x": UP}}, (True, False), "x has an up"),
        (
            ["x"],
            {"objects": SIDED},
            (False, False),
            "the objects have a left and a right: a mirrored one stands out in 100%",
        ),
        # One background is one witness: a fixed camera says nothing about sides. The mean of an up and no side is an up.
        (["x"], {"objects": SIDED, "scenes_n": 5}, (True, False), "nothing shows"),
        (["cell"], {"objects": SIDED}, (True, True), "things under a microscope"),
        (["left hand", "cell"], {}, (False, False), "the class name left hand says left, right or which way round"),
        (list("ABCDEF"), {}, (False, False), "letters or digits"),
    ],
)
def test_flips_follow_names_and_shares(classes, measured, fit, why):
    fits, vertical = judged(classes, **measured)
    assert fits == fit and why in vertical.reason


def test_evidence_names_the_class_and_its_interval():
    _, vertical = judged(["x", "y"], of_class={"y": UP})
    (row,) = vertical.evidence
    assert (row.subject, row.value, row.n) == ("y", 0.9, 200) and row.interval
    assert row.interval[0] < 0.9 < row.interval[1]


def test_shares_are_within_0_and_1():
    _, vertical = judged(["x"], objects=(1.0, 0.5, 1.0, 1.0), n=20)
    assert all(0 <= side <= 1 for row in vertical.evidence for side in row.interval or ())


def test_many_names_are_counted_not_listed():
    _, vertical = judged([f"car {n}" for n in range(500)], objects=UP)
    assert len(vertical.reason) < 200
