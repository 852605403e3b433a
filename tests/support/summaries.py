"""Summaries of runs, for tests of what reads them."""

from typing import Any

from boxwright.core.artifacts.summary import Evaluated, Summary


def evaluated(
    per_class: dict[str, tuple[float | None, float | None]], ap: float = 0.5, ap50: float = 0.75
) -> Evaluated:
    """A detector on two images of test. per_class: name -> (AP, AP50)."""
    classes = {name: {"AP": one, "AP50": other} for name, (one, other) in per_class.items()}
    return Evaluated.model_validate(
        {"AP": ap, "AP50": ap50, "AR100": 0.6, "per_class": classes, "errors": {}, "recall": [], "ece": None}
        | {"suspected_labels": 0, "split": "test", "images": 2}
    )


def summary(**changes: Any) -> Summary:
    """Of a run on no data that found nothing."""
    data = {
        "digest": "d",
        "splits": {},
        "found": {"images": 0, "objects": 0},
        "quarantined": {"images": {}, "objects": {}},
    }
    nothing = dict.fromkeys(("reasons", "coverage", "findings", "notices"), ())
    defaults = {"verdict": "good", "stock": False, "steps": 5, "dataset": data, "evaluation": {}, "unreachable": {}}
    return Summary.model_validate(defaults | nothing | changes)
