# environment: data
"""The laboratory of flips: scenes with and without an up are told apart by pixels. The class names say nothing, except for cells:
a lamp that shines from above looks like an up."""

import drawn_scenes as scenes
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.object_crops import WHOLE, Crops, cut
from boxwright.diagnose.orientation import flips, measure

PICTURES = 100
# what is drawn: (the function, its settings, whether a horizontal flip fits, whether a vertical one does)
DRAWN = {
    "animals, halves alike": (scenes.upright, {}, True, False),
    "animals, the lower half stands out less": (scenes.upright, {"halves": 60.0}, True, False),
    "animals, the lower half stands out more": (scenes.upright, {"halves": -60.0}, True, False),
    "one animal a picture": (scenes.upright, {"count": 1}, True, False),
    "cars from above": (scenes.from_above, {}, True, True),
    "cells under a lamp": (scenes.microscope, {}, True, True),
    "letters": (scenes.letters, {}, False, False),
}


def drawn(what, seed, pictures=PICTURES):
    """(crops, tables) of pictures that are drawn with one seed."""
    random = np.random.default_rng(seed)
    draw, settings, *_ = DRAWN[what]
    found, images, names, sides = [], [], [], []
    for number in range(pictures):
        pixels, objects = draw(random, **settings)
        boxes = np.array([[y, x, y + h, x + w] for _, x, y, w, h in objects]) / scenes.SIDE
        crops = list(cut(pixels, boxes, np.array([id for id, *_ in objects])))
        found += crops
        names += [f"{number}.png"] * len(crops)
        sides += [
            {"image_id": number, **dict(zip(("ymin", "xmin", "ymax", "xmax"), box, strict=True))} for box in boxes
        ]
        images.append(
            np.asarray(Image.fromarray(pixels).resize((WHOLE, WHOLE), Image.Resampling.BOX)) / np.float32(255)
        )
    grey, ids, alone = (np.array(values) for values in zip(*found, strict=True))
    table = pd.DataFrame({"image_id": range(pictures), "width": scenes.SIDE, "height": scenes.SIDE, "split": "train"})
    objects = pd.DataFrame(sides).assign(split="train", class_id=1, **{"class": "kind"})
    crops = Crops(grey, ids, alone, np.full(len(ids), "train"), np.array(names), np.array(images))
    return crops, Data(("cell" if draw == scenes.microscope else "kind",), table, objects)


def judged(what, seed):
    """Whether a horizontal and a vertical flip fit."""
    crops, data = drawn(what, seed)
    found = flips.judge(data.classes, measure.measure(crops, data, seed))
    return found.horizontal.fits, found.vertical.fits


@pytest.mark.parametrize("what", DRAWN)
def test_flips_are_judged_by_pixels(what):
    assert [judged(what, seed) for seed in range(2)] == [DRAWN[what][2:]] * 2


@pytest.mark.slow
@pytest.mark.parametrize("what", DRAWN)
def test_flips_are_judged_right_in_9_of_10_seeds(what):
    assert np.mean([judged(what, seed) == DRAWN[what][2:] for seed in range(100, 120)]) >= 0.9


@pytest.mark.slow
def test_upright_scenes_are_not_turned_in_any_of_60_seeds():
    upright = [what for what, (*_, vertical) in DRAWN.items() if not vertical]
    assert not any(judged(what, seed)[1] for what in upright for seed in range(200, 212))


def test_copies_of_a_few_letters_prove_no_side():
    """Six pictures, twenty noisy copies of each: six witnesses are too few."""
    few, data = drawn("letters", 0, 6)
    random = np.random.default_rng(0)
    noisy = [np.tile(some, (20, 1, 1)) for some in (few.pixels, few.scenes)]
    pixels, images = (np.clip(some + random.normal(0, 0.02, some.shape), 0, 1).astype(np.float32) for some in noisy)
    ids, splits, alone = (np.tile(some, 20) for some in (few.class_ids, few.splits, few.alone))
    names = np.array([f"{copy} {name}" for copy in range(20) for name in few.filenames])
    found = measure.measure(Crops(pixels, ids, alone, splits, names, images), data, 0)
    assert found.objects.share("mirrored").n <= 6 and found.scenes.share("mirrored").n <= 6
    assert flips.judge(data.classes, found).horizontal.fits
