"""The type of a hypothesis about how a detector is used."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from boxwright.examine.reading.reading import Reading
from boxwright.examine.running.raw import Detector


@dataclass(frozen=True, eq=False)
class Facts:
    """What the hypotheses may look at.

    pairs: (k + 1, c) how often a detection of class number j - its column - overlaps an object of class id i - its row - at IoU
    0.5 or more, on the images that choose, whatever the classes are, by the reading that is tried. has_candidates: whether there
    are numbers from before the suppression. any_size: whether the detector scales images itself.
    """

    detector: Detector
    classes: tuple[str, ...]
    pairs: np.ndarray
    has_candidates: bool


@dataclass(frozen=True)
class Other:
    """Another reading. title: what is wrong if it wins, as a sentence without a full stop. remedy: what to do then."""

    reading: Reading
    title: str
    remedy: str


@dataclass(frozen=True)
class Hypothesis:
    """name: a code. others: the readings to try, given the one that is used now."""

    name: str
    others: Callable[[Reading, Facts], Iterable[Other]]
