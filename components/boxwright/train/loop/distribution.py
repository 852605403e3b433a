"""Training on several GPUs of one machine. Each GPU computes a share of every batch, and the gradients are averaged."""

from boxwright.core.od_api import tf
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError


def require_gpus(count: int) -> None:
    """Makes only `count` GPUs visible to TensorFlow, which reserves the memory of every visible GPU.

    count: 0 means one GPU if there is one. Raises UserError if there are fewer than `count`.
    """
    found = tf.config.list_physical_devices("GPU")
    if count > len(found):
        raise UserError(
            f"--gpus {count}: TensorFlow finds {len(found)} here. On a cluster, compile with `boxwright compile --gpu`, and "
            "check that the nodes for training have GPUs and GPU drivers"
        )
    if found:
        tf.config.set_visible_devices(found[: max(count, 1)], "GPU")


def devices(count: int) -> str:
    """The devices of a training, in words. Its result depends on them, for example because each has a batch norm of its own.

    count: as given, see `require_gpus`.
    """
    found = len(tf.config.list_physical_devices("GPU"))
    return f"{min(max(count, 1), found)} GPUs" if found else "CPU"


def require_even_batch(count: int, recipe: Recipe) -> None:
    """Raises UserError if the batch cannot be divided evenly among the GPUs."""
    if count > 1 and recipe.batch_size % count:
        raise UserError(
            f"--gpus {count}: the recipe's batch of {recipe.batch_size} images cannot be divided evenly among them. Give another "
            "number of GPUs, or change batch_size and, by the same factor, learning_rate.base in the recipe"
        )


def strategy(count: int) -> tf.distribute.Strategy:
    """The distribution strategy. Build and train the model in its scope."""
    if count < 2:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([f"GPU:{number}" for number in range(count)])


def notice(recipe: Recipe) -> str:
    """How training on several devices differs from training on one; empty on one device."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    if replicas == 1:
        return ""
    return (
        f"Trained on {replicas} devices: batch norm and the loss used {recipe.batch_size // replicas} of the "
        f"{recipe.batch_size} images of a batch at a time."
    )
