"""Objects that look like another class, while the looks tell the classes apart: their labels are probably wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from boxwright.core.findings import Finding, Severity
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.embedding.looks import WHERE, Looks
from boxwright.diagnose.embedding.separation import Separation
from boxwright.diagnose.findings.examples import Example, Mark, View, as_text, close_up, from_text, side_by_side
from boxwright.diagnose.findings.kind import Kind, Shown
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import NAMED, WRONG_LABELS, at_least, share, shares, wilson

# A share of the sampled objects below the limits of WRONG_LABELS is told as well, because the objects can be named. Some wrong
# labels in a rare class are few of all objects. So many of one class are medium if the lower bound of their share of it reaches
# that of `medium`.
_OF_CLASS = 3
# An object whose margin is within _UNCLEAR of 0 is between two classes; below, it looks like the other.
# Wrong labels make two heaps of margins, near 1 and near -1, and little between them. Look-alikes make one heap around 0. On
# three shared sets with 5 to 10 % planted wrong labels, 1.7 to 11 times as many objects were below as between; with one class
# divided at random into two, or with features drowned in noise, 0.2 to 1.25 times.
_UNCLEAR, _HEAPS = 0.15, 1.5
# A class is judged if half of its objects are clearly told from the others, and if it has so many.
_CLEAR, _ENOUGH = 0.4, 15
# One object with another look proves nothing about the labels, and a blurred or hidden one is no wrong label. Below -_SURE, an
# object looks like the other class as clearly as that class's own: on blood cells, 4 of 5 such ones were labelled
# wrongly, and one is a sliver at the edge of its picture.
_FEWEST, _SURE = 2, 0.5
# Objects that the finding names, the oddest first.
_LISTED = 50


@dataclass(frozen=True, eq=False)
class Odd:
    """judged, odd, sure: (n,) bool of the sampled objects. judged: its class can be told from the others. odd: it looks like
    another of these classes. sure: clearly so. like: (n,) id of the other class that comes nearest."""

    judged: np.ndarray
    odd: np.ndarray
    sure: np.ndarray
    like: np.ndarray


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if inputs.looks and inputs.separation:
        yield judge(inputs.separation, inputs.looks, inputs.data, inputs.seed)


def judge(separation: Separation, looks: Looks, data: Data, seed: int) -> Finding | None:
    found = odd(separation)
    hits, ids = found.odd[found.judged], separation.class_ids[found.judged]
    if found.sure.sum() < _FEWEST:
        return None
    by_class = shares("of the class", hits, np.array(data.classes, object)[ids - 1], WHERE, seed)
    return Finding(
        id="odd_objects",
        cause="data_quality",
        severity=_severity(hits, ids),
        title=f"{_part(hits)} training objects look like another class than their label says",
        claim=f"{hits.sum()} of {len(hits)} sampled training objects ({few([row.subject for row in by_class], NAMED)}) look like "
        "another class to the initial weights, which otherwise tell these classes apart. Their labels are probably wrong.",
        evidence=(share("objects that look like another class", hits, WHERE, seed), *by_class),
        items=_items(separation, found, looks, data),
        remedy="Look at the objects that are named, and correct their labels. They are a sample: if most are wrong, look "
        "through all objects of these classes.",
        expected_effect="not measured here",
        confidence="medium",
    )


def _severity(hits: np.ndarray, ids: np.ndarray) -> Severity:
    """ids: (n,) the class of each object."""
    common = [hits[ids == i] for i in np.unique(ids) if hits[ids == i].sum() >= _OF_CLASS]
    in_a_class = any(wilson(own.sum(), len(own))[0] >= WRONG_LABELS["medium"] for own in common)
    return at_least(float(hits.mean()), WRONG_LABELS) or ("medium" if in_a_class else "low")


def odd(separation: Separation) -> Odd:
    """The objects of classes that the looks can tell apart, and which of them look like another of these classes.

    No object is odd if too many are between two classes, because then the classes look alike.
    """
    among = separation.only(clear(separation))
    judged = np.isin(among.class_ids, among.known) & (len(among.known) > 1)
    margin = np.where(judged, among.margin, 1)
    found, between = margin < -_UNCLEAR, np.abs(margin) <= _UNCLEAR
    found &= found.sum() >= _HEAPS * between.sum()
    return Odd(judged, found, found & (margin < -_SURE), among.rival)


def clear(separation: Separation) -> list[int]:
    """The ids of the classes that the looks tell from all others."""
    ids, margin = separation.class_ids, separation.margin
    enough = [int(i) for i in np.unique(ids) if (ids == i).sum() >= _ENOUGH]
    return [i for i in enough if np.median(margin[ids == i]) >= _CLEAR]


def _part(hits: np.ndarray) -> str:
    return (
        f"{hits.mean():.0%} of the" if hits.mean() >= WRONG_LABELS["medium"] else f"{hits.sum()} of {len(hits)} sampled"
    )


def _items(separation: Separation, found: Odd, looks: Looks, data: Data) -> tuple[tuple[str, ...], ...]:
    """File name, label, what it looks like, and the box as ymin, xmin, ymax, xmax, of each odd object, the oddest first."""
    rows = np.flatnonzero(found.odd)
    rows = rows[np.argsort(separation.margin[rows], kind="stable")][:_LISTED]
    sampled = looks.sampled
    return tuple(
        (
            str(sampled.pictures[sampled.object_picture[row]]),
            f"labelled {data.classes[separation.class_ids[row] - 1]}",
            f"looks like {data.classes[found.like[row] - 1]}",
            as_text(sampled.boxes_yxyx[row]),
        )
        for row in rows
    )


def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Each odd object in its picture, three side by side."""
    views = []
    for filename, label, looks_like, sides in finding.items:
        mine = from_text(sides)
        marks = (Mark(mine, "red", "the object with the doubtful label"),)
        views.append(View(filename, marks, f"{label}, {looks_like}", close_up(mine)))
    return side_by_side(views)


KIND = Kind(ids=("odd_objects",), find=find, examples=examples)
