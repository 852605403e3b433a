"""One class far outnumbers another in training."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings import shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, at_least
from boxwright.diagnose.plan.repeats import Repeats, repeats

_RATIO: dict[Severity, float] = {
    "high": 25,
    "medium": 10,
}  # set by hand: no measured run shows at which ratio the rare class begins to suffer
_FOCAL = "The focal loss (alpha 0.75, gamma 2) already gives easy objects of the majority less weight."


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data, repeated_already=inputs.recipe.max_repeats > 1)


def judge(data: Data, repeated_already: bool = False) -> Finding | None:
    """Compares the most frequent class with the rarest one that training has. repeated_already: the diagnosed recipe shows images
    with rare classes more often."""
    counts = {name: n for name, n in data.counts("train").items() if n}
    if len(counts) < 2:
        return None
    most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    ratio = counts[most] / counts[least]
    severity = at_least(ratio, _RATIO)
    if not severity:
        return None
    repeated = repeats(data)
    helps = repeated.worth_it and not repeated_already
    return Finding(
        id="imbalance",
        cause="data_quantity",
        severity=severity,
        title=f"{most} outnumbers {least} {ratio:.0f} to 1 in training",
        claim=f"{most} outnumbers {least} {ratio:.0f} to 1 in training ({counts[most]} to {counts[least]}). So {least} adds "
        "little to the loss, while mean AP counts it like any other class.",
        evidence=_evidence(most, least, counts, repeated, data.classes.index(least)),
        remedy=_remedy(least, most, repeated, data.classes.index(least), repeated_already),
        expected_effect="on generated parts with two seeds, a class in 21 of 374 images gained +3.2 and +7.1 AP; the other "
        "classes changed by -0.7 AP on average"
        if helps
        else "not measured here; look at the AP of each class, not at the mean",
        confidence="medium",
    )


def _evidence(most: str, least: str, counts: dict[str, int], repeated: Repeats, row: int) -> tuple[Evidence, ...]:
    once = f"share of {least} among the objects of an epoch that shows every image once"
    more = f"the same with repeat factors, in an epoch of {repeated.shown:.0f} images"
    values = (
        (f"{most} per {least}", round(counts[most] / counts[least], 2), counts[most] + counts[least]),
        (once, round(repeated.once[row], 5), repeated.images),
        (more, round(repeated.repeated[row], 5), repeated.images),
        ("largest repeat factor of an image", round(repeated.largest, 3), repeated.images),
    )
    return tuple(Evidence(metric=metric, value=float(value), n=n, where=TRAIN_OBJECTS) for metric, value, n in values)


def _remedy(least: str, most: str, repeated: Repeats, row: int, repeated_already: bool) -> str:
    if repeated_already:
        return f"Add images with {least}: this recipe already repeats the existing ones. {_FOCAL}"
    before, after = repeated.once[row], repeated.repeated[row]
    if not repeated.worth_it:
        return (
            f"Add images with {least}. Repeating the existing ones would raise its share of an epoch's objects only from "
            f"{before:.1%} to {after:.1%}, because {least} is in the same images as {most}. {_FOCAL}"
        )
    return (
        f"Show images with {least} more often, by repeat factors (the square root of the ratio of image counts). Its share of "
        f"an epoch's objects then rises from {before:.1%} to {after:.1%}. New images with {least} help even more. {_FOCAL}"
    )


KIND = Kind(ids=("imbalance",), find=find, figure=shared_figures.counts, changes=("max_repeats",))
