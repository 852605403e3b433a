"""What happened in a training: losses, validations, and which of these is the best."""

from dataclasses import dataclass, field, replace

_LOG_EVERY = 10
_LOSSES = ("classification_loss", "localization_loss", "regularization_loss")


@dataclass
class History:
    """evaluations: step, AP and AP50 in 0..1, and the same per class. seconds: of all attempts together."""

    notices: list[str] = field(default_factory=list)
    steps: list[dict] = field(default_factory=list)
    evaluations: list[dict] = field(default_factory=list)
    seconds: float = 0.0
    stopped_early: bool = False

    @property
    def best_step(self) -> int:
        """The first with the highest AP; 0 before any validation. While AP is 0 the last one: no validation tells them apart,
        and it has learned the longest."""
        best = max(self.evaluations, key=lambda e: e["AP"], default={"step": 0, "AP": 1.0})
        return best["step"] if best["AP"] > 0 else self.evaluations[-1]["step"]

    @property
    def without_better(self) -> int:
        """Validations since the best one; none of those before AP rose from 0, when there was nothing to be better than."""
        return sum(e["step"] > self.best_step for e in self.evaluations)

    def note(self, at: int, losses: list[float], rate: float) -> None:
        if at == 1 or at % _LOG_EVERY == 0:
            entry = dict(zip(_LOSSES, (round(loss, 5) for loss in losses), strict=True))
            self.steps.append({"step": at, **entry, "learning_rate": rate})

    def evaluated(self, at: int, metrics: dict) -> bool:
        """Whether the weights of this step are now the ones to keep."""
        numbers = {name: metrics[name] or 0.0 for name in ("AP", "AP50")}
        self.evaluations.append({"step": at, **numbers, "per_class": metrics["per_class"]})
        return self.best_step == at

    def tell(self, notice: str) -> None:
        """Once, however often the training is resumed."""
        if notice not in self.notices:
            self.notices.append(notice)

    def rewound(self, at: int) -> "History":
        """As it was at a step: it is written before its checkpoint, so a kill can leave it ahead."""
        steps, evaluations = ([e for e in kind if e["step"] <= at] for kind in (self.steps, self.evaluations))
        early = self.stopped_early and len(evaluations) == len(self.evaluations)
        return replace(self, steps=steps, evaluations=evaluations, stopped_early=early)
