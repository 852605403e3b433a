"""The learning rate over the steps of a training, for every schedule of the OD API.

Source: object_detection.utils.learning_schedules, object_detection.builders.optimizer_builder.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from boxwright.core.recipe import LearningRate
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.given.numbers import shortest

Rates = Callable[[np.ndarray], np.ndarray]
_SAMPLES = 2000
_FIELD = "learning_rate"


@dataclass(frozen=True)
class Schedule:
    """kind: the name of the OD API's field. told: in words. rates: (n,) steps -> (n,) rates. turns: steps at which it jumps or
    turns. warmup, warmup_steps: the rate at the start of a warm-up, and its length; 0: no warm-up. zero_after: the step after
    which the rate is zero; 0: none."""

    kind: str
    told: str
    rates: Rates = field(compare=False, repr=False)
    turns: tuple[int, ...] = ()
    warmup: float = 0.0
    warmup_steps: int = 0
    zero_after: int = 0

    def highest(self, steps: int) -> float:
        """The highest rate in a training of so many steps."""
        turns = [turn for turn in self.turns if turn < steps]
        sampled = np.unique(np.concatenate([np.linspace(0, max(steps - 1, 0), _SAMPLES), turns]).astype(int))
        return float(self.rates(sampled).max())

    def left(self, steps: int) -> float:
        """The rate after the last step over the highest rate of a training of so many steps; 0 if the rate is always zero."""
        highest = self.highest(steps)
        return float(self.rates(np.array([steps]))[0]) / highest if highest > 0 else 0.0


def of_recipe(rate: LearningRate, steps: int) -> Schedule:
    """The schedule of a recipe: it ends with the training."""
    return _cosine(base=rate.base, total=steps, warmup=rate.warmup, warmup_steps=rate.warmup_steps, hold=0)


def read(learning_rate: Any, place: str) -> Schedule:
    """learning_rate: a LearningRate message. place: its field, for an error. Raises UserError if it has no schedule."""
    kind = learning_rate.WhichOneof(_FIELD)
    if kind is None:
        raise UserError(f"{place}: it has no schedule; type one of {', '.join(_READ)} with its rate")
    return _READ[kind](getattr(learning_rate, kind))


def refused(learning_rate: Any) -> Iterator[str]:
    """What the OD API refuses, each as `field: value; expected`. learning_rate: a LearningRate message with a schedule."""
    kind = learning_rate.WhichOneof(_FIELD)
    values = getattr(learning_rate, kind)
    for name, value in values.ListFields():
        if isinstance(value, float) and not (0 <= value < math.inf):
            yield f"{kind}.{name.name}: {value:g}; expected 0 or more"
    if kind == "cosine_decay_learning_rate":
        yield from _refused_cosine(values)
    if kind == "manual_step_learning_rate":
        yield from _refused_steps([one.step for one in values.schedule])
    if kind == "exponential_decay_learning_rate" and values.decay_steps == 0:
        yield f"{kind}.decay_steps: 0; expected 1 or more"


def _refused_cosine(values: Any) -> Iterator[str]:
    name = "cosine_decay_learning_rate"
    if values.total_steps <= values.warmup_steps + values.hold_base_rate_steps:
        yield (
            f"{name}.total_steps: {values.total_steps}; expected more than warmup_steps and hold_base_rate_steps "
            f"({values.warmup_steps + values.hold_base_rate_steps})"
        )
    if values.warmup_steps and values.warmup_learning_rate > values.learning_rate_base:
        yield (
            f"{name}.warmup_learning_rate: {shortest(values.warmup_learning_rate):g}; expected at most learning_rate_base "
            f"({shortest(values.learning_rate_base):g})"
        )


def _refused_steps(steps: list[int]) -> Iterator[str]:
    name = "manual_step_learning_rate.schedule"
    if not steps:
        yield f"{name}: it is empty; expected one or more of {{ step: 5000 learning_rate: 0.01 }}"
    if steps[:1] == [0]:
        yield f"{name}.step: 0; expected 1 or more in the first"
    if any(after <= before for before, after in itertools.pairwise(steps)):
        yield f"{name}.step: {', '.join(map(str, steps[:10]))}; expected each to be more than the one before"


def _cosine(*, base: float, total: int, warmup: float, warmup_steps: int, hold: int) -> Schedule:
    def rates(steps: np.ndarray) -> np.ndarray:
        length = max(total - warmup_steps - hold, 1)
        falling = base * (1 + np.cos(np.pi * (steps - warmup_steps - hold) / length)) / 2
        later = np.where(steps > warmup_steps + hold, falling, base)
        rising = warmup + (base - warmup) * steps / max(warmup_steps, 1)
        return np.where(steps > total, 0.0, np.where(steps < warmup_steps, rising, later))

    first = f"from {warmup:g} up to {base:g} in {warmup_steps} steps" if warmup_steps else f"from {base:g}"
    told = f"{first}, then half a cosine to zero at step {total}"
    turns = (warmup_steps, warmup_steps + hold, total)
    return Schedule("cosine_decay_learning_rate", told, rates, turns, warmup, warmup_steps, total)


def _read_cosine(values: Any) -> Schedule:
    return _cosine(
        base=shortest(values.learning_rate_base),
        total=values.total_steps,
        warmup=shortest(values.warmup_learning_rate),
        warmup_steps=values.warmup_steps,
        hold=values.hold_base_rate_steps,
    )


def _read_exponential(values: Any) -> Schedule:
    base, factor, each = map(shortest, (values.initial_learning_rate, values.decay_factor, values.decay_steps))
    burnin, least = shortest(values.burnin_learning_rate) or base, shortest(values.min_learning_rate)

    def rates(steps: np.ndarray) -> np.ndarray:
        decays = (steps - values.burnin_steps) / max(each, 1)
        decayed = base * factor ** (np.floor(decays) if values.staircase else decays)
        return np.maximum(np.where(steps < values.burnin_steps, burnin, decayed), least)

    how = "in stairs" if values.staircase else "smoothly"
    told = f"from {base:g}, {how} times {factor:g} every {each:g} steps"
    return Schedule("exponential_decay_learning_rate", told, rates, (values.burnin_steps,))


def _read_manual(values: Any) -> Schedule:
    bounds = np.array([one.step for one in values.schedule], int)
    levels = np.array(
        [shortest(r) for r in (values.initial_learning_rate, *(s.learning_rate for s in values.schedule))]
    )

    def rates(steps: np.ndarray) -> np.ndarray:
        found = levels[np.searchsorted(bounds, steps, side="right")]
        if not values.warmup or not len(bounds):
            return found
        rising = levels[0] + (levels[1] - levels[0]) * steps / max(bounds[0], 1)
        return np.where(steps < bounds[0], rising, found)

    later = ", ".join(f"{rate:g} from step {step}" for step, rate in zip(bounds[:5], levels[1:6], strict=True))
    told = f"{levels[0]:g}, then {later}" + (", ..." if len(bounds) > 5 else "")
    warm = (float(levels[0]), int(bounds[0])) if values.warmup and len(bounds) else (0.0, 0)
    return Schedule("manual_step_learning_rate", told, rates, tuple(bounds.tolist()), *warm)


def _read_constant(values: Any) -> Schedule:
    rate = shortest(values.learning_rate)
    return Schedule("constant_learning_rate", f"always {rate:g}", lambda steps: np.full(len(steps), rate))


_READ: dict[str, Callable[[Any], Schedule]] = {
    "cosine_decay_learning_rate": _read_cosine,
    "exponential_decay_learning_rate": _read_exponential,
    "manual_step_learning_rate": _read_manual,
    "constant_learning_rate": _read_constant,
}
