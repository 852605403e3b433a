"""Pairs of classes that the looks of their objects do not tell apart."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from boxwright.core.findings import Evidence, Finding
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.embedding.looks import WHERE, Looks
from boxwright.diagnose.embedding.separation import Separation
from boxwright.diagnose.findings.examples import Example, Mark, View, as_text, close_up, from_text
from boxwright.diagnose.findings.kind import Kind, Shown
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import NAMED

# Half of the objects are right by chance. Classes are alike if the 95 % interval of the right ones ends below this. The weights
# were not trained for these classes: the open and closed bottles of one set, at 0.75, are told apart after training.
_ALIKE = 0.65
# Pictures with objects of a class. With fewer, the interval always ends above _ALIKE unless chance helps.
_ENOUGH = 40
# Pairs of objects that the finding names for a pair of classes, and pairs of classes with such pairs.
_PAIRS, _SHOWN = 3, 4


class Alike(NamedTuple):
    """Two class ids, the share of their objects that the looks assign to the right one (both classes count equally), the upper
    end of its interval, and the number of objects."""

    first: int
    second: int
    right: float
    most: float
    n: int


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if inputs.looks and inputs.separation:
        yield judge(inputs.separation, inputs.looks, inputs.data, inputs.seed)


def judge(separation: Separation, looks: Looks, data: Data, seed: int) -> Finding | None:
    pairs = alike(separation, looks.sampled.object_picture)
    if not pairs:
        return None
    names = [f"{data.classes[pair.first - 1]} and {data.classes[pair.second - 1]}" for pair in pairs]
    which = names[0] if len(names) == 1 else f"{len(names)} pairs of classes, such as {names[0]},"
    rows = (
        Evidence(
            metric="objects told apart by their looks; 50 % is chance",
            subject=name,
            value=round(pair.right, 4),
            n=pair.n,
            interval=(round(max(0.0, 2 * pair.right - pair.most), 4), round(pair.most, 4)),
            seed=seed,
            where=WHERE,
        )
        for name, pair in zip(names, pairs, strict=True)
    )
    return Finding(
        id="similar_classes",
        cause="data_quality",
        severity="medium",
        title=f"The objects of {which} look alike",
        claim=f"The initial weights do not tell the objects of {few(names, NAMED)} apart: they are right for "
        f"{min(pair.right for pair in pairs):.0%} to {max(pair.right for pair in pairs):.0%}, where chance is right for 50%. "
        "Either the labels of these classes are mixed up, or only a detail or the surroundings make the difference.",
        evidence=tuple(rows),
        items=tuple(itertools.chain.from_iterable(_nearest(pair, looks, data) for pair in pairs[:_SHOWN])),
        remedy="Look at the pairs of objects that are named. If you cannot tell them apart either, give both classes one name in "
        "the annotations. If the labels are mixed up, correct them. If a detail makes the difference, it must be seen at the "
        "network's input: use larger pictures of the objects, or a larger input.",
        expected_effect="not measured here",
        confidence="medium",
    )


def alike(separation: Separation, pictures: np.ndarray) -> list[Alike]:
    """The pairs of classes that are alike, the most alike first. pictures: (n,) the picture of each object.

    The interval is that of a mean of two shares (normal approximation), and counts pictures instead of objects, because
    objects of one picture are no independent evidence.
    """
    ids = separation.class_ids
    counts = {int(i): len(np.unique(pictures[ids == i])) for i in np.unique(ids)}
    found = []
    for first, second in itertools.combinations([i for i, count in counts.items() if count >= _ENOUGH], 2):
        scores = separation.scores[:, first - 1] - separation.scores[:, second - 1]
        shares = [float((scores[ids == first] > 0).mean()), float((scores[ids == second] < 0).mean())]
        variance = sum(s * (1 - s) / counts[i] for s, i in zip(shares, (first, second), strict=True)) / 4
        right = sum(shares) / 2
        most = right + 1.96 * np.sqrt(variance)
        if most < _ALIKE:
            found.append(Alike(first, second, right, float(most), int(np.isin(ids, (first, second)).sum())))
    return sorted(found, key=lambda pair: pair.right)


def _nearest(pair: Alike, looks: Looks, data: Data) -> Iterator[tuple[str, ...]]:
    """The objects of both classes, of different pictures, that look most alike: file, class and box of each. Each occurs once."""
    sampled = looks.sampled
    first, second = (np.flatnonzero(sampled.class_ids == i) for i in (pair.first, pair.second))
    unit = looks.objects / np.maximum(np.linalg.norm(looks.objects, axis=1, keepdims=True), 1e-9)
    likeness = unit[first] @ unit[second].T
    likeness[sampled.object_picture[first][:, None] == sampled.object_picture[second]] = -np.inf
    for _ in range(_PAIRS):
        row, column = np.unravel_index(int(likeness.argmax()), likeness.shape)
        if not np.isfinite(likeness[row, column]):
            return
        yield tuple(part for at in (first[row], second[column]) for part in _named(int(at), looks, data))
        likeness[row], likeness[:, column] = -np.inf, -np.inf


def _named(row: int, looks: Looks, data: Data) -> tuple[str, str, str]:
    sampled = looks.sampled
    sides = as_text(sampled.boxes_yxyx[row])
    return str(sampled.pictures[sampled.object_picture[row]]), data.classes[sampled.class_ids[row] - 1], sides


def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
    """The nearest pairs, one from each class, side by side."""
    for first, its_class, its_sides, second, other_class, other_sides in finding.items:
        yield Example((_view(first, its_class, its_sides), _view(second, other_class, other_sides)), whole=True)


def _view(filename: str, name: str, sides: str) -> View:
    mine = from_text(sides)
    return View(filename, (Mark(mine, "red", "the two objects"),), name, close_up(mine))


KIND = Kind(ids=("similar_classes",), find=find, examples=examples)
