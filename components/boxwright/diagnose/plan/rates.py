"""Which learning rate belongs to a batch: what was measured, and the most that a rule of scaling allows."""

import math

from boxwright.core import models

# Run C: rate .025 at batch 8, warmed up from .0021 over 60 steps.
_RATE, _WARMUP, _BATCH, _WARMUP_STEPS = 0.025, 0.0021, 8, 60
# From this share of the steps on a warm-up is long: set; the zoo has 4 %, run C 10 %.
LONG_WARMUP = 0.25


def measured(model: str, batch_size: int) -> float:
    """Run C's rate, linear in the batch, but never above the zoo's own."""
    return min(_RATE * batch_size / _BATCH, models.get(model).zoo.rate)


def warmup(model: str, batch_size: int) -> float:
    """The rate that the warm-up starts from, scaled as `measured` is."""
    return min(_WARMUP * batch_size / _BATCH, models.get(model).zoo.warmup)


def warmup_steps(steps: int) -> int:
    return min(_WARMUP_STEPS, steps // 10)


def limit(model: str, batch_size: int) -> float:
    """The largest of: the zoo's rate scaled linearly (Goyal et al. 2017), by the square root (Krizhevsky 2014), and `measured`.

    The square root keeps the variance of a step and lets small batches take the longest steps.
    """
    trained = models.get(model).zoo
    zoo, batch = trained.rate, trained.batch
    return max(zoo * batch_size / batch, zoo * math.sqrt(batch_size / batch), measured(model, batch_size))
