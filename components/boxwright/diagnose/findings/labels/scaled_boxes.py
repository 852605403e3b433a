"""Boxes that are larger, or smaller, than their objects, all by about the same factor. They are found in the pixels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from boxwright.core.findings import SEVERITIES, Evidence, Finding, Severity
from boxwright.core.records.tfrecords import SPLITS
from boxwright.diagnose.data import SIDES
from boxwright.diagnose.findings import shared_examples
from boxwright.diagnose.findings.examples import Example, Mark, View, box, close_up
from boxwright.diagnose.findings.kind import Kind, Shown
from boxwright.diagnose.findings.labels import cornered_boxes
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures import outline
from boxwright.diagnose.measures.evidence import below
from boxwright.diagnose.measures.object_crops import IMAGES, Crops
from boxwright.diagnose.measures.outline import Outline

# Boxes and pictures of a split that are needed; pixels of the shorter side of a box; boxes that are measured at most.
_BOXES, _PICTURES, _SMALLEST, _MOST = 40, 20, 20, 3_000
# Measured on 24 real sets, with equal weights in `outline`: of the boxes as they are, the objects take 0.92 to 1.29 of both
# sides; of boxes 1.4 times as large, 0.62 to 0.83 on 18 of 23 sets. Of boxes of 0.7 times the size, by the mean change: 1.33 to
# 1.42 on 15 of 31 sets. Both sides must be beyond the first number, and the outer ends of their intervals beyond the second.
_LARGE, _SMALL = (0.85, 0.9), (1.33, 1.25)
# The share of a box that its object takes, as IoU.
_SEVERITY: dict[Severity, float] = {"high": 0.6, "medium": 0.75}
# The change at the outline rises by _CLEAR at least. A side that is _OFF or more has hardly a rise at the box itself: a thin wing
# that ends there would show one.
_CLEAR, _OFF, _AT_BOX = 0.1, 0.06, 0.6
_WHOSE = {"train": "training", "val": "validation", "test": "test"}
_SHOWN, _SEED = 6, 0


@dataclass(frozen=True, eq=False)
class _Scaled:
    outline: Outline
    severity: Severity
    boxes: int

    @property
    def large(self) -> bool:
        return float(self.outline.size.mean()) < 1


def find(inputs: Inputs) -> Iterator[Finding | None]:
    # Boxes that lost their place do not show how large their objects are.
    if inputs.crops and not cornered_boxes.judge(inputs.data):
        yield judge(inputs.crops)


def judge(crops: Crops) -> Finding | None:
    """One finding with two rows for each split."""
    found = {split: scaled for split in SPLITS if (scaled := of_split(crops, split))}
    large = any(scaled.large for scaled in found.values())
    found = {split: scaled for split, scaled in found.items() if scaled.large == large}
    if not found:
        return None
    first = next(iter(found.values()))
    width, height = (f"{side:.0%}" for side in first.outline.size)
    return Finding(
        id="scaled_boxes",
        cause="data_quality",
        severity=_worst([scaled.severity for scaled in found.values()]),
        title=_title(found, large=large),
        claim=f"The outlines of the objects lie {'inside' if large else 'outside'} of their boxes: the objects are about {width} "
        f"as wide and {height} as high. Near the sides of the boxes, the pictures look the same inside and outside.",
        evidence=tuple(row for split, scaled in found.items() for row in _rows(split, scaled)),
        remedy="Look at the examples. If all boxes are wrong by one factor, export them again: the labels are for images of "
        "another size, or the export scaled them. If the boxes were drawn like this, draw them again, close to the objects.",
        expected_effect="not measured here; AP at high IoU suffers first",
        confidence="medium" if large else "low",
    )


def of_split(crops: Crops, split: str) -> _Scaled | None:
    """None if the boxes are about as large as their objects, or if that cannot be seen. Boxes at the edge of their image are left
    out: they are cut there."""
    rows = np.flatnonzero((crops.splits == split) & crops.inside & (crops.sides >= _SMALLEST))
    rows = np.sort(np.random.default_rng(_SEED).permutation(rows)[:_MOST])
    if len(rows) < _BOXES or len(set(crops.filenames[rows].tolist())) < _PICTURES:
        return None
    found = outline.measure(crops.pixels[rows], crops.filenames[rows], _SEED)
    severity = _severity(found)
    return _Scaled(found, severity, len(rows)) if severity else None


def _severity(found: Outline) -> Severity | None:
    off = np.abs(found.inside) >= _OFF
    clear = bool((found.rise >= _CLEAR).all()) and bool((found.at_box[off] <= _AT_BOX * found.rise[off]).all())
    if clear and (found.size <= _LARGE[0]).all() and (found.interval[:, 1] <= _LARGE[1]).all():
        return below(float(found.size.prod()), _SEVERITY)
    # A face has an outline, and the head around it has a clearer one: boxes that look too small are told, but not as certain.
    small = (found.size >= _SMALL[0]).all() and (found.interval[:, 0] >= _SMALL[1]).all()
    return "medium" if clear and small else None


def _worst(severities: list[Severity]) -> Severity:
    return min(severities, key=SEVERITIES.index)


def _title(found: Mapping[str, _Scaled], *, large: bool) -> str:
    whose = " and ".join(_WHOSE[split] for split in found)
    share = float(next(iter(found.values())).outline.size.prod())
    if large:
        return f"The {whose} boxes are larger than their objects, which fill about {share:.0%} of them"
    return f"The {whose} boxes seem smaller than their objects, and show about {1 / share:.0%} of them"


def _rows(split: str, scaled: _Scaled) -> Iterator[Evidence]:
    for side, value, (low, high) in zip(("width", "height"), scaled.outline.size, scaled.outline.interval, strict=True):
        yield Evidence(
            metric=f"{side} of the objects in {side}s of their boxes ({low:.2f} to {high:.2f} in 90 % of resamples)",
            subject=split,
            value=round(float(value), 3),
            n=scaled.boxes,
            seed=_SEED,
            where=f"records: pixels of the first {IMAGES} images of each split",
        )


def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Boxes of typical size, from different pictures of the first split."""
    split = finding.evidence[0].subject
    data = shown.data.distinct
    objects = data.with_files(data.objects_in(split))
    marks = ((row.filename, box(row[SIDES])) for row in shared_examples.typical(objects, _SHOWN))
    views = tuple(View(name, (Mark(at, "red", "the box"),), around=close_up(at, times=1.8)) for name, at in marks)
    yield Example(views, f"Boxes of {_WHOSE[split]} images and what lies in them.")


KIND = Kind(ids=("scaled_boxes",), find=find, examples=examples)
