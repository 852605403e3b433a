"""A class far outnumbers others in training."""

from collections.abc import Iterator, Mapping, Sequence

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings import shared_examples, shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import NAMED, TRAIN_OBJECTS, at_least, named
from boxwright.diagnose.plan.repeats import Repeats, repeats

_RATIO: dict[Severity, float] = {
    "high": 25,
    "medium": 10,
}  # set by hand: no measured run shows at which ratio the rare class begins to suffer
_FOCAL = "The focal loss (alpha 0.75, gamma 2) already gives easy objects of the majority less weight."
# A class that is in half of the images is not rare. Its objects are fewer in each image, as white cells on a slide are, and new
# images do not change that.
_COMMON = 0.5
# Repeats cannot teach a class with fewer objects than this. They are left to `few_objects`.
LEARNABLE = 15


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data, inputs.stored, _repeated_already(inputs))


def acts_on(inputs: Inputs) -> frozenset[str]:
    """The classes that this finding is about, if the plan repeats their images. Other findings leave these classes to it."""
    rare = outnumbered(inputs.data)
    if not rare or _repeated_already(inputs):
        return frozenset()
    row = inputs.data.classes.index(next(iter(rare)))
    return frozenset(rare if repeats(inputs.stored).worth(row) else ())


def answered(finding: Finding, inputs: Inputs) -> bool:
    return bool(acts_on(inputs))


def _repeated_already(inputs: Inputs) -> bool:
    return inputs.recipe.max_repeats > 1


def outnumbered(data: Data) -> dict[str, float]:
    """Objects of the most frequent class for each object of a rare class, the rarest first. data: without copies."""
    counts = sorted(((n, name) for name, n in data.counts("train").items()))
    most = counts[-1][0]
    rare = {name: most / n for n, name in counts if n >= LEARNABLE and most >= _RATIO["medium"] * n}
    objects = data.objects_in("train") if rare else data.objects
    images = objects.groupby("class", observed=True).image_id.nunique() if rare else {}
    return {name: ratio for name, ratio in rare.items() if images[name] < _COMMON * objects.image_id.nunique()}


def judge(data: Data, stored: Data, repeated_already: bool = False) -> Finding | None:
    """Compares each class with the most frequent one. data: without copies. stored: with copies, as training shows them.
    repeated_already: the diagnosed recipe shows images with rare classes more often."""
    rare = outnumbered(data)
    if not rare:
        return None
    counts, (least, ratio) = data.counts("train"), next(iter(rare.items()))
    most = max(counts, key=counts.__getitem__)
    severity = at_least(ratio, _RATIO)
    assert severity, "each class in `rare` is above a limit"
    repeated = repeats(stored)
    row = data.classes.index(least)
    helps = repeated.worth(row) and not repeated_already
    return Finding(
        id="imbalance",
        cause="data_quantity",
        severity=severity,
        title=_title(most, rare),
        claim=f"{_claim(most, rare, counts)}. So the rare class adds little to the loss, while mean AP counts it like any other.",
        evidence=(*_rows(most, rare, counts), *_exposure(least, repeated, row)),
        remedy=_remedy(list(rare), most, repeated, row, repeated_already),
        expected_effect="on generated parts with two seeds, a class in 21 of 374 images gained +3.2 and +7.1 AP; the other "
        "classes changed by -0.7 AP on average"
        if helps
        else "not measured here; look at the AP of each class, not at the mean",
        confidence="medium",
    )


def _title(most: str, rare: Mapping[str, float]) -> str:
    least, ratio = next(iter(rare.items()))
    if len(rare) == 1:
        return f"{most} outnumbers {least} {ratio:.0f} to 1 in training"
    return f"{most} outnumbers {len(rare)} classes more than {_RATIO['medium']:.0f} to 1 in training, {least} {ratio:.0f} to 1"


def _claim(most: str, rare: Mapping[str, float], counts: Mapping[str, int]) -> str:
    each = [f"{name} {ratio:.0f} to 1 ({counts[most]} to {counts[name]})" for name, ratio in rare.items()]
    return f"{most} outnumbers {few(each, named(len(each)))} in training"


def _rows(most: str, rare: Mapping[str, float], counts: Mapping[str, int]) -> Iterator[Evidence]:
    for name, ratio in rare.items():
        n = counts[most] + counts[name]
        yield Evidence(metric=f"{most} per {name}", subject=name, value=round(ratio, 2), n=n, where=TRAIN_OBJECTS)


def _exposure(least: str, repeated: Repeats, row: int) -> Iterator[Evidence]:
    values = (
        (f"share of {least} among the objects of an epoch that shows every image once", round(repeated.once[row], 5)),
        (f"the same with repeat factors, in an epoch of {repeated.shown:.0f} images", round(repeated.repeated[row], 5)),
        ("largest repeat factor of an image", round(repeated.largest, 3)),
    )
    for metric, value in values:
        yield Evidence(metric=metric, value=float(value), n=repeated.images, where=TRAIN_OBJECTS)


def _remedy(rare: Sequence[str], most: str, repeated: Repeats, row: int, repeated_already: bool) -> str:
    least, named = rare[0], few(rare, NAMED)
    if repeated_already:
        return f"Add images with {named}: this recipe already repeats the existing ones. {_FOCAL}"
    before, after = repeated.once[row], repeated.repeated[row]
    if not repeated.worth(row):
        return (
            f"Add images with {named}. Repeating the existing ones would raise the share of {least} in an epoch's objects only "
            f"from {before:.1%} to {after:.1%}, because {least} is in the same images as {most}. {_FOCAL}"
        )
    return (
        f"Show images with {named} more often, by repeat factors (the square root of the ratio of image counts). The share of "
        f"{least} in an epoch's objects then rises from {before:.1%} to {after:.1%}. New images help even more. {_FOCAL}"
    )


KIND = Kind(
    ids=("imbalance",),
    find=find,
    examples=shared_examples.few_of_class,
    figure=shared_figures.counts,
    changes=("max_repeats",),
    answered=answered,
)
