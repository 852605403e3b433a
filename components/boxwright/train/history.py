"""What happened in a training: losses, validations, and which validation is the best."""

from dataclasses import dataclass, field, replace
from typing import Any

_LOG_EVERY = 10
_LOSSES = ("classification_loss", "localization_loss", "regularization_loss")


@dataclass
class History:
    """evaluations: step, AP and AP50 in 0..1, and the same per class. seconds: total of all attempts."""

    notices: list[str] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    stopped_early: bool = False

    @property
    def best_step(self) -> int:
        """The first step with the highest AP; 0 before any validation.

        While AP is 0 it is the last step: no validation tells them apart, and the last one has trained longest.
        """
        best = max(self.evaluations, key=lambda e: e["AP"], default={"step": 0, "AP": 1.0})
        return best["step"] if best["AP"] > 0 else self.evaluations[-1]["step"]

    @property
    def evaluations_since_best(self) -> int:
        """Validations after the best one. Those before AP rose from 0 do not count: there was nothing to be better than."""
        return sum(e["step"] > self.best_step for e in self.evaluations)

    def record_step(self, at: int, losses: list[float], rate: float) -> None:
        """Keeps the first step and every tenth."""
        if at == 1 or at % _LOG_EVERY == 0:
            entry = dict(zip(_LOSSES, (round(loss, 5) for loss in losses), strict=True))
            self.steps.append({"step": at, **entry, "learning_rate": rate})

    def record_evaluation(self, at: int, metrics: dict[str, Any]) -> bool:
        """Returns whether the weights of this step are now the best."""
        numbers = {name: metrics[name] or 0.0 for name in ("AP", "AP50")}
        self.evaluations.append({"step": at, **numbers, "per_class": metrics["per_class"]})
        return self.best_step == at

    def add_notice(self, notice: str) -> None:
        """Adds it once, however often the training is resumed."""
        if notice not in self.notices:
            self.notices.append(notice)

    def rewound_to(self, at: int) -> "History":
        """The history as it was at a step. It is written before its checkpoint, so a kill can leave it ahead."""
        steps, evaluations = ([e for e in entries if e["step"] <= at] for entries in (self.steps, self.evaluations))
        early = self.stopped_early and len(evaluations) == len(self.evaluations)
        return replace(self, steps=steps, evaluations=evaluations, stopped_early=early)
