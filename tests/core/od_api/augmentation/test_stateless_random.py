# environment: train
"""The OD API's options with a seed: the OD API's results, and no draw from TensorFlow's stateful generators."""

from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001  (first: the OD API does not import without it)

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from object_detection import inputs
from object_detection.builders import preprocessor_builder
from object_detection.core import preprocessor, standard_fields

from boxwright.core import recipe as recipes
from boxwright.core.od_api.augmentation import augmenter, stateless_random, crop_views
from boxwright.core.od_api.pipeline_config import preprocessing_step
from boxwright.core.recipe import Augmentation

FIELDS = standard_fields.InputDataFields
STATEFUL = {
    "RandomUniform",
    "RandomUniformInt",
    "RandomStandardNormal",
    "RandomShuffle",
    "SampleDistortedBoundingBoxV2",
}
STOCK = recipes.stock("ssd_mobilenet_v1_ppn", ["a"], steps=10).augmentation


def tensors():
    return {
        FIELDS.groundtruth_boxes: tf.constant([[0.2, 0.2, 0.6, 0.6], [0.5, 0.1, 0.9, 0.3]]),
        FIELDS.groundtruth_classes: tf.constant([1, 2], tf.int64),
        FIELDS.groundtruth_weights: tf.ones([2]),
    }


def image():
    return tf.constant(np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8))


def drawn(recipe, run) -> Any:
    """A tf.function seed -> image, boxes and classes of `run(tensors, recipe, seed)`."""

    # AutoGraph is off, as in training. Converting the OD API's sources would take most of the test's time.
    @tf.function(input_signature=[tf.TensorSpec([2], tf.int32)], autograph=False)
    def traced(seed):
        done = run(tensors(), recipe, seed)
        return done[FIELDS.image], done[FIELDS.groundtruth_boxes], done[FIELDS.groundtruth_classes]

    return traced


def ours(decoded, recipe, seed):
    return augmenter.preprocess(
        decoded, tf.constant([120, 160]), lambda view: crop_views.pixels_of(image(), view), recipe, seed
    )


def theirs(decoded, recipe, seed):
    """The steps of `inputs.train_input` before the normalisation, with the same random numbers."""
    options = [preprocessor_builder.build(preprocessing_step(option)) for option in recipe.augmentation]
    with stateless_random.stateless(seed):
        done = inputs.augment_input_data(decoded | {FIELDS.image: image()}, options)
    resized, _ = preprocessor.resize_image(
        done[FIELDS.image], new_height=recipe.input_size, new_width=recipe.input_size
    )
    return done | {FIELDS.image: resized}


def option(name, **options):
    return Augmentation(name=name, options=options, reason="test")


SMALL = {"min_area": 0.1, "max_area": 0.5, "overlap_thresh": 0.4, "clip_boxes": True}
FLIPS = (option("random_horizontal_flip"), option("random_vertical_flip", probability=0.7))
PAD = option("random_absolute_pad_image", max_height_padding=40, max_width_padding=30)


@pytest.mark.parametrize(
    ("options", "tolerance"),
    [
        (STOCK, 0),
        ((*FLIPS, option("random_crop_image", **SMALL, random_coef=0.3)), 0),
        # A crop of a mirrored view, a crop of a crop, and boxes that are not clipped.
        (
            (
                option("random_crop_image", **SMALL),
                *FLIPS,
                option("random_crop_image", **SMALL | {"clip_boxes": False}),
            ),
            0,
        ),
        # The mean colour is summed in another order.
        ((*FLIPS, PAD), 1e-3),
        ((PAD, option("ssd_random_crop"), option("random_rotation90"), FLIPS[0]), 1e-3),
        ((option("random_absolute_pad_image", max_width_padding=30, max_height_padding=1),), 1e-3),
    ],
    ids=["zoo", "flips and crop", "crops", "pad", "pad first", "one side padded"],
)
def test_options_give_the_od_apis_pixels_and_boxes(options, tolerance, tiny_recipe):
    """The random numbers are the same. Boxes and classes are equal bit for bit, pixels within the tolerance."""
    recipe = tiny_recipe.model_copy(update={"augmentation": options})
    own, reference = drawn(recipe, ours), drawn(recipe, theirs)
    pictures = []
    for seed in range(12):
        image, *objects = (tensor.numpy() for tensor in own([3, seed]))
        their_image, *their_objects = (tensor.numpy() for tensor in reference([3, seed]))
        for one, other in zip(objects, their_objects, strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_allclose(image, their_image, rtol=0, atol=tolerance)
        pictures.append(image.tobytes())
    assert len(set(pictures)) > 6


def test_colours_after_the_resize_are_close_to_before(tiny_recipe):
    """Differences in 0..255 on noise, the worst case. Contrast uses the mean of fewer pixels; saturation is not linear."""
    names = ("random_adjust_brightness", "random_adjust_contrast", "random_adjust_saturation")
    colours = tuple(Augmentation(name=name, reason="test") for name in names)
    recipe = tiny_recipe.model_copy(update={"augmentation": colours})
    own, reference = drawn(recipe, ours), drawn(recipe, theirs)
    differences = np.array([np.abs(own([0, s])[0] - reference([0, s])[0]) for s in range(6)])
    assert 0 < differences.mean() < 5


@pytest.mark.parametrize(
    "name",
    [
        "random_horizontal_flip",
        "ssd_random_crop",
        "random_crop_image",
        "random_absolute_pad_image",
        "random_distort_color",
        "random_patch_gaussian",
        "random_jitter_boxes",
    ],
)
def test_no_option_uses_stateful_draws(name, tiny_recipe):
    recipe = tiny_recipe.model_copy(update={"augmentation": (Augmentation(name=name, reason="test"),)})
    graph = drawn(recipe, ours).get_concrete_function().graph.as_graph_def()
    operations = {node.op for function in graph.library.function for node in function.node_def}
    operations |= {node.op for node in graph.node}
    assert not operations & STATEFUL
    assert any(operation.startswith("Stateless") for operation in operations)


def test_seeds_beyond_int32_fit():
    assert list(stateless_random.seed_at(2**32 - 1, 5).numpy()) == [2**31 - 1, 5]
