"""The history of a training that is running: losses, validations, and which validation is the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from boxwright.core.artifacts.training import ClassScore, Evaluated, History, Logged

_LOG_EVERY = 10


@dataclass
class RunningHistory:
    """The history of a training that is not finished. seconds: total of all processes, including those that were killed."""

    notices: list[str] = field(default_factory=list)
    steps: list[Logged] = field(default_factory=list)
    evaluations: list[Evaluated] = field(default_factory=list)
    seconds: float = 0.0
    stopped_early: bool = False

    @classmethod
    def from_json(cls, saved: Any) -> "RunningHistory":
        """The history from what `to_json` returned. Raises pydantic.ValidationError for anything else."""
        history = History.model_validate(saved)
        lists = [list(history.notices), list(history.steps), list(history.evaluations)]
        return cls(*lists, seconds=history.seconds, stopped_early=history.stopped_early)

    def to_json(self) -> dict[str, Any]:
        """The history in the form that `from_json` reads."""
        return self.finished().model_dump(mode="json")

    def finished(self, last_step: int = 0) -> History:
        """The history as an artifact. last_step: best_step if there was no validation."""
        return History(
            notices=tuple(self.notices),
            steps=tuple(self.steps),
            evaluations=tuple(self.evaluations),
            best_step=self.best_step or last_step,
            stopped_early=self.stopped_early,
            seconds=self.seconds,
        )

    @property
    def best_step(self) -> int:
        """The first step with the highest AP; 0 before the first validation.

        While every AP is 0, it is the last validated step, which has trained longest.
        """
        if not self.evaluations:
            return 0
        best = max(self.evaluations, key=lambda one: one.AP)
        return best.step if best.AP > 0 else self.evaluations[-1].step

    @property
    def evaluations_since_best(self) -> int:
        """Number of validations after the best one. While AP is 0, the last validation is the best one, so this is 0."""
        return sum(one.step > self.best_step for one in self.evaluations)

    def record_step(self, at: int, losses: Sequence[float], rate: float) -> None:
        """Records the first and every tenth step. losses: classification, localization, regularization."""
        if at == 1 or at % _LOG_EVERY == 0:
            classification, localization, regularization = (round(loss, 5) for loss in losses)
            logged = Logged(
                step=at,
                classification_loss=classification,
                localization_loss=localization,
                regularization_loss=regularization,
                learning_rate=rate,
            )
            self.steps.append(logged)

    def record_evaluation(self, at: int, numbers: Mapping[str, Any]) -> bool:
        """Records a validation, and returns whether this step is now the best. numbers: from coco_eval.evaluate."""
        per_class = {name: ClassScore(**values) for name, values in numbers["per_class"].items()}
        ap, ap50 = numbers["AP"] or 0.0, numbers["AP50"] or 0.0
        self.evaluations.append(Evaluated(step=at, AP=ap, AP50=ap50, per_class=per_class))
        return self.best_step == at

    def add_notice(self, notice: str) -> None:
        """Adds a notice unless the history already has it, for example from before a resume."""
        if notice not in self.notices:
            self.notices.append(notice)

    def rewound_to(self, at: int) -> "RunningHistory":
        """The history as it was at a step.

        The history is saved before its checkpoint, so after a kill it can be ahead of the checkpoint.
        """
        evaluations = [one for one in self.evaluations if one.step <= at]
        early = self.stopped_early and len(evaluations) == len(self.evaluations)
        steps = [one for one in self.steps if one.step <= at]
        return replace(self, steps=steps, evaluations=evaluations, stopped_early=early)
