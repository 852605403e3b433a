"""Makes summary.json: the result of a run, for scripts."""

from boxwright.core import findings
from boxwright.core.artifacts import summary
from boxwright.core.artifacts.summary import Summary
from boxwright.core.artifacts.training import ClassScore
from boxwright.report.artifacts import Artifacts, Evaluation, Training
from boxwright.report.verdict import Verdict


def summarise(found: Artifacts, verdict: Verdict) -> Summary:
    """If validation refused the data, everything from the diagnosis on is empty."""
    made, stored = found.training, found.dataset
    data = summary.Data(digest=stored.digest, splits=stored.splits, found=stored.found, quarantined=stored.quarantined)
    return Summary(
        verdict=verdict.word,
        reasons=found.validation.findings,
        stock=made.recipe.stock if made else None,
        steps=made.recipe.steps if made else None,
        dataset=data,
        unreachable=made.diagnosis.unreachable if made else {},
        coverage=made.diagnosis.coverage if made else (),
        evaluation={"float": evaluated(made.trained), "int8": evaluated(made.int8)} if made else {},
        findings=_findings(made) if made else (),
        notices=found.notices,
        forgetting=made.history.forgetting if made else None,
    )


def _findings(made: Training) -> tuple[findings.Finding, ...]:
    return findings.ranked([*made.causes, *made.errors])


def evaluated(evaluation: Evaluation) -> summary.Evaluated:
    """The numbers of one detector."""
    metrics, errors = evaluation.metrics, evaluation.errors
    return summary.Evaluated(
        AP=metrics.AP,
        AP50=metrics.AP50,
        AR100=metrics.AR100,
        per_class={name: ClassScore(AP=one.AP, AP50=one.AP50) for name, one in metrics.per_class.items()},
        errors={row.type: summary.ErrorGain(number=row.number, dAP=row.dAP) for row in errors.tide},
        recall=errors.recall,
        ece=errors.calibration.ece,
        suspected_labels=errors.suspects.number,
        split=metrics.split,
        images=evaluation.images,
    )
