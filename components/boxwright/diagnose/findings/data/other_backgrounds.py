"""Pictures without objects that do not look like the backgrounds of the pictures with objects."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.diagnose.data import Data, rows
from boxwright.diagnose.embedding.looks import Looks
from boxwright.diagnose.embedding.separation import separate
from boxwright.diagnose.findings.examples import Example, View
from boxwright.diagnose.findings.kind import Kind, Shown
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import at_least

# Windows of background are told apart by their looks: half are right by chance. Pictures of the same places reach 0.5 to 0.7;
# smears beside photographs of cards 1.0. The lower end of the 95 % interval must reach this.
_OTHER = 0.85
# Pictures with a window, of each kind.
_ENOUGH = 20
# Share of the training pictures that have no objects. Few of them do no harm.
_MANY: dict[Severity, float] = {"medium": 0.1, "low": 0.02}
# Pictures that the page shows of each kind.
_SHOWN = 6
_WITH, _WITHOUT = 1, 2


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if inputs.looks:
        yield judge(inputs.looks, inputs.data, inputs.seed)


def judge(looks: Looks, data: Data, seed: int) -> Finding | None:
    empty = rows(data.images, (data.images.split == "train") & ~data.images.image_id.isin(data.objects.image_id))
    severity = at_least(len(empty) / max(1, len(data.images_in("train"))), _MANY)
    told = told_apart(looks)
    if not severity or not told or told.interval is None or told.interval[0] < _OTHER:
        return None
    return Finding(
        id="other_backgrounds",
        cause="data_quality",
        severity=severity,
        title=f"The {len(empty)} training images without objects do not look like the backgrounds of the others",
        claim=f"{told.value:.0%} of sampled windows without objects are assigned to the right kind of image by their looks: one "
        "with objects or one without. Images of the same places would give about 50%. Either the images without objects show "
        "other places, and then they do not teach what is no object in yours; or they show objects that have no label.",
        evidence=(told.model_copy(update={"seed": seed}),),
        items=tuple(empty.filename[:_SHOWN]),
        remedy="Look at the images without objects. If they show objects, label them. If they show other places, add images "
        "without objects from the places where the detector will work.",
        expected_effect="not measured here",
        confidence="medium",
    )


def told_apart(looks: Looks) -> Evidence | None:
    """The share of windows whose kind of image is recognised, both kinds counting equally; None if there are too few.

    There is at most one window of a picture. The interval is that of a mean of two shares after Agresti and Caffo (2000): two
    right and two wrong ones are added, one of each to each kind.
    """
    sampled = looks.sampled
    kinds = (
        np.where(sampled.empty[sampled.window_picture], _WITHOUT, _WITH) if len(sampled.windows) else np.empty(0, int)
    )
    counts = np.array([(kinds == kind).sum() for kind in (_WITH, _WITHOUT)])
    if counts.min() < _ENOUGH:
        return None
    right = separate(looks.windows, kinds, sampled.window_picture, 2).margin > 0
    hits = np.array([right[kinds == kind].sum() for kind in (_WITH, _WITHOUT)])
    shares = (hits + 1) / (counts + 2)
    half = 1.96 * np.sqrt((shares * (1 - shares) / (counts + 2)).sum()) / 2
    return Evidence(
        metric="windows whose kind of image is recognised; 50 % is chance",
        value=round(float((hits / counts).mean()), 4),
        n=len(kinds),
        interval=(round(float(shares.mean() - half), 4), round(min(1.0, float(shares.mean() + half)), 4)),
        where="records: looks of sampled training images",
    )


def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Images without objects, then images with objects."""
    images = shown.data.distinct.images_in("train")
    others = images.filename[images.image_id.isin(shown.data.objects.image_id)][:_SHOWN]
    yield Example(tuple(View(str(name)) for name in finding.items), "Training images without objects.")
    yield Example(tuple(View(str(name)) for name in others), "Training images with objects.")


KIND = Kind(ids=("other_backgrounds",), find=find, examples=examples)
