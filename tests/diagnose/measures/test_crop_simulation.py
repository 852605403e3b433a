# environment: train
"""The simulated `ssd_random_crop`, by hand and against the OD API's own."""

from importlib.util import find_spec

import numpy as np
import pytest

from boxwright.diagnose.measures import crop_simulation

GRID = np.array([(y, x, y + 0.15, x + 0.15) for y in (0.05, 0.4, 0.8) for x in (0.05, 0.4, 0.8)])


def test_crops_are_in_the_image_and_of_the_right_area():
    random = np.random.default_rng(0)
    for aspect in (0.5, 1.0, 4 / 3, 3.0):
        windows = np.array([crop_simulation.random_window(GRID, aspect, random)[0] for _ in range(300)])
        areas = np.prod(windows[:, 2:] - windows[:, :2], axis=1)
        assert windows.min() >= 0 and windows.max() <= 1 + 1e-9
        assert areas.min() >= 0.0999 and areas.max() <= 1 + 1e-9


def test_a_single_object_is_never_lost():
    """The crop must overlap an object, and there is only one."""
    effect = crop_simulation.simulate([(np.array([[0.4, 0.4, 0.6, 0.6]]), 1.0)], 500, seed=0)
    assert (effect.draws, effect.dropped) == (500, 0.0)


def test_an_object_that_fills_the_image_is_cut():
    effect = crop_simulation.simulate([(np.array([[0.0, 0.0, 1.0, 1.0]]), 1.0)], 500, seed=0)
    assert effect.cut > 0.4


@pytest.mark.skipif(not find_spec("object_detection"), reason="the OD API is in the train environment")
def test_loses_as_many_objects_as_the_od_api():
    """600 crops of nine objects by each; the shares of lost objects agree to 5 points (three standard errors)."""
    from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001

    import tensorflow as tf
    from object_detection.core import preprocessor
    from tensorflow.python.framework.config import disable_op_determinism

    disable_op_determinism()  # an earlier training in this process may have enabled it, which forbids unseeded draws
    tf.random.set_seed(0)
    image, boxes = tf.zeros([60, 80, 3]), tf.constant(GRID, tf.float32)

    @tf.function
    def kept():
        return tf.shape(preprocessor.ssd_random_crop(image, boxes, tf.ones([9], tf.int32), tf.ones([9]))[1])[0]

    theirs = 1 - np.mean([kept().numpy() for _ in range(600)]) / 9
    ours = crop_simulation.simulate([(GRID, 80 / 60)], 6_000, seed=0).dropped
    assert ours == pytest.approx(theirs, abs=0.05)
