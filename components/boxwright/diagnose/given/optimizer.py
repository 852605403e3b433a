"""The optimizer of a training, and the rate that is usual for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.given import schedule
from boxwright.diagnose.given.numbers import shortest
from boxwright.diagnose.given.schedule import Schedule

NAMES = {"momentum_optimizer": "SGD with momentum", "rms_prop_optimizer": "RMSprop", "adam_optimizer": "Adam"}
# The zoo's TF 1 configs (ssd_mobilenet_v1_coco, ssd_mobilenet_v2_coco): RMSprop at rate 0.004 with batch 24 and epsilon 1.
_ZOO_RATE, _ZOO_BATCH = 0.004, 24
# With a larger epsilon the divisor of RMSprop is hardly the gradients' own size, so that its steps are those of SGD.
_SMALL_EPSILON = 0.01
# The default of its authors (Kingma & Ba 2015), of Keras, and of the zoo's CenterNet configs.
_ADAM = 0.001


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """kind: the field of the OD API. epsilon: what is added to the divisor of RMSprop and Adam; 0 for SGD."""

    kind: str
    schedule: Schedule
    momentum: float = 0.0
    epsilon: float = 0.0

    @property
    def name(self) -> str:
        return NAMES[self.kind]

    def usual_rate(self, batch: int) -> tuple[float, str]:
        """The highest rate that is usual at this batch, and where it comes from. SGD is judged by `rates.limit` instead."""
        if self.kind == "adam_optimizer":
            return _ADAM, "the default of Adam's authors, whatever the batch"
        if self.epsilon >= _SMALL_EPSILON:
            share = batch / _ZOO_BATCH
            scaled = _ZOO_RATE * max(share, share**0.5)
            return scaled, f"the zoo's {_ZOO_RATE:g} at batch {_ZOO_BATCH}, scaled to batch {batch}"
        return _ADAM * (1 - self.momentum), f"{_ADAM:g}, which momentum {self.momentum:g} multiplies"


def read(optimizer: Any) -> Optimizer:
    """optimizer: an Optimizer message. Raises UserError if there is none, or no schedule."""
    kind = optimizer.WhichOneof("optimizer")
    if kind is None:
        raise UserError(f"train_config.optimizer: there is none; type one of {', '.join(NAMES)} with its learning_rate")
    values = getattr(optimizer, kind)
    return Optimizer(
        kind=kind,
        schedule=schedule.read(values.learning_rate, f"train_config.optimizer.{kind}.learning_rate"),
        momentum=shortest(getattr(values, "momentum_optimizer_value", 0.0)),
        epsilon=shortest(getattr(values, "epsilon", 0.0)),
    )


def refused(optimizer: Any) -> Iterator[str]:
    """What the OD API refuses, each as `field: value; expected`."""
    kind = optimizer.WhichOneof("optimizer")
    values = getattr(optimizer, kind)
    for problem in schedule.refused(values.learning_rate):
        yield f"train_config.optimizer.{kind}.learning_rate.{problem}"
    momentum = getattr(values, "momentum_optimizer_value", 0.0)
    if not 0 <= momentum < 1:
        yield f"train_config.optimizer.{kind}.momentum_optimizer_value: {shortest(momentum):g}; expected 0 to less than 1"
