"""The learning-rate schedule: the OD API's `cosine_decay_with_warmup`."""

from typing import Any, cast

import tensorflow as tf
from object_detection.utils import learning_schedules

from boxwright.core.recipe import Recipe


class CosineWithWarmup(tf.keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up from `warmup` to `base`, then half a cosine down to zero at the recipe's last step."""

    def __init__(self, recipe: Recipe) -> None:
        self.rate, self.steps = recipe.learning_rate, recipe.steps

    def __call__(self, step: int | tf.Tensor | tf.Variable) -> tf.Tensor:
        rate: Any = learning_schedules.cosine_decay_with_warmup(
            tf.minimum(tf.cast(step, tf.int32), self.steps),
            learning_rate_base=self.rate.base,
            total_steps=self.steps,
            warmup_learning_rate=self.rate.warmup,
            warmup_steps=self.rate.warmup_steps,
        )
        return cast(tf.Tensor, rate()) if callable(rate) else rate  # called eagerly, the OD API returns a function

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate.model_dump(), "steps": self.steps}
