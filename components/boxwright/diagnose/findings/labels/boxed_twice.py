"""Objects that are boxed twice: under the same class, which is a duplicate, or under two classes.

Two classes on a few objects contradict each other: one of them is a mistake. Where most objects of a class have a second box
under other classes, both are right: they are two properties of one object, such as the kind and the depth of a damage.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Finding
from boxwright.core.plurals import count
from boxwright.core.records.losses import FEWEST
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings import box_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.double_boxes import TWICE_IOU, double_boxes
from boxwright.diagnose.measures.evidence import NAMED, TRAIN_OBJECTS, WRONG_LABELS, at_least, share, shares

# Classes share their boxes if half of the objects of one have a second box under the other classes, and at least so many objects.
_SHARED, _ENOUGH = 0.5, 10
# Classes that are told apart as properties, those with the most pairs. A claim names fewer.
_TOLD = 50


def find(inputs: Inputs) -> Iterator[Finding | None]:
    return judge(inputs.data)


def judge(data: Data) -> Iterator[Finding | None]:
    """One finding for pairs of one class, one for pairs of two classes, each with a row for each class. data: without copies."""
    pairs, agree = double_boxes(data)
    classes = data.objects_in("train").sort_values("image_id", kind="stable")["class"].to_numpy()
    if len(classes):
        yield _finding(pairs[agree], classes, same=True)
        yield _finding(pairs[~agree], classes, same=False)


def _finding(pairs: np.ndarray, classes: np.ndarray, same: bool) -> Finding | None:
    """pairs: (m, 2) rows of objects. classes: (n,) names, in the same order."""
    hits = np.zeros(len(classes), bool)
    hits[pairs[:, 1]] = True
    severity = at_least(float(hits.mean()), WRONG_LABELS)
    if not severity:
        return None
    twice = int(hits.sum())
    under = "the same class" if same else "two different classes"
    harm, remedy = _duplicates() if same else _of_two_classes(pairs, classes)
    return Finding(
        id="duplicate_boxes" if same else "contradicting_boxes",
        cause="data_quality",
        severity=severity if twice >= FEWEST else "low",
        title=f"{count(twice, 'training object', 'is')} boxed twice, under {under}",
        claim=f"{twice} of the {len(hits)} training objects {'has' if twice == 1 else 'have'} a second box under {under} (IoU "
        f"{TWICE_IOU} or more). {harm}",
        evidence=(
            share("objects boxed twice", hits, TRAIN_OBJECTS),
            *shares("second boxes", hits, classes, TRAIN_OBJECTS),
        ),
        remedy=remedy,
        expected_effect="not measured here",
        confidence="high",
    )


def _duplicates() -> tuple[str, str]:
    """The harm and the remedy, as sentences."""
    return "Such pairs teach the detector to report one object twice.", "Delete one box of each pair."


def _of_two_classes(pairs: np.ndarray, classes: np.ndarray) -> tuple[str, str]:
    """The harm and the remedy, as sentences: of mistakes, or of two properties of one object."""
    names = classes[pairs]
    whole = np.isin(names, sorted(shared(pairs, classes))).all(1)
    if not whole.any():
        return "The two labels contradict each other.", "Delete one box of each pair, the one with the wrong class."
    sides = [few(side, NAMED) for side in properties(names[whole])]
    harm = (
        f"The classes share their boxes: {sides[0]} with {sides[1]}. They are probably two properties of one object. In "
        "training, an anchor learns one of the two classes, and that the other is wrong there."
    )
    remedy = (
        "Make one class of each combination of the two properties, keep the classes of one property only, or train a detector "
        "for each property. Do not delete single boxes of these pairs."
    )
    rest = int((~whole).sum())
    others = f" Look at the other {count(rest, 'pair')}, and delete a box where its class is wrong."
    return harm, remedy + (others if rest else "")


def shared(pairs: np.ndarray, classes: np.ndarray) -> set[str]:
    """The classes that share their boxes with others: most of their objects, or with a class of which most do.

    pairs: (m, 2) rows of objects of two classes. classes: (n,) names of all objects.
    """
    objects, twice = Counter(classes.tolist()), Counter(classes[np.unique(pairs)].tolist())
    most = {name for name, n in twice.items() if n >= max(_ENOUGH, _SHARED * objects[name])}
    met = Counter(tuple(names) for pair in classes[pairs].tolist() for names in (pair, pair[::-1]))
    main = Counter[str]()
    for (name, _), n in met.items():
        main[name] = max(main[name], n)
    return most | {other for (name, other), n in met.items() if name in most and n >= _SHARED * main[name]}


def properties(names: np.ndarray) -> tuple[list[str], list[str]]:
    """The classes of pairs (m, 2) in two groups, so that pairs join classes of different groups if they can.

    The class with the most pairs comes first. Then the class with the clearest group follows: it joins the one with which it has
    fewer pairs.
    """
    met = Counter(tuple(pair) for row in names.tolist() for pair in (row, row[::-1]))
    left = dict(Counter(names.ravel().tolist()).most_common(_TOLD))
    groups: tuple[list[str], list[str]] = ([], [])

    def lean(name: str) -> int:
        """How many more pairs a class has with the first group than with the second."""
        first, second = (sum(met[name, other] for other in group) for group in groups)
        return first - second

    while left:
        name = max(left, key=lambda one: (abs(lean(one)), left[one], one))
        groups[lean(name) > 0].append(name)
        del left[name]
    return groups


KIND = Kind(ids=("duplicate_boxes", "contradicting_boxes"), find=find, examples=box_examples.boxed_twice)
