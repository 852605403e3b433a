"""The losses of a batch, with the OD API's target assignment and loss functions."""

from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf
from object_detection import model_lib

from boxwright.core.od_api.detection_model import DetectionModel, set_phase
from boxwright.core.od_api.fields import Fields


class Losses(NamedTuple):
    """Scalar losses. `total` adds them in this order, which affects the last bits of the gradients."""

    localization: tf.Tensor
    classification: tf.Tensor
    regularization: tf.Tensor

    @property
    def total(self) -> tf.Tensor:
        """The sum of the three losses."""
        return tf.add_n(list(self))


def losses(model: DetectionModel, features: Mapping[str, tf.Tensor], labels: Mapping[str, tf.Tensor]) -> Losses:
    """The model's losses on a batch, in the training phase, in which batch norm updates its statistics.

    features, labels: from the training input. The regularisation loss is the sum over all regularised variables.
    """
    set_phase(model, training=True)
    model_lib.provide_groundtruth(model, model_lib.unstack_batch(labels, unpad_groundtruth_tensors=False))
    shapes = features[Fields.true_image_shape]
    found = model.loss(model.predict(features[Fields.image], shapes), shapes)
    return Losses(
        localization=found["Loss/localization_loss"],
        classification=found["Loss/classification_loss"],
        regularization=tf.add_n(model.regularization_losses()),
    )
