# environment: train
"""Parts of the training loop by themselves: a step by hand, which steps are validated, on which images, and what is kept."""

import itertools

import numpy as np
import pytest
from object_detection.core import standard_fields

from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api import tf
from boxwright.core.od_api.image_preprocessing import decode
from boxwright.core.records import tfrecords
from boxwright.train import initial_weights, training_loop
from boxwright.train.train_step import train_step
from boxwright.train.validation import Validation


@pytest.fixture
def training(tiny_records, tiny_recipe, tmp_path):
    """An untrained training, from scratch."""
    return training_loop.Training(tiny_recipe, tiny_records, initial_weights.Source("none"), tmp_path)


class OneWeight:
    """Stands for the OD API's model: two losses, 2 w and 3 w, and a regularisation, w squared."""

    def __init__(self):
        self.weight = tf.Variable(1.0)

    def provide_groundtruth(self, **_):
        pass

    def predict(self, images, shapes):
        return {}

    def loss(self, predicted, shapes):
        return {"Loss/classification_loss": 2 * self.weight, "Loss/localization_loss": 3 * self.weight}

    def regularization_losses(self):
        return [self.weight**2]


def test_a_step_goes_down_all_three_losses_with_momentum():
    """Rate .1, momentum .9. At 1 the slope is 2 + 3 + 2 w = 7: by -.7 to .3. There it is 5.6: by .9 * -.7 - .56 to -.89."""
    model, fields = OneWeight(), standard_fields.InputDataFields
    optimizer = tf.keras.optimizers.legacy.SGD(0.1, momentum=0.9)
    batch = (
        {fields.image: tf.zeros([1, 8, 8, 3]), fields.true_image_shape: tf.constant([[8, 8, 3]])},
        {fields.groundtruth_boxes: tf.zeros([1, 1, 4]), fields.groundtruth_classes: tf.zeros([1, 1, 2])},
    )
    step_function = train_step(model, optimizer, [model.weight])
    assert [float(loss) for loss in step_function(*batch)] == pytest.approx([2, 3, 1])
    assert float(model.weight) == pytest.approx(0.3)
    step_function(*batch)
    assert float(model.weight) == pytest.approx(-0.89)


def test_the_last_step_is_validated_too(training, tiny_recipe, tiny_records, monkeypatch):
    """Every 10 of 24 steps."""
    training.recipe = tiny_recipe.model_copy(update={"evaluate_every": 10})
    monkeypatch.setattr(Validation, "__call__", lambda self: {"AP": 0.5, "AP50": 0.5, "per_class": {}})
    validation = Validation(training.model, tiny_recipe, tiny_records)
    training._run_stage(lambda: [0.1, 0.1, 0.1], itertools.repeat(()), 24, validation, training_loop.Progress(24, []))
    assert [e["step"] for e in training.history.evaluations] == [10, 20, 24]


def test_the_best_model_has_the_weights_of_the_best_validation(training):
    weight = models.variables(training.model)[0]
    for at, ap in ((8, 0.2), (16, 0.3), (24, 0.1)):
        weight.assign(tf.fill(weight.shape, float(at)))
        training._validate(at, {"AP": ap, "AP50": ap, "per_class": {}}, training_loop.Progress(24, []))
    assert (models.variables(training.best_model())[0].numpy() == 16).all()


def test_validation_detects_on_each_image(training, tiny_recipe, tiny_records):
    """Of a detector that says how bright an image is, by two at a time: three."""

    class Detector:
        batch_size = 2

        def __call__(self, images):
            return [(np.array([[0, 0, 1, 1]]), np.array([image.mean()]), np.array([1])) for image in images]

    validation = Validation(training.model, tiny_recipe, tiny_records)
    validation.detector = Detector()
    found = [(one["image_id"], one["score"]) for one in validation.detect()]
    images = [decode(record.encoded).mean() for record in tfrecords.read(tiny_records, "val")]
    assert len(set(images)) == 3 and found == list(enumerate(images, 1))
