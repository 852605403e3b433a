"""summary.json: what a script wants to know of a run. `boxwright run` adds `seconds` per step and `artifacts`."""

from typing import Any

from boxwright.report.artifacts import Evaluation, Gathered
from boxwright.report.verdict import Verdict


def summarise(found: Gathered, verdict: Verdict) -> dict[str, Any]:
    """JSON-able; of a run that validation refused, `stock` and `steps` are None, and what comes after diagnosis is empty.
    `forgetting`, as in history.json, is there only where the initial weights knew some of the classes."""
    made = found.training
    forgotten = made and made.history.get("forgetting")
    return {
        "verdict": verdict.word,
        "reasons": [f.model_dump(mode="json") for f in found.validation.findings],
        "stock": made.recipe.stock if made else None,
        "steps": made.recipe.steps if made else None,
        "dataset": {key: found.manifest[key] for key in ("digest", "splits", "found", "quarantined")},
        "unreachable": made.diagnosis.unreachable if made else {},
        "coverage": [row.model_dump() for row in made.diagnosis.coverage] if made else [],
        "evaluation": {"float": numbers(made.trained), "int8": numbers(made.int8)} if made else {},
        "findings": [f.model_dump(mode="json") for f in found.findings],
        "notices": found.notices,
    } | ({"forgetting": forgotten} if forgotten else {})


def numbers(evaluation: Evaluation) -> dict[str, Any]:
    """AP, AP50, AR100 and per class AP and AP50, in 0..1, None where there is no object; `errors`
    (TIDE's types), `recall` (by size, light and anchors), `ece` and `suspected_labels` as in errors.json of evaluate."""
    metrics = evaluation.metrics
    return {name: metrics[name] for name in ("AP", "AP50", "AR100")} | {
        "per_class": {name: {k: c[k] for k in ("AP", "AP50")} for name, c in metrics["per_class"].items()},
        "errors": {row["type"]: {key: row[key] for key in ("number", "dAP")} for row in evaluation.errors["tide"]},
        "recall": evaluation.errors["recall"],
        "ece": evaluation.errors["calibration"]["ece"],
        "suspected_labels": evaluation.errors["suspects"]["number"],
        "split": evaluation.split,
        "images": len(evaluation.groundtruth["images"]),
    }
