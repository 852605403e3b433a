"""Boxes that are shifted away from their objects, while most boxes of the class fit. They are found in the pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from boxwright.core.findings import Finding, Severity
from boxwright.core.runtime.errors import few
from boxwright.diagnose.findings import shared_examples
from boxwright.diagnose.findings.examples import Example
from boxwright.diagnose.findings.kind import Kind, Shown
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures import template_shift
from boxwright.diagnose.measures.class_axes import holm
from boxwright.diagnose.measures.evidence import NAMED, at_least, share
from boxwright.diagnose.measures.object_crops import IMAGES, SIDE, Crops

_SHIFTED: dict[Severity, float] = {"high": 0.05, "medium": 0.03}
# A class is judged on at most this many objects.
_ENOUGH, _MOST, _SEED = 30, 2_000, 0
# A box is shifted if its object fits the template of its class this share of a side away, and much better there: by _BETTER in
# correlation, and as well as three quarters of the class fit. Measured on 14 classes of five real sets without planted flaws: at
# most 1.5 % of the boxes of a class are found (_CHANCE). Of boxes that were shifted by 15 to 30 %, 40 to 80 % are found.
_SHIFT, _BETTER, _SAME, _CHANCE, _P = 0.12, 0.25, 0.02, 0.015, 0.01
# A shift is measured only on objects of at least this many pixels of the stored image. Hand-drawn boxes differ by a pixel or two,
# and _SHIFT of a smaller object is less than three. It is SIDE, so no object is enlarged for the comparison.
_SMALLEST = SIDE
# What the noise of a class explains: _CHANCE, or this share of its objects that fit the template best elsewhere. It was 0.1 or
# less on 28 classes of large objects in 12 sets without shifts, and 2 of 16 objects in one more. A finding of high severity has
# at least _MANY boxes: the 95 % interval of the share is then half to twice as much.
_OF_ELSEWHERE, _MANY = 0.1, 8
# A class is judged only if its objects look alike: half of them correlate with the template this well, and most fit best where
# their box is. Raccoons at all angles do not (0.36), nor do red cells that touch each other (0.45). Chess pieces do (0.58 or
# more).
_ALIKE, _ELSEWHERE = 0.5, 0.45
_EXAMPLES = 12


@dataclass(frozen=True, eq=False)
class Judged:
    """A class that can be judged. hits: (n,) whether the box of each object is shifted. filenames: (n,) of the images.

    chance: the share of hits that the noise of the class explains.
    """

    name: str
    hits: np.ndarray
    filenames: np.ndarray
    chance: float


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if inputs.crops:
        yield judge(inputs.crops, inputs.data.classes)


def judge(crops: Crops, classes: Sequence[str]) -> Finding | None:
    """One finding with a row for each class."""
    judged = [found for id, name in enumerate(classes, 1) if (found := of_class(crops, id, name))]
    shifted = _shifted(judged)
    if not shifted:
        return None
    hits = np.concatenate([found.hits for found in shifted])
    severity = at_least(float(hits.mean()), _SHIFTED)
    assert severity, "each class in `shifted` is above a limit"
    severity = severity if hits.sum() >= _MANY else "medium"
    names = [found.name for found in shifted]
    files = np.concatenate([found.filenames[found.hits] for found in shifted])
    where = f"records: pixels of the first {IMAGES} training images"
    return Finding(
        id="shifted_boxes",
        cause="data_quality",
        severity=severity,
        title=f"{hits.mean():.0%} of the boxes of {_whose(names)} are shifted away from their object",
        claim=f"{hits.sum()} of {len(hits)} training objects ({few(names, NAMED)}) have a box that is shifted by {_SHIFT:.0%} "
        "of a side or more, compared with how the other boxes of the class lie. Only objects of at least "
        f"{_SMALLEST} pixels a side that no other box overlaps were checked.",
        evidence=tuple(share("boxes beside their object", found.hits, where, subject=found.name) for found in shifted),
        items=tuple(dict.fromkeys(files.tolist()))[:_EXAMPLES],
        remedy="Check these boxes on the images, and redraw the wrong ones. If all boxes from one source are shifted in the same "
        "way, correct its export or its resize.",
        expected_effect="not measured here; AP at high IoU suffers first",
        confidence="medium",
    )


def of_class(crops: Crops, class_id: int, name: str) -> Judged | None:
    """None if the objects are too few, too small or too unlike. Objects that another box overlaps are left out: the edges near
    their boxes may belong to the other object."""
    large = crops.sides >= _SMALLEST
    rows = np.flatnonzero((crops.class_ids == class_id) & (crops.splits == "train") & crops.alone & large)
    if len(rows) < _ENOUGH:
        return None
    rows = np.sort(np.random.default_rng(_SEED).permutation(rows)[:_MOST])
    fit = template_shift.fit(crops.pixels[rows])
    hits, chance = shifted(fit), max(_CHANCE, _OF_ELSEWHERE * float(_away(fit).mean()))
    return None if hits is None else Judged(name, hits, crops.filenames[rows], chance)


def shifted(fit: template_shift.Fit) -> np.ndarray | None:
    """(n,) whether each box is shifted; None if the objects are too unlike to tell."""
    away = _away(fit)
    if np.median(fit.own) < _ALIKE or away.mean() > _ELSEWHERE:
        return None
    return away & (fit.best - fit.own >= _BETTER) & (fit.best >= np.quantile(fit.best, 0.25) - _SAME)


def _away(fit: template_shift.Fit) -> np.ndarray:
    """(n,) whether each object fits the template best elsewhere, even if only a little better."""
    return np.abs(fit.shift).max(1) / SIDE >= _SHIFT


def _shifted(judged: Sequence[Judged]) -> list[Judged]:
    """The classes with more shifted boxes than chance gives: on their own, or because all classes together have more."""
    enough = [found for found in judged if found.hits.mean() >= _SHIFTED["medium"]]
    if not enough:
        return []
    every = np.concatenate([found.hits for found in judged])
    chance = float(np.average([found.chance for found in judged], weights=[len(found.hits) for found in judged]))
    if every.mean() >= _SHIFTED["medium"] and _p(every, chance) < _P:
        return enough
    certain = holm([_p(found.hits, found.chance) for found in judged]) < _P
    return [found for found, sure in zip(judged, certain, strict=True) if sure and found in enough]


def _p(hits: np.ndarray, chance: float) -> float:
    """How likely so many hits are in clean data (binomial test)."""
    return float(stats.binom.sf(hits.sum() - 1, len(hits), chance))


def _whose(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} classes"


def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Images with shifted boxes, and all boxes of the classes on them."""
    for example in shared_examples.named_images(finding, shown):
        yield replace(example, caption="One or more of these boxes lie beside their object.")


KIND = Kind(ids=("shifted_boxes",), find=find, examples=examples)
