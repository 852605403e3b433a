"""Classes with few training objects, in a data set that has enough images."""

from collections.abc import Iterator, Mapping, Set

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.runtime.errors import few
from boxwright.diagnose.findings import shared_examples, shared_figures
from boxwright.diagnose.findings.data import imbalance
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.findings.labels import stray_classes
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import NAMED, TRAIN_OBJECTS, below, named

ENOUGH = 50
_OBJECTS: dict[Severity, float] = {"high": imbalance.LEARNABLE, "medium": ENOUGH}
# With fewer different training images than this, the finding is `few_images`. It then has these classes as rows.
# Set by hand: BCCD's 205 training images were enough for AP50 88; careful readers call 137 photographs of one animal few.
ENOUGH_IMAGES = 150


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if inputs.distinct_images >= ENOUGH_IMAGES:
        yield judge(of(inputs))


def of(inputs: Inputs) -> dict[str, int]:
    """The objects of each class that has few. Classes that the plan repeats are told by `imbalance`, slips by `stray_classes`."""
    return lacking(inputs.data.counts("train"), imbalance.acts_on(inputs) | set(stray_classes.stray(inputs.data)))


def lacking(counts: Mapping[str, int], told: Set[str] = frozenset()) -> dict[str, int]:
    """The classes with few objects, the fewest first. counts: training objects of each class. Classes without any are left to
    validate. told: classes that another finding tells."""
    ordered = sorted(counts.items(), key=lambda pair: pair[1])
    return {name: n for name, n in ordered if 0 < n < ENOUGH and name not in told}


def judge(lacks: Mapping[str, int]) -> Finding | None:
    """lacks: the result of `lacking`."""
    severity = of_fewest(lacks)
    if not severity:
        return None
    name, least = next(iter(lacks.items()))
    who = title = f"{name} has only {least} training objects"
    if len(lacks) > 1:
        title = f"{len(lacks)} classes have fewer than {ENOUGH} training objects"
        who = f"{title} ({few([f'{c} {n}' for c, n in lacks.items()], named(len(lacks)))})"
    return Finding(
        id="few_objects",
        cause="data_quantity",
        severity=severity,
        title=title,
        claim=f"{who}. That is too few to learn how they vary. The network memorises them instead.",
        evidence=tuple(rows(lacks)),
        remedy=f"Label more objects, in new images that differ from those you have. You need at least {needed(lacks)}.",
        expected_effect="not measured here; more images, and more varied ones, are the most reliable gain",
        confidence="high",
    )


def of_fewest(lacks: Mapping[str, int]) -> Severity | None:
    """The severity of the class with the fewest objects; None if no class lacks any."""
    return below(min(lacks.values()), _OBJECTS) if lacks else None


def needed(lacks: Mapping[str, int]) -> str:
    return few([f"{ENOUGH - n} more {name}" for name, n in lacks.items()], NAMED)


def rows(lacks: Mapping[str, int]) -> Iterator[Evidence]:
    for name, n in lacks.items():
        yield Evidence(metric=f"training objects of {name}", subject=name, value=n, n=n, where=TRAIN_OBJECTS)


KIND = Kind(ids=("few_objects",), find=find, figure=shared_figures.counts, examples=shared_examples.few_of_class)
