# environment: train
"""One training step, checked by hand and on the OD API's model."""

from typing import Any

import numpy as np
import pytest

from boxwright.core.od_api import detection_model, tf
from boxwright.core.od_api.fields import Fields
from boxwright.core.od_api.learning_rate import CosineWithWarmup
from boxwright.train.loop.input_pipeline import batches
from boxwright.train.loop.train_step import stage_variables, train_step
from boxwright.train.loop.training_loop import Training
from boxwright.train.loop.validation import Validation
from boxwright.train.weights.initial_weights import Source


class OneWeight:
    """A model with one weight w: the losses are 2 w and 3 w, the regularisation is w squared."""

    def __init__(self):
        self.weight = tf.Variable(tf.constant(1.0))

    def provide_groundtruth(self, **_):
        pass

    def predict(self, images, shapes):
        return {}

    def loss(self, predicted, shapes):
        return {"Loss/classification_loss": 2 * self.weight, "Loss/localization_loss": 3 * self.weight}

    def regularization_losses(self):
        return [self.weight**2]


def test_one_step_by_hand_with_momentum():
    """Rate .1, momentum .9. At 1 the slope is 2 + 3 + 2 w = 7: by -.7 to .3. There it is 5.6: by .9 * -.7 - .56 to -.89."""
    model: Any = OneWeight()
    optimizer = tf.keras.optimizers.legacy.SGD(0.1, momentum=0.9)
    batch = (
        {Fields.image: tf.zeros([1, 8, 8, 3]), Fields.true_image_shape: tf.constant([[8, 8, 3]])},
        {Fields.groundtruth_boxes: tf.zeros([1, 1, 4]), Fields.groundtruth_classes: tf.zeros([1, 1, 2])},
    )
    step_function = train_step(model, optimizer, [model.weight])
    assert [float(loss) for loss in step_function(*batch)] == pytest.approx([2, 3, 1])
    assert float(model.weight) == pytest.approx(0.3)
    step_function(*batch)
    assert float(model.weight) == pytest.approx(-0.89)


def test_head_stage_and_batch_norm(tiny_records, tiny_recipe, tmp_path):
    """A head step changes all kernels except the backbone's. Batch norm is updated in the step, but not while detecting.

    The OD API's batch norm follows Keras's global learning phase, which our training step must set itself.
    """
    training = Training(tiny_recipe, tiny_records, Source("none"), tmp_path)
    model = training.model
    moving = [v for v in detection_model.variables(model) if "moving_mean" in v.name]
    kernels = [v for v in model.trainable_variables if "kernel" in v.name]
    means, weights = ([v.numpy() for v in kind] for kind in (moving, kernels))
    Validation(model, tiny_recipe, tiny_records)()
    assert moving and all((v.numpy() == before).all() for v, before in zip(moving, means, strict=True))
    step_function = train_step(model, training.optimizer, stage_variables(model, "head"))
    step_function(*next(iter(batches(tiny_recipe, tiny_records, model))))
    assert all((v.numpy() != before).any() for v, before in zip(moving, means, strict=True))
    backbone = detection_model.backbone_refs(model)
    for variable, before in zip(kernels, weights, strict=True):
        assert (variable.numpy() == before).all() == (variable.ref() in backbone), variable.name


def test_variables_of_a_stage(tiny_model):
    backbone = detection_model.backbone_refs(tiny_model)
    assert len(stage_variables(tiny_model, "all")) == len(tiny_model.trainable_variables)
    assert not {v.ref() for v in stage_variables(tiny_model, "head")} & backbone


def test_learning_rate_equals_the_od_apis(tiny_recipe):
    from object_detection.utils import learning_schedules

    schedule = CosineWithWarmup(tiny_recipe)
    for at in (0, 2, 4, 14, 24):
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            args = {"learning_rate_base": 0.02, "total_steps": 24, "warmup_learning_rate": 0.002, "warmup_steps": 4}
            reference = session.run(learning_schedules.cosine_decay_with_warmup(tf.constant(at), **args))
        np.testing.assert_allclose(schedule(tf.constant(at, tf.int64)), reference, rtol=1e-6)
    assert float(schedule(tf.constant(0))) == pytest.approx(0.002)
    assert float(schedule(tf.constant(24))) == pytest.approx(0, abs=1e-8)
