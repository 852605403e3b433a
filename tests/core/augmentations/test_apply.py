# environment: train
"""Our own augmentations, checked by hand in eager mode and in tf.data."""

import math

import numpy as np
import pytest
from present import present

from boxwright.core.augmentations import (
    AUGMENTATIONS,
    copy_paste,
    cutmix,
    examples,
    mixup,
    mosaic,
    rotate,
    shear,
    zoom_out,
)
from boxwright.core.od_api import tf

SEED = (3, 5)


def blank(boxes, value=0.0, shape=(8, 8)):
    return examples.example(np.full((*shape, 3), value), np.reshape(boxes, (-1, 4)), np.arange(1, len(boxes) + 1))


def matrix(degrees):
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return tf.constant([[cos, -sin], [sin, cos]])


def test_a_quarter_turn_moves_pixels_and_box_alike():
    image = np.zeros((8, 8, 3))
    image[1:3, 4:7] = 200
    turned = examples.affine(examples.example(image, [[1 / 8, 4 / 8, 3 / 8, 7 / 8]], [1]), matrix(90))
    # x' = 8 - y, y' = x: columns 5..7, rows 4..7
    np.testing.assert_allclose(turned["boxes_yxyx"], [[4 / 8, 5 / 8, 7 / 8, 7 / 8]], atol=1e-6)
    expected = np.zeros((8, 8))
    expected[4:7, 5:7] = 200
    np.testing.assert_allclose(turned["image"][:, :, 0], expected, atol=1e-2)


def test_a_turned_box_is_the_hull_of_its_corners():
    turned = examples.affine(blank([[0.25, 0.25, 0.75, 0.75]]), matrix(45))
    half = 0.25 * math.sqrt(2)
    np.testing.assert_allclose(turned["boxes_yxyx"], [[0.5 - half, 0.5 - half, 0.5 + half, 0.5 + half]], atol=1e-6)


def test_shear_moves_corners_in_pixels():
    # 8 high, 16 wide; x moves by 1/2 of the distance from the middle row: corners at -4 and +4 px move by -2 and +2 px.
    sheared = examples.affine(blank([[0.0, 0.25, 1.0, 0.75]], shape=(8, 16)), tf.constant([[1.0, 0.5], [0.0, 1.0]]))
    np.testing.assert_allclose(sheared["boxes_yxyx"], [[0.0, 2 / 16, 1.0, 14 / 16]], atol=1e-6)


@pytest.mark.parametrize(
    ("moved", "most"),
    [
        (lambda one, seed: rotate.apply([one], 8, seed, degrees=10, visible=0), math.tan(math.radians(10))),
        (lambda one, seed: shear.apply([one], 8, seed, slope=0.2, visible=0), 0.2),
    ],
    ids=["rotate", "shear"],
)
def test_turns_in_both_directions_up_to_the_limit(moved, most):
    """The sideways move of a mark below the centre, as a share of its distance from the centre, in 20 draws."""
    marks = [moved(blank([[0.89, 0.49, 0.91, 0.51]]), (3, seed))["boxes_yxyx"][0].numpy() for seed in range(20)]
    ways = [(left + right - 1) / (top + bottom - 1) for top, left, bottom, right in marks]
    assert -most <= min(ways) < -most / 2 and most / 2 < max(ways) <= most


def test_uncovered_pixels_have_the_images_mean_colour():
    turned = examples.affine(examples.example(np.full((8, 8, 3), (30, 60, 90)), np.zeros((0, 4)), []), matrix(45))
    np.testing.assert_allclose(turned["image"], np.full((8, 8, 3), (30, 60, 90)), atol=1e-3)


@pytest.mark.parametrize(("left", "kept", "dropped"), [(-0.5, 1, 0), (-0.7, 0, 1), (-1.5, 0, 1), (0.0, 1, 0)])
def test_drops_and_counts_boxes_that_are_hardly_visible(left, kept, dropped):
    cut = examples.clipped(blank([[0.0, left, 1.0, left + 1.0]]), tf.constant([0.0, 0.0, 1.0, 1.0]), 0.4)
    assert (len(cut["class_ids"]), int(cut["dropped"])) == (kept, dropped)


def test_zoom_out_moves_pixels_and_box_alike():
    image = np.pad(np.full((2, 4, 3), 90.0), ((2, 4), (1, 3), (0, 0)))
    out = zoom_out.apply([examples.example(image, [[2 / 8, 1 / 8, 4 / 8, 5 / 8]], [1])], 8, SEED, largest=2.0)
    height, width = out["image"].numpy().shape[:2]
    top, left, bottom, right = np.rint(out["boxes_yxyx"][0] * [height, width, height, width]).astype(int)
    assert (bottom - top, right - left) == (2, 4) and 8 <= height <= 16
    np.testing.assert_allclose(out["image"][top:bottom, left:right], 90, atol=1e-4)


def test_zoom_out_places_the_image_anywhere():
    """In 20 draws, the canvas is up to twice as large, and the space above the image may be more or less than on its left."""
    one = blank([[0, 0, 1, 1]], shape=(64, 64))
    boxes = [zoom_out.apply([one], 8, (3, seed), largest=2.0)["boxes_yxyx"][0] for seed in range(20)]
    sides = [float(bottom - top) for top, _, bottom, _ in boxes]
    assert 0.5 <= min(sides) < 0.6 and 0.9 < max(sides) <= 1
    assert {bool(top > left) for top, left, _, _ in boxes} == {True, False}


def test_mosaic_moves_boxes_with_their_tiles():
    four = [blank([[0.4, 0.4, 0.6, 0.6]], value) for value in (10, 20, 30, 40)]
    out = mosaic.apply(four, 8, SEED, visible=0.0)
    y, x = np.array(tf.random.stateless_uniform([2], SEED, 2, 7, tf.int32))
    assert [float(out["image"][at][0]) for at in ((0, 0), (0, 7), (7, 0), (7, 7))] == [10, 20, 30, 40]
    assert float(out["image"][y - 1, x - 1, 0]) == 10 and float(out["image"][y, x, 0]) == 40
    first = np.clip(np.array([0.4, 0.4, 0.6, 0.6]) + np.tile([y / 8 - 1, x / 8 - 1], 2), 0, np.tile([y / 8, x / 8], 2))
    np.testing.assert_allclose(out["boxes_yxyx"][0], first, atol=1e-6)


def test_mixup_halves_the_images_and_keeps_all_boxes():
    two = [blank([[0, 0, 1, 1]], 100), blank([[0, 0, 0.5, 0.5], [0.5, 0, 1, 1]], 50)]
    out = mixup.apply(two, 8, SEED)
    assert float(out["image"][0, 0, 0]) == 75 and list(out["class_ids"].numpy()) == [1, 1, 2]


@pytest.mark.parametrize("seed", [(3, 5), (3, 6), (3, 7), (3, 8)])
def test_cutmix_drops_hidden_boxes_and_cuts_new_ones(seed):
    top, left = np.rint(np.array(tf.random.stateless_uniform([2], seed, 0.0, 0.5)) * 8).astype(int)
    window = np.array([top, left, top + 4, left + 4]) / 8
    out = cutmix.apply([blank([window, [0, 0, 1, 1]], 10), blank([[0, 0, 1, 1], window], 20)], 8, seed)
    # The hidden box of `one` is dropped. So is the box of `other` that covers its whole image: a quarter is in the window.
    np.testing.assert_allclose(out["boxes_yxyx"], np.array([[0, 0, 1, 1], window]), atol=1e-6)
    expected = np.full((8, 8), 10)
    expected[top : top + 4, left : left + 4] = 20
    np.testing.assert_array_equal(out["image"][:, :, 0], expected)
    assert int(out["dropped"]) == 2


def test_copy_paste_drops_what_it_covers():
    one = blank([[0, 0, 0.5, 0.25], [0.5, 0.5, 1, 1]], 10)
    out = copy_paste.apply([one, blank([[0, 0, 0.5, 0.25]], 20)], 8, SEED, chance=1.0)
    np.testing.assert_allclose(out["boxes_yxyx"], [[0.5, 0.5, 1, 1], [0, 0, 0.5, 0.25]])
    expected = np.full((8, 8), 10)
    expected[:4, :2] = 20
    np.testing.assert_array_equal(out["image"][:, :, 0], expected)
    assert int(out["dropped"]) == 1


@pytest.mark.parametrize("boxes", [[], [[0.1, 0.2, 0.6, 0.7], [0.0, 0.5, 0.3, 1.0]]], ids=["no box", "two boxes"])
@pytest.mark.parametrize("name", [name for name, one in AUGMENTATIONS.items() if one.apply])
def test_tf_data_gives_the_same_as_eager_mode(name, boxes):
    image = np.random.default_rng(0).uniform(0, 255, (8, 8, 3))
    one = examples.example(image, np.reshape(boxes, (-1, 4)), np.arange(len(boxes)))
    augmentation = AUGMENTATIONS[name]
    settings = augmentation.complete({})
    del settings["probability"]

    def apply(one):
        return present(augmentation.apply)([one] * augmentation.images, 8, SEED, **settings)

    eager = apply(one)
    (inside,) = tf.data.Dataset.from_tensors(one).map(apply)
    for key, value in eager.items():
        np.testing.assert_allclose(value, inside[key], atol=1e-3)
