"""Training on several GPUs of one machine: each computes its share of every batch, and the gradients are averaged."""

from boxwright.core.od_api import tf
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError


def require_gpus(count: int) -> None:
    """Makes only `count` GPUs visible, or one if `count` is 0 and there is one. TensorFlow fills the memory of all it sees.

    Raises UserError if TensorFlow sees fewer than `count`.
    """
    found = tf.config.list_physical_devices("GPU")
    if count > len(found):
        raise UserError(
            f"--gpus {count}: TensorFlow sees {len(found)} here. On a cluster, compile with `boxwright compile --gpu`, and check "
            "that the nodes for training have GPUs and their driver"
        )
    if found:
        tf.config.set_visible_devices(found[: max(count, 1)], "GPU")


def require_even_batch(count: int, recipe: Recipe) -> None:
    """Raises UserError if the batch cannot be divided evenly among the GPUs."""
    if count > 1 and recipe.batch_size % count:
        raise UserError(
            f"--gpus {count}: they cannot share the recipe's batch of {recipe.batch_size} images evenly. Give another number of "
            "GPUs, or change batch_size in the recipe and, by the same factor, learning_rate.base"
        )


def strategy(count: int) -> tf.distribute.Strategy:
    """The strategy in whose scope the model is made and trained."""
    if count < 2:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([f"GPU:{number}" for number in range(count)])


def notice(recipe: Recipe) -> str:
    """What differs from training on one device; empty on one."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    if replicas == 1:
        return ""
    return (
        f"Trained on {replicas} devices: batch norm and the loss saw {recipe.batch_size // replicas} of the "
        f"{recipe.batch_size} images of a batch at a time."
    )
