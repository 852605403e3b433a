# environment: data
"""Flaws that only pixels show: shifted boxes and objects that are upside down. By hand, then planted over twenty seeds."""

import drawn_pictures as pictures
import numpy as np
import pytest
from present import present

from boxwright.diagnose.findings.labels import shifted_boxes, upside_down
from boxwright.diagnose.measures.object_crops import MARGIN, SIDE, Crops, cut

WIDE = SIDE + 2 * MARGIN


def square(down=0, right=0):
    """A crop of a white square on black that is `down` and `right` pixels away from its box."""
    pixels = np.zeros((WIDE, WIDE))
    pixels[MARGIN + down : MARGIN + down + SIDE, MARGIN + right : MARGIN + right + SIDE] = 1
    return pixels


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (0, -4), (-6, 6), (7, -7)])
def test_measures_how_far_a_square_is_from_its_box(down, right):
    assert shifted_boxes.offsets(square(down, right)[None]) == pytest.approx(np.array([[down, right]]) / SIDE)


@pytest.mark.parametrize(
    ("off", "hits"),
    [
        ([0.0] * 9 + [0.125], 1),
        ([0.0] * 9 + [0.08], 0),  # less than .12 of a side
        ([0.125] * 10, 0),  # all are alike: the class is boxed with a margin
        ([0.0] * 7 + [0.2] * 3, 0),  # a quarter or more: the class has no clear edges
    ],
)
def test_a_box_is_shifted_compared_with_its_class(off, hits):
    assert shifted_boxes.shifted(np.array([[0.0, value] for value in off])).sum() == hits


def test_overlapped_objects_are_not_judged():
    """Other boxes overlap five of forty squares. Edges are beside these five boxes, but the boxes are right."""
    pixels = np.stack([square()] * 35 + [square(6, 6)] * 5).astype(np.float32)
    names = np.array(["train"] * 40)
    crops = Crops(pixels, np.ones(40, int), np.ones(40, bool), names, names)
    assert present(shifted_boxes.judge(crops, 1, "cat")).subject == "cat"
    assert shifted_boxes.judge(Crops(pixels, np.ones(40, int), np.arange(40) < 35, names, names), 1, "cat") is None


def test_finds_objects_that_are_upside_down():
    """Seven are upright, three upside down: the majority is upright. Flat and random objects have no upright orientation."""
    standing = np.zeros((WIDE, WIDE))
    standing[: WIDE // 2] = 1
    signs = present(upside_down.poles(np.stack([standing] * 7 + [standing[::-1]] * 3)))
    assert signs.tolist() == [1] * 7 + [-1] * 3
    assert upside_down.poles(np.full((40, WIDE, WIDE), 0.5)) is None
    assert upside_down.poles(np.random.default_rng(0).random((40, WIDE, WIDE))) is None


def test_objects_at_all_angles_have_no_upright_orientation():
    angles = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    y, x = np.mgrid[0:WIDE, 0:WIDE] - (WIDE - 1) / 2
    assert upside_down.poles(np.stack([(np.cos(a) * y + np.sin(a) * x > 0).astype(float) for a in angles])) is None


def found_in(seed, **flaws):
    """Findings on 160 training and 40 validation images, without files."""
    random = np.random.default_rng(seed)
    objects = []
    for n in range(200):
        pixels, drawn = pictures.draw(random, **flaws)
        boxes = np.array([[y, x, y + h, x + w] for _, (x, y, w, h) in drawn]) / pixels.shape[0]
        split = "train" if n < 160 else "val"
        objects += [(*crop, split) for crop in cut(pixels, boxes, np.array([class_id for class_id, _ in drawn]))]
    pixels, ids, alone, splits = (np.array(values) for values in zip(*objects, strict=True))
    crops = Crops(pixels, ids, alone, splits, np.array([str(n) for n in range(len(ids))]))
    found = [
        *(shifted_boxes.judge(crops, i, n) for i, n in ((1, "cat"), (2, "dog"))),
        upside_down.judge(crops, ("cat", "dog")),
    ]
    return {f.key: f.severity for f in found if f}


# The share of the cats with the flaw, and the only expected finding.
FLAWS = {"shifted": (0.1, "shifted_boxes.cat"), "turned": (0.3, "upside_down")}


def rate(flaw, seeds):
    share, expected = FLAWS[flaw]
    return np.mean([found_in(seed, **{flaw: share}) == {expected: "high"} for seed in seeds])


@pytest.mark.parametrize("flaw", FLAWS)
def test_finds_the_planted_flaw_and_no_other(flaw):
    assert rate(flaw, range(2)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("flaw", FLAWS)
def test_finds_it_in_9_of_10_seeds(flaw):
    assert rate(flaw, range(100, 120)) >= 0.9


@pytest.mark.parametrize("seed", range(2))
def test_finds_nothing_in_clean_images(seed):
    assert found_in(seed) == {}


@pytest.mark.slow
def test_finds_nothing_in_clean_images_in_19_of_20_seeds():
    assert np.mean([found_in(seed) == {} for seed in range(100, 120)]) >= 0.95
