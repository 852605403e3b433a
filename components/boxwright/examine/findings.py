"""What an examination says, as findings: first how the detector is used, then what it misses."""

from collections.abc import Iterable, Iterator, Sequence

from boxwright.core.artifacts.examination import FILE, Explanation
from boxwright.core.findings import Evidence, Finding, ranked
from boxwright.examine import misses
from boxwright.examine.trial import Tried

# Misses that a property must explain, as a share of all misses and as a number.
_LEAST_SHARE, _LEAST = 0.1, 5
_REMEDIES = {
    "out of the reach of the detector's anchors": "Train with anchors that fit: `boxwright diagnose` plans them.",
    "longer than 3:1": "Train with anchors of these shapes: `boxwright diagnose` plans them.",
    "in a dark image": "Add dark images to training, or vary the brightness there.",
    "in a crowd": "Raise the IoU of the non-maximum suppression, and label crowded images for training.",
}
_SMALL_REMEDY = "Train at a larger input, or cut the images into tiles: `boxwright diagnose` compares the inputs."


def of(
    corrections: Sequence[Tried],
    images: int,
    differences: str,
    missed: Sequence[Explanation],
    program: Iterable[Finding],
) -> tuple[Finding, ...]:
    """images: of the trial. differences: of the classes, as a sentence, or empty. program: what the user's program does."""
    found = [used_wrongly(one, images) for one in corrections]
    if differences:
        found.append(other_classes(differences))
    return ranked([*found, *program, *explained(missed)])


def used_wrongly(one: Tried, images: int) -> Finding:
    low, high = one.interval or (one.gain, one.gain)
    return Finding(
        id="detector_used_wrongly",
        subject=one.hypothesis,
        cause="data_quality",
        severity="high",
        title=one.other.title,
        claim=(
            f"On {images} images, AP rises from {100 * (one.ap - one.gain):.1f} to {100 * one.ap:.1f} if this is corrected "
            f"(gain {100 * low:.1f} to {100 * high:.1f})."
        ),
        evidence=(
            Evidence(
                metric="gain of AP",
                value=one.gain,
                n=images,
                interval=one.interval,
                seed=0,
                where=f"{FILE}: corrections",
            ),
        ),
        remedy=one.other.remedy,
        expected_effect=f"{100 * one.gain:.1f} points of AP, measured on {images} images",
        effect_points=100 * one.gain,
    )


def other_classes(differences: str) -> Finding:
    return Finding(
        id="detector_has_other_classes",
        cause="data_quality",
        severity="medium",
        title="The detector has other classes than the data",
        claim=differences,
        evidence=(),
        remedy="Give the detector's class names with --labels, or the data's with `boxwright convert --label-map`.",
        expected_effect="Classes that only one side has cannot be measured.",
    )


def explained(missed: Sequence[Explanation]) -> Iterator[Finding]:
    total = max((one.missed + one.others_missed for one in missed), default=0)
    for one in missed:
        more = misses.excess(one)
        if more >= max(_LEAST, _LEAST_SHARE * total):
            yield missed_objects(one, total, more)


def missed_objects(one: Explanation, total: int, more: float) -> Finding:
    with_it, without = one.missed / one.objects, one.others_missed / one.others if one.others else 0.0
    return Finding(
        id="missed_objects",
        subject=one.reason,
        cause="model_errors",
        severity="high" if more > total / 3 else "medium",
        title=f"{one.missed} of {total} missed objects are {one.reason}" if not one.reason.startswith("whose") else
        f"{one.missed} of {total} missed objects are ones {one.reason}",
        claim=(
            f"{one.missed} of {one.objects} objects {one.reason} are missed ({100 * with_it:.0f} %), and {one.others_missed} of "
            f"the {one.others} others ({100 * without:.0f} %)."
        ),
        evidence=(
            Evidence(metric="missed objects", value=one.missed, n=one.objects, where="misses.csv"),
            Evidence(metric="missed others", value=one.others_missed, n=one.others, where="misses.csv"),
        ),
        remedy=_REMEDIES.get(one.reason, _SMALL_REMEDY if one.reason.startswith("smaller") else "Look at them in misses.csv."),
        expected_effect="not measured here",
    )  # fmt: skip
