"""Boxes that are the same in every picture: somebody filled them in instead of drawing them around the objects.

Classification sets are converted this way, with a box around the whole picture. Tight boxes around objects differ from picture to
picture, except where a fixed camera sees parts that always lie at one place. Pictures of such a camera with the same boxes count
once, so only pictures that differ are evidence. Even then, boxes that people draw differ by a pixel or two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from boxwright.core.findings import Finding, Severity
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import SIDES, Data
from boxwright.diagnose.findings import shared_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import NAMED, TRAIN_OBJECTS, named, of_counts

# Pictures of a class that are enough to judge it, and the share of its boxes that must be alike.
_ENOUGH, _SHARE = 20, 0.5
# Every side of a box is this near to the median of its class, in fractions of the image. COPIED is what rounding to pixels
# leaves (and a pixel is allowed in any case). Hand-drawn boxes of one part in a fixed mount stay within NEAR.
_COPIED, _NEAR = 0.0025, 0.02
# A box that misses no edge of the picture by more than this is the whole picture.
_WHOLE = 0.02


@dataclass(frozen=True)
class Alike:
    """A class whose boxes are alike. hits, n: its alike boxes, all its boxes. copied: whether half are equal to the pixel."""

    name: str
    hits: int
    n: int
    whole: bool
    copied: bool


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(alike(inputs.data), len(inputs.data.objects_in("train")))


def alike(data: Data) -> list[Alike]:
    """The classes with enough pictures in training of which most boxes are alike, the most first. data: without copies."""
    objects = data.objects_in("train")
    objects = objects.merge(data.images[["image_id", "height", "width"]], on="image_id")
    judged = (_judged(str(name), of_class) for name, of_class in objects.groupby("class", observed=True, sort=True))
    return sorted((found for found in judged if found), key=lambda found: -found.hits)


def _judged(name: str, objects: pd.DataFrame) -> Alike | None:
    if objects.image_id.nunique() < _ENOUGH:
        return None
    sides, pixel = objects[SIDES].to_numpy(float), 1 / objects[["height", "width"]].to_numpy(float)
    middle = np.median(sides, axis=0)  # if half of the boxes are alike, it is one of them
    away = np.abs(sides - middle)
    near = (away <= _NEAR).all(1)
    if near.mean() < _SHARE:
        return None
    copied = (away <= np.maximum(_COPIED, np.tile(pixel, 2))).all(1)
    whole = bool((np.abs(middle - [0, 0, 1, 1]) <= _WHOLE).all())
    return Alike(name, int(near.sum()), len(near), whole, bool(copied.mean() >= _SHARE))


def judge(found: Sequence[Alike], objects: int) -> Finding | None:
    """found: the result of `alike`. objects: all training objects."""
    if not found:
        return None
    copied = all(of.copied for of in found)
    share = sum(of.hits for of in found) / objects
    severity: Severity = "high" if copied and share >= _SHARE else "medium"
    names, metric = [of.name for of in found], "boxes like the median box of the class"
    return Finding(
        id="boxes_alike",
        cause="data_quality",
        severity=severity,
        title=_title(found, share),
        claim=f"{_claim(found)} Boxes around objects differ from picture to picture. A detector that is trained on these learns "
        "where the box was, not where the object is.",
        evidence=tuple(of_counts(metric, of.hits, of.n, TRAIN_OBJECTS, subject=of.name) for of in found),
        items=tuple(names),
        remedy=_remedy(names, copied),
        expected_effect="not measured here; without boxes around the objects, AP says nothing about finding them",
        confidence="high" if copied else "medium",
    )


def _title(found: Sequence[Alike], share: float) -> str:
    what = "cover the whole picture" if all(of.whole for of in found) else "are the same in every picture"
    whose = f"of {found[0].name}" if len(found) == 1 else f"of {len(found)} classes"
    return f"{'Most boxes' if share >= _SHARE and len(found) > 1 else f'Most boxes {whose}'} {what}"


def _claim(found: Sequence[Alike]) -> str:
    each = [f"{of.hits} of {of.n} objects of {of.name}" for of in found]
    where = "around the whole picture" if all(of.whole for of in found) else "at one place and of one size"
    return f"The boxes of these objects are {where}, in pictures that differ: {few(each, named(len(each)))}."


def _remedy(names: Sequence[str], copied: bool) -> str:
    draw = "draw a box around each object"
    if copied:
        return (
            f"Look at pictures of {few(names, NAMED)}, and {draw}. If the pictures are only sorted into classes, train a "
            "classifier instead of a detector."
        )
    return (
        f"Look at pictures of {few(names, NAMED)}. If the boxes do not fit the objects, {draw}. If a fixed camera sees the "
        "parts at this place only, the boxes are right; a classifier of that place is then enough."
    )


KIND = Kind(ids=("boxes_alike",), find=find, examples=shared_examples.few_of_class)
