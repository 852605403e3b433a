# environment: train
"""Our own crop: its window, and what training sees of an image through it."""

import functools

import numpy as np
import pytest

from boxwright.core.augmentations import crop
from boxwright.core.od_api import tf
from boxwright.core.od_api.augmentation import augmenter, crop_views
from boxwright.core.od_api.fields import Fields
from boxwright.core.recipe import Augmentation

SHAPES = [(480, 640), (640, 480), (900, 90), (7, 11), (1, 1)]


@functools.cache
def windows(size, least_area=0.5625, stretch=1.16, draws=400):
    """(draws, 4): top, left, height and width in pixels."""

    @tf.function(autograph=False)
    def drawn():
        return tf.map_fn(
            lambda place: crop.window(tf.constant(size), tf.stack([place, 3]), least_area, stretch), tf.range(draws)
        )

    return drawn().numpy()


@pytest.mark.parametrize("size", SHAPES)
def test_a_window_is_in_the_image(size):
    begin, sides = windows(size)[:, :2], windows(size)[:, 2:]
    assert begin.min() >= 0 and sides.min() >= 1 and (begin + sides <= size).all()


@pytest.mark.parametrize("size", SHAPES[:3])
def test_portrait_and_landscape_keep_their_own_shape(size):
    """Up to the rounding to whole pixels: half of one in 90 * .75."""
    shares = windows(size)[:, 2:] / size
    stretch = shares[:, 1] / shares[:, 0]
    assert 1 / 1.17 < stretch.min() < 1 / 1.1 and 1.1 < stretch.max() < 1.17
    assert 0.55 < shares.prod(1).min() < 0.6 and shares.prod(1).max() > 0.95


def test_a_window_can_be_at_every_edge():
    """The OD API's never touches the bottom or the right edge unless it is as high or as wide as the image."""
    smaller = windows((7, 11))[(windows((7, 11))[:, 2:] < (7, 11)).all(1)]
    ends = smaller[:, :2] + smaller[:, 2:]
    assert (
        set(smaller[:, 0]) >= {0} and set(ends[:, 0]) >= {7} and set(smaller[:, 1]) >= {0} and set(ends[:, 1]) >= {11}
    )


def test_a_whole_image_stays_whole():
    assert (windows((480, 640), least_area=1.0, stretch=1.0) == (0, 0, 480, 640)).all()


def seen(recipe, image, boxes, place=0):
    """What training sees: (image at the input size, boxes_yxyx)."""
    tensors = {
        Fields.groundtruth_boxes: tf.constant(boxes, tf.float32),
        Fields.groundtruth_classes: tf.ones([len(boxes)], tf.int64),
        Fields.groundtruth_weights: tf.ones([len(boxes)]),
    }
    pixels = functools.partial(crop_views.pixels_of, tf.constant(image))
    done = augmenter.preprocess(tensors, tf.shape(image)[:2], pixels, recipe, tf.constant([place, 5]))
    return done[Fields.image].numpy(), done[Fields.groundtruth_boxes].numpy()


def with_options(recipe, *options):
    return recipe.model_copy(update={"augmentation": options})


def our_crop(**options):
    return Augmentation(name="crop", options={"probability": 1.0, **options}, reason="test")


@pytest.mark.parametrize("flips", [(), ("random_horizontal_flip",), ("random_vertical_flip", "random_horizontal_flip")])
def test_the_box_stays_on_its_object(tiny_recipe, flips):
    """A bright square in 12 draws: all that is bright at the input is in the box, up to a pixel."""
    image = np.zeros((120, 160, 3), np.uint8)
    image[30:80, 40:120] = 255
    others = [Augmentation(name=name, reason="test") for name in flips]
    recipe = with_options(tiny_recipe, our_crop(), *others)
    views = [seen(recipe, image, [[30 / 120, 40 / 160, 80 / 120, 120 / 160]], place) for place in range(12)]
    for picture, (box,) in views:
        bright = np.argwhere(picture[..., 0] > 127)
        edges = np.concatenate([bright.min(0), bright.max(0) + 1])
        assert edges == pytest.approx(box * tiny_recipe.input_size, abs=2)
    assert len({tuple(box) for _, (box,) in views}) == 12


def test_drops_boxes_that_are_hardly_visible(tiny_recipe):
    """The image's bottom edge and a box of the whole image, in 40 draws."""
    boxes = [[0.9, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]
    image = np.zeros((120, 160, 3), np.uint8)
    kept = [len(seen(with_options(tiny_recipe, our_crop()), image, boxes, place)[1]) for place in range(40)]
    strict = [
        len(seen(with_options(tiny_recipe, our_crop(visible=1.0)), image, boxes, place)[1]) for place in range(40)
    ]
    assert set(kept) == {1, 2} and set(strict) == {0}


def test_crops_as_often_as_the_recipe_says(tiny_recipe):
    """100 draws at 65 %: the standard error is 5 draws. An uncropped box keeps its place, bit for bit."""
    recipe = with_options(tiny_recipe, our_crop(probability=0.65, visible=0.0))
    box = np.array([[0.3, 0.3, 0.6, 0.6]], np.float32)
    image = np.zeros((120, 160, 3), np.uint8)
    cropped = sum((seen(recipe, image, box, place)[1] != box).any() for place in range(100))
    assert 50 <= cropped <= 80


def test_only_the_crop_needs_no_whole_image(tiny_recipe):
    rotate = Augmentation(name="rotate", reason="test")
    assert not augmenter.changes_pixels(with_options(tiny_recipe, our_crop()))
    assert augmenter.changes_pixels(with_options(tiny_recipe, our_crop(), rotate))
