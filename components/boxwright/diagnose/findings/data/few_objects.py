"""Classes with few training objects."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.diagnose.findings import shared_examples, shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, below

ENOUGH = 50
_OBJECTS: dict[Severity, float] = {"high": 15, "medium": ENOUGH}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data.counts("train"))


def judge(training: dict[str, int]) -> Finding | None:
    """training: objects of each class. One finding lists all classes with few objects, the fewest first. Classes without
    objects are left to validate."""
    few = {name: n for name, n in sorted(training.items(), key=lambda pair: pair[1]) if n and below(n, _OBJECTS)}
    if not few:
        return None
    name, least = next(iter(few.items()))
    severity = below(least, _OBJECTS)
    assert severity, "every class in `few` is below a limit"
    who = f"{name} has only {least} training objects"
    if len(few) > 1:
        who = f"{len(few)} classes have fewer than {ENOUGH} training objects ({', '.join(f'{c} {n}' for c, n in few.items())})"
    return Finding(
        id="few_objects",
        cause="data_quantity",
        severity=severity,
        title=who.partition(" (")[0],
        claim=f"{who}. That is too few to learn how they vary. The network memorises them instead.",
        evidence=tuple(
            Evidence(metric=f"training objects of {name}", value=n, n=n, where=TRAIN_OBJECTS) for name, n in few.items()
        ),
        remedy="Label more objects, in new images that differ from those you have. You need at least "
        + ", ".join(f"{ENOUGH - n} more {name}" for name, n in few.items())
        + ".",
        expected_effect="not measured here; more images, and more varied ones, are the most reliable gain",
        confidence="high",
    )


KIND = Kind(ids=("few_objects",), find=find, figure=shared_figures.counts, examples=shared_examples.few_of_class)
