"""One step of training: the losses of a batch, their gradients, and the change of the variables."""

from collections.abc import Callable, Sequence
from typing import Any

from boxwright.core.od_api import detection_model, tf
from boxwright.core.od_api.detection_model import DetectionModel, Tensors
from boxwright.core.od_api.training_losses import losses

Optimizer = Any  # a legacy Keras optimizer; the type stubs lack its methods
TrainStep = Callable[[Tensors, Tensors], Sequence[tf.Tensor]]


def train_step(model: DetectionModel, optimizer: Optimizer, variables: Sequence[tf.Variable]) -> TrainStep:
    """A traced function (features, labels) -> (classification, localization, regularization loss) that changes `variables`.

    Under a strategy with several replicas each gets its share of the batch, and the gradients are averaged, as in the OD API's
    `train_loop`: batch norm and the loss see one share at a time.
    """
    strategy = tf.distribute.get_strategy()

    def on_replica(features: Tensors, labels: Tensors) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            found = losses(model, features, labels)
            # The replicas' gradients are added up.
            share = found.total / strategy.num_replicas_in_sync
        optimizer.apply_gradients(zip(tape.gradient(share, variables), variables, strict=True))
        return found.classification, found.localization, found.regularization

    @tf.function(autograph=False)
    def step(features: Tensors, labels: Tensors) -> list[tf.Tensor]:
        found = strategy.run(on_replica, (features, labels))
        return [strategy.reduce(tf.distribute.ReduceOp.MEAN, loss, axis=None) for loss in found]

    return step


def stage_variables(model: DetectionModel, trainable: str) -> list[tf.Variable]:
    """The variables that a stage trains: all, or all but the backbone's if `trainable` is `head`."""
    frozen = detection_model.backbone_refs(model) if trainable == "head" else set()
    return [v for v in model.trainable_variables if v.ref() not in frozen]
