"""Objects that are boxed twice: under the same class, which is a duplicate, or under two classes, which is a contradiction."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Finding
from boxwright.core.plurals import count
from boxwright.core.records.losses import FEWEST
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings import box_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.double_boxes import TWICE_IOU, double_boxes
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, WRONG_LABELS, at_least, share, shares


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
    harm = (
        "Such pairs teach the detector to report one object twice." if same else "The two labels contradict each other."
    )
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
        remedy="Delete one box of each pair" + ("." if same else ", the one with the wrong class."),
        expected_effect="not measured here",
        confidence="high",
    )


KIND = Kind(ids=("duplicate_boxes", "contradicting_boxes"), find=find, examples=box_examples.boxed_twice)
