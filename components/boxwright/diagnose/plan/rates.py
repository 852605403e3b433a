"""Learning rates for a batch: the measured one, and the highest one that a scaling rule allows."""

import math

from boxwright.core import models

# Run C: rate .025 at batch 8, warmed up from .0021 over 60 steps.
_RATE, _WARMUP, _BATCH, _WARMUP_STEPS = 0.025, 0.0021, 8, 60
# A warm-up of this share of the steps or more is long. Set by hand: the zoo has 4 %, run C 10 %.
LONG_WARMUP = 0.25
# A training of so many times the steps that suit the data is long. Set by hand.
LONG_TRAINING = 3.0


def measured(model: str, batch_size: int) -> float:
    """The rate of run C, scaled linearly to the batch, but at most the zoo's own."""
    return min(_RATE * batch_size / _BATCH, models.get(model).zoo.rate)


def warmup(model: str, batch_size: int) -> float:
    """The rate at the start of the warm-up, scaled like `measured`."""
    return min(_WARMUP * batch_size / _BATCH, models.get(model).zoo.warmup)


def warmup_steps(steps: int) -> int:
    """A tenth of the steps, but at most as many as in run C."""
    return min(_WARMUP_STEPS, steps // 10)


def limit(model: str, batch_size: int) -> float:
    """The highest of three rates: the zoo's scaled linearly (Goyal et al. 2017), the zoo's scaled by the square root (Krizhevsky
    2014), and `measured`. The square root keeps the variance of a step and gives the highest rate for small batches."""
    trained = models.get(model).zoo
    zoo, batch = trained.rate, trained.batch
    return max(zoo * batch_size / batch, zoo * math.sqrt(batch_size / batch), measured(model, batch_size))
