"""One training step: the losses of a batch, their gradients, and the update of the variables."""

from collections.abc import Callable, Sequence
from typing import Any

from boxwright.core.od_api import detection_model, tf
from boxwright.core.od_api.detection_model import DetectionModel, Tensors
from boxwright.core.od_api.training_losses import losses

Optimizer = Any  # a legacy Keras optimizer; the type stubs lack its methods
TrainStep = Callable[[Tensors, Tensors], Sequence[tf.Tensor]]


def train_step(model: DetectionModel, optimizer: Optimizer, variables: Sequence[tf.Variable]) -> TrainStep:
    """A tf.function (features, labels) -> scalar losses (classification, localization, regularization). It updates `variables`.

    With several replicas, each computes its share of the batch, and the gradients are averaged, as in the OD API's
    `train_loop`. Batch norm and the loss use one share at a time.
    """
    strategy = tf.distribute.get_strategy()

    def on_replica(features: Tensors, labels: Tensors) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            found = losses(model, features, labels)
            # apply_gradients sums the gradients of the replicas; the division makes the sum an average.
            share = found.total / strategy.num_replicas_in_sync
        optimizer.apply_gradients(zip(tape.gradient(share, variables), variables, strict=True))
        return found.classification, found.localization, found.regularization

    @tf.function(autograph=False)
    def step(features: Tensors, labels: Tensors) -> list[tf.Tensor]:
        found = strategy.run(on_replica, (features, labels))
        return [strategy.reduce(tf.distribute.ReduceOp.MEAN, loss, axis=None) for loss in found]

    return step


def stage_variables(model: DetectionModel, trainable: str) -> list[tf.Variable]:
    """The variables that a stage trains. `trainable`: `all`, or `head` for all except the backbone's."""
    frozen = detection_model.backbone_refs(model) if trainable == "head" else set()
    return [v for v in model.trainable_variables if v.ref() not in frozen]
