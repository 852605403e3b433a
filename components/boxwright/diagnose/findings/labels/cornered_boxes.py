"""Boxes that start in the top left corner of the image, far more often than in its other corners: their place was lost.

Some tools write the width and height of such a box, and 0 for its place. Objects at the edge of the image are cut in all corners
alike. A class that is always in the corner, such as a time stamp, is no flaw.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from boxwright.core.findings import Finding, Severity
from boxwright.core.plurals import part_of, upper
from boxwright.diagnose.data import SIDES, Data, rows
from boxwright.diagnose.findings.examples import Example, Mark, View, box
from boxwright.diagnose.findings.kind import Kind, Shown
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, at_least, share, shares

_SHARE: dict[Severity, float] = {"high": 0.05, "medium": 0.02}
# A side is on the edge of the image if it is this near, as a fraction. Lost places are 0 to 3 pixels.
_EDGE = 0.01
# The top left corner has at least this many boxes, and this many times as many as the fullest other corner.
_FEWEST, _TIMES = 5, 5
_ALWAYS = 0.9
_EXAMPLES = 12


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data)


def judge(data: Data) -> Finding | None:
    """data: without copies."""
    objects = data.objects_in("train")
    classes = objects["class"].to_numpy()
    hits, others = lost(objects[SIDES].to_numpy(float), classes)
    severity = at_least(float(hits.mean()), _SHARE) if len(hits) else None
    if not severity or hits.sum() < _FEWEST or hits.sum() < _TIMES * max(1, others):
        return None
    n, elsewhere = int(hits.sum()), f"at most {others}" if others else "none"
    metric, files = "boxes in the top left corner", data.with_files(objects).filename[hits]
    return Finding(
        id="cornered_boxes",
        cause="data_quality",
        severity=severity,
        title=f"{upper(part_of(hits.mean(), 'training boxes'))} lie in the top left corner of the image",
        claim=f"{n} of {len(hits)} training boxes start in the top left corner, and {elsewhere} in another corner. "
        f"The place of these boxes was probably lost, and they do not lie on their objects.",
        evidence=(share(metric, hits, TRAIN_OBJECTS), *shares(metric, hits, classes, TRAIN_OBJECTS)),
        items=tuple(files.drop_duplicates()[:_EXAMPLES]),
        remedy="Look at the named images, and draw their boxes again. If one export made all of them, export again.",
        expected_effect="not measured here",
        confidence="high",
    )


def lost(sides: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, int]:
    """Like `corners`, without the classes (n,) that are always in the corner."""
    hits, others = corners(sides)
    for name in np.unique(classes[hits]):
        hits &= (classes != name) | (hits[classes == name].mean() < _ALWAYS)
    return hits, others


def corners(sides: np.ndarray) -> tuple[np.ndarray, int]:
    """(n,) whether each box (n, 4) starts in the top left corner, and how many boxes the fullest other corner has.

    A box as wide or as high as the image lies in no corner.
    """
    top, left, bottom, right = (sides[:, 0], sides[:, 1], 1 - sides[:, 2], 1 - sides[:, 3])
    near = [side <= _EDGE for side in (top, left, bottom, right)]
    inside = ~(near[0] & near[2]) & ~(near[1] & near[3])
    others = max(int((near[a] & near[b] & inside).sum()) for a, b in ((0, 3), (2, 1), (2, 3)))
    return near[0] & near[1] & inside, others


def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
    """The named images with their boxes in the corner."""
    data = shown.data.distinct
    objects = data.objects_in("train")
    hits, _ = lost(objects[SIDES].to_numpy(float), objects["class"].to_numpy())
    found = data.with_files(rows(objects, pd.Series(hits, objects.index)))
    for item in finding.items:
        mine = rows(found, found.filename == item)[SIDES].to_numpy(float)
        marks = tuple(Mark(box(sides), "red", "a box that lost its place") for sides in mine)
        yield Example((View(str(item), marks),))


KIND = Kind(ids=("cornered_boxes",), find=find, examples=examples)
