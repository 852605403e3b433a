"""The GPUs of a machine: each computes its share of every batch, and their gradients are averaged."""

import tensorflow as tf

from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError


def require(count: int) -> None:
    """The GPUs that a training uses, and no others: TensorFlow fills the memory of all that it sees. count: those that must be
    there; with 0 one is used if there is one.

    Raises UserError when TensorFlow does not see as many.
    """
    found = tf.config.list_physical_devices("GPU")
    if count < 0:
        raise UserError(f"--gpus {count}: expected 0 (one, if there is one) or more")
    if count > len(found):
        raise UserError(
            f"--gpus {count}: TensorFlow sees {len(found)} here. On a cluster: compile with `boxwright compile --gpu`, and see "
            "that the nodes of the training have GPUs and their driver"
        )
    if found:
        tf.config.set_visible_devices(found[: max(count, 1)], "GPU")


def require_even(count: int, recipe: Recipe) -> None:
    """Raises UserError for a batch that cannot be shared out evenly."""
    if count > 1 and recipe.batch_size % count:
        raise UserError(
            f"--gpus {count}: they cannot share the recipe's batch of {recipe.batch_size} images evenly; give another number of "
            f"GPUs, or change batch_size and, by the same factor, learning_rate.base in the recipe"
        )


def strategy(count: int) -> tf.distribute.Strategy:
    """What to make and train the model in the scope of."""
    if count < 2:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([f"GPU:{number}" for number in range(count)])


def notice(recipe: Recipe) -> str:
    """What is otherwise in the scope of several than on one; empty for one."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    if replicas == 1:
        return ""
    return (
        f"Trained on {replicas} devices: batch norm and the loss saw {recipe.batch_size // replicas} of the "
        f"{recipe.batch_size} images of a batch at a time."
    )
