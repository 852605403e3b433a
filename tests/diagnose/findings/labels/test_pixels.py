# environment: data
"""Flaws that only pixels show: shifted boxes and objects that are upside down. By hand, then planted over twenty seeds."""

import drawn_pictures as pictures
import numpy as np
import pytest
from present import present

from boxwright.diagnose.findings.labels import shifted_boxes, upside_down
from boxwright.diagnose.measures.object_crops import MARGIN, SIDE, Crops, cut

WIDE = SIDE + 2 * MARGIN


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
    names = np.array([str(n) for n in range(len(ids))])
    crops = Crops(pixels, ids, alone, splits, names, sides=np.full(len(ids), 40))  # the smallest that `pictures` draws
    names = ("cat", "dog")
    found = [shifted_boxes.judge(crops, names), upside_down.judge(crops, names)]
    return {f.key: f.severity for f in found if f}


# The share of the cats with the flaw, and the only expected finding.
FLAWS = {"shifted": (0.1, "shifted_boxes"), "turned": (0.3, "upside_down")}


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
