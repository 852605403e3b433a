# environment: train
"""Objects that an augmentation takes out of the anchors' reach."""

import math

import numpy as np
import pytest

from boxwright.augment import anchor_reach
from boxwright.augment.anchor_reach import Loss
from boxwright.augment.draw import Sample
from boxwright.core import recipe as recipes


def test_rejects_an_option_that_takes_objects_out_of_reach(tiny_records, tiny_recipe, monkeypatch):
    """Squares of 40 px in images of 160 x 120 are 32 x 43 px at the input of 128 px; anchors start at 32 px. A canvas of four
    times the side leaves 8 to 11 px. A flip changes nothing."""
    monkeypatch.setattr(anchor_reach, "_DRAWS", 200)
    zoom = recipes.Augmentation(name="zoom_out", options={"probability": 1.0, "largest": 4.0}, reason="")
    recipe = tiny_recipe.model_copy(update={"augmentation": (*tiny_recipe.augmentation, zoom)})
    within, (rejected,) = anchor_reach.within_reach(recipe, tiny_records)
    assert rejected.name == "zoom_out" and within == tiny_recipe
    assert rejected.loss.after > 0.5 and "zoom_out raises the share" in str(rejected)
    assert f"{rejected.loss.n} boxes of 8 images" in str(rejected)
    assert anchor_reach.within_reach(tiny_recipe, tiny_records) == (tiny_recipe, [])
    _, of_another_seed = anchor_reach.within_reach(recipe.model_copy(update={"seed": 7}), tiny_records)
    assert of_another_seed == [rejected]


def samples(images, objects, longest=0.4):
    """Images of 48 x 64 pixels with this many objects of 5 % of a side or more."""
    random = np.random.default_rng(0)
    sides = np.exp(random.uniform(math.log(0.05), math.log(longest), (images, objects, 2)))
    start = random.uniform(0, 1, sides.shape) * (1 - sides)
    black = np.zeros((48, 64, 3), np.uint8)
    return [Sample(black, boxes, np.ones(objects, int)) for boxes in np.concatenate([start, start + sides], 2)]


def padding(share):
    sides = {"max_height_padding": round(48 * share), "max_width_padding": round(64 * share)}
    return recipes.Augmentation(name="random_absolute_pad_image", options=sides, reason="")


@pytest.mark.parametrize(("share", "too_much"), [(0.1, False), (1.5, True)])
@pytest.mark.parametrize("objects", [1, 8])
def test_another_seed_gives_the_same_decision(tiny_recipe, share, too_much, objects, monkeypatch):
    monkeypatch.setattr(anchor_reach, "_DRAWS", 300)
    held = samples(60, objects)
    losses = [anchor_reach.loss(tiny_recipe, [padding(share)], held, 60, seed) for seed in range(3)]
    assert [loss.too_much for loss in losses] == [too_much] * 3
    for loss in losses:
        assert abs(loss.more - np.mean([other.more for other in losses])) < anchor_reach._ERRORS * loss.error


def test_compares_objects_with_themselves(tiny_recipe):
    """The crop keeps only whole objects. So large ones go, and small ones stay, which were out of reach from the start."""
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], *[[0.45, 0.45, 0.47, 0.47]] * 2])
    held = [Sample(np.zeros((48, 64, 3), np.uint8), boxes, np.ones(3, int))] * 10
    crop = recipes.Augmentation(name="crop", options={"probability": 1.0, "visible": 1.0}, reason="")
    loss = anchor_reach.loss(tiny_recipe, [crop], held, 10)
    assert loss.before == loss.after > 0.99 and not loss.too_much


def test_options_that_are_too_much_together_name_the_worst(tiny_recipe, monkeypatch):
    """Each zoom-out alone stays under the limit of this test; both together do not."""
    monkeypatch.setattr(anchor_reach, "_DRAWS", 300)
    held = samples(60, 8)
    options = [padding(0.4), padding(0.5).model_copy(update={"name": "random_pad_image", "options": {}})]
    alone = [anchor_reach.loss(tiny_recipe, [option], held, 60) for option in options]
    both = anchor_reach.loss(tiny_recipe, options, held, 60)
    least = [loss.more - 3 * loss.error for loss in (*alone, both)]
    assert max(least[:2]) < least[2]
    monkeypatch.setattr(anchor_reach, "LIMIT", (max(least[:2]) + least[2]) / 2)
    recipe = tiny_recipe.model_copy(update={"augmentation": tuple(options)})
    rejected = anchor_reach.worst(recipe, held, 60)
    assert rejected and rejected.name == "random_pad_image" and rejected.loss == both
    assert "random_absolute_pad_image, random_pad_image together raise the share" in str(rejected)


@pytest.mark.parametrize(
    ("before", "after", "error", "too_much"),
    [
        (0.0, 0.05, 0.0, False),
        (0.3, 0.36, 0.0, True),
        (0.3, 0.36, 0.01, False),
        (0.3, 0.4, 0.01, True),
        (0.5, 0.3, 0.0, False),
        (0.0, 1.0, math.inf, False),
    ],
)
def test_rejects_only_what_certainly_exceeds_the_limit(before, after, error, too_much):
    assert Loss(("zoom_out",), before, after, error, 100, 10).too_much == too_much


def test_a_sample_of_images_is_less_certain_than_all(tiny_recipe, monkeypatch):
    """Half of the images hold small objects, which all get lost; the others lose none. Draws do not differ, images do."""
    monkeypatch.setattr(anchor_reach, "_DRAWS", 40)
    black = np.zeros((48, 64, 3), np.uint8)
    held = [Sample(black, np.array([[0.1, 0.1, 0.1 + side, 0.1 + side]]), np.ones(1, int)) for side in (0.26, 0.9) * 4]
    zoom = recipes.Augmentation(
        name="random_pad_image", options={"min_image_height": 96, "min_image_width": 128}, reason=""
    )
    all_, some = (anchor_reach.loss(tiny_recipe, [zoom], held, total) for total in (8, 10_000))
    assert all_.more == some.more == pytest.approx(0.5) and all_.too_much
    assert all_.error == 0 and some.error == pytest.approx(0.5 / math.sqrt(7), rel=0.01) and not some.too_much


def test_variance_is_that_of_a_ratio():
    """Ten images of 30 draws with one object each: every image loses all or none."""
    lost, draw_of = np.repeat([0.0, 1.0] * 5, 30), np.arange(300)
    assert anchor_reach._variance(lost, draw_of // 30, 10) == pytest.approx(0.25 / 9)
    assert anchor_reach._variance(lost, draw_of, 300, 30) == 0.0
    assert anchor_reach._variance(lost, np.zeros(300, int), 1) == math.inf


def test_images_without_objects_reject_nothing(tiny_recipe):
    assert not anchor_reach.loss(tiny_recipe, [padding(1.0)], samples(3, 0), 3).too_much


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((0.3, 0.3, 0.55, 0.55), 0.0),
        ((0.3, 0.3, 0.31, 0.31), 1.0),
        # Half of an anchor of a quarter: in the middle of the cell from 8/16 to 9/16, as wide and half as high.
        ((7.5 / 16, 6.5 / 16, 9.5 / 16, 10.5 / 16), 0.0),
        ((7.6 / 16, 6.5 / 16, 9.4 / 16, 10.5 / 16), 1.0),
    ],
)
def test_measures_the_unreachable_share(tiny_recipe, box, share):
    assert anchor_reach._unreachable(np.array([box]), tiny_recipe).mean() == share
    assert not len(anchor_reach._unreachable(np.zeros((0, 4)), tiny_recipe))
