# environment: data
"""Flaws that only pixels show: boxes beside their objects, objects on their head. By hand, then planted over twenty seeds."""

import drawn_pictures as pictures
import numpy as np
import pytest

from boxwright.diagnose.findings import label_quality
from boxwright.diagnose.findings.label_quality import MARGIN, SIDE, Crops

WIDE = SIDE + 2 * MARGIN


def cut(pixels, objects):
    boxes = np.array([[y, x, y + h, x + w] for _, (x, y, w, h) in objects]) / [*pixels.shape, *pixels.shape]
    return label_quality.cut(pixels, boxes, [class_id for class_id, _ in objects])


def square(down=0, right=0):
    """A crop of a white square on black that lies `down` and `right` pixels from where its box says."""
    pixels = np.zeros((WIDE, WIDE))
    pixels[MARGIN + down : MARGIN + down + SIDE, MARGIN + right : MARGIN + right + SIDE] = 1
    return pixels


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (0, -4), (-6, 6), (7, -7)])
def test_offset_of_a_square(down, right):
    assert label_quality.offsets(square(down, right)[None]) == pytest.approx(np.array([[down, right]]) / SIDE)


@pytest.mark.parametrize(
    ("off", "hits"),
    [
        ([0.0] * 9 + [0.125], 1),
        ([0.0] * 9 + [0.08], 0),  # less than .12 of a side
        ([0.125] * 10, 0),  # all alike: the class is drawn with a margin
        ([0.0] * 7 + [0.2] * 3, 0),  # a quarter and more: the edges are not where this can see them
    ],
)
def test_moved_boxes(off, hits):
    assert label_quality.moved(np.array([[0.0, value] for value in off])).sum() == hits


def test_a_crop_is_the_box_with_a_third_around_it():
    """A white square of 24 px in an image of 72: the crop shows it pixel for pixel, and goes on where the image ends."""
    pixels = np.zeros((72, 72), np.uint8)
    pixels[40:64, 48:72] = 255
    ((crop, class_id, alone),) = cut(pixels, [(2, [48, 40, 24, 24])])
    assert class_id == 2 and alone
    assert crop[MARGIN:-MARGIN, MARGIN:].min() == 1 and crop[:MARGIN].max() == 0 and crop[:, :MARGIN].max() == 0


def test_objects_that_overlap_are_not_asked_where_their_edges_are():
    """Of forty squares five are overlapped by others, whose edges lie beside their boxes; the boxes are right all the same."""
    pixels = np.stack([square()] * 35 + [square(6, 6)] * 5).astype(np.float32)
    names = np.array(["train"] * 40)

    def findings(alone):
        return label_quality.findings(Crops(pixels, np.ones(40, int), alone, names, names), ["cat"])

    assert [f.key for f in findings(np.ones(40, bool))] == ["shifted_boxes.cat"]
    assert findings(np.arange(40) < 35) == []
    touching = [(1, [0, 0, 20, 20]), (1, [20, 0, 20, 20]), (1, [30, 10, 20, 20])]
    assert [alone for *_, alone in cut(np.zeros((72, 72), np.uint8), touching)] == [True, False, False]


def test_small_objects_are_not_looked_at():
    assert list(cut(np.zeros((50, 50), np.uint8), [(1, [0, 0, 11, 30])])) == []


def test_poles():
    """Seven stand, three are on their head; the majority is the way up. Flat, and random, objects have no up."""
    standing = np.zeros((WIDE, WIDE))
    standing[: WIDE // 2] = 1
    assert label_quality.poles(np.stack([standing] * 7 + [standing[::-1]] * 3)).tolist() == [1] * 7 + [-1] * 3
    assert label_quality.poles(np.full((40, WIDE, WIDE), 0.5)) is None
    assert label_quality.poles(np.random.default_rng(0).random((40, WIDE, WIDE))) is None


def test_objects_at_all_angles_have_no_up():
    angles = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    y, x = np.mgrid[0:WIDE, 0:WIDE] - (WIDE - 1) / 2
    assert label_quality.poles(np.stack([(np.cos(a) * y + np.sin(a) * x > 0).astype(float) for a in angles])) is None


def looked_at(seed, **flaws):
    """Findings on 160 training and 40 validation pictures, without files."""
    random = np.random.default_rng(seed)
    found = [
        (*crop, "train" if n < 160 else "val") for n in range(200) for crop in cut(*pictures.draw(random, **flaws))
    ]
    pixels, ids, alone, splits = (np.array(values) for values in zip(*found, strict=True))
    return {
        f.key: f.severity
        for f in label_quality.findings(
            Crops(pixels, ids, alone, splits, np.array([str(n) for n in range(len(ids))])), ["cat", "dog"]
        )
    }


# The share of the cats that is flawed, and the finding that must be the only one.
FLAWS = {"shifted": (0.1, "shifted_boxes.cat"), "turned": (0.3, "upside_down.cat")}


def rate(flaw, seeds):
    share, expected = FLAWS[flaw]
    return np.mean([looked_at(seed, **{flaw: share}) == {expected: "high"} for seed in seeds])


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_planted_flaw_is_found_and_no_other_is(flaw):
    assert rate(flaw, range(2)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("flaw", FLAWS)
def test_it_is_in_nine_seeds_of_ten(flaw):
    assert rate(flaw, range(100, 120)) >= 0.9


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_said_of_clean_pictures(seed):
    assert looked_at(seed) == {}


@pytest.mark.slow
def test_nothing_is_said_of_clean_pictures_in_nineteen_seeds_of_twenty():
    assert np.mean([looked_at(seed) == {} for seed in range(100, 120)]) >= 0.95


def test_what_lies_behind_the_objects():
    """Two objects of one image: the medians of what is around them, and nothing of what they are."""
    whole = label_quality.SIDE + 2 * label_quality.MARGIN
    pixels = np.full((3, whole, whole), 0.2, np.float32)
    pixels[1], pixels[2] = 0.4, 0.5
    pixels[2, : whole // 2] = 0.7
    pixels[:, label_quality.MARGIN : -label_quality.MARGIN, label_quality.MARGIN : -label_quality.MARGIN] = 1
    found = Crops(
        pixels, np.array([1, 1, 2]), np.ones(3, bool), np.array(["train"] * 3), np.array(["a.jpg", "a.jpg", "b.jpg"])
    )
    cat, dog = label_quality.behind(found, ["cat", "dog"]).to_dict("records")
    assert (cat["filename"], cat["class"], dog["class"]) == ("a.jpg", "cat", "dog")
    assert (cat["brightness behind it"], cat["texture behind it"]) == pytest.approx((0.3, 0), abs=1e-6)
    assert (dog["brightness behind it"], dog["texture behind it"]) == pytest.approx((0.6, 0.1), abs=1e-6)
