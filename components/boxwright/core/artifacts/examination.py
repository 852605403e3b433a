"""`examination.json`: what a foreign detector does on this data, and in which way it should be used.

Numbers are in 0..1. null: there is no such object.
"""

from pathlib import Path

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part
from boxwright.core.findings import Finding

FILE = "examination.json"
STEP = "examine"
MISSES = "misses.csv"


class Way(Part):
    """A way to use the detector, in words."""

    fed: str
    """Channels, range of the pixels, and how an image is brought to the input's shape. Empty for detections from a file."""
    boxes: str
    """Order and unit of the four numbers of a box."""
    classes: dict[str, str]
    """Class number of the outputs, from 0 -> class of the data."""
    after: str
    """Non-maximum suppression: the file's own, or with which settings."""


class Tried(Part):
    """Another way that was tried."""

    hypothesis: str
    title: str
    """What is wrong if this way is better."""
    ap: float
    gain: float
    """AP of this way minus AP of the way before it, on the images of the trial."""
    interval: tuple[float, float] | None
    """98 % interval of the gain, over resamples of the images. null: the gain was below 0.03, too small to
    matter, or another way won."""


class ClassNumbers(Part):
    AP: float | None
    AP50: float | None
    objects: int


class Numbers(Part):
    """One detector on one split, used in one way."""

    images: int
    detections: int
    coco: dict[str, float | None]
    """COCO's 12 numbers: AP, AP50, AP75, APs, APm, APl, AR1, AR10, AR100, ARs, ARm, ARl."""
    per_class: dict[str, ClassNumbers]


class Explanation(Part):
    """Objects with one property, and how many of them are missed."""

    reason: str
    objects: int
    missed: int
    others: int
    """Objects without the property."""
    others_missed: int


class Comparison(Part):
    """The same images through a second detector, used in the same way."""

    detector: str
    ap: float
    other_ap: float
    """AP of the second detector, on the images of the trial."""
    per_class: dict[str, tuple[float | None, float | None]]
    """AP of both by class."""
    interval: tuple[float, float]
    """98 % interval of the difference."""


class Examination(Part):
    detector: str
    """File name."""
    kind: str
    labels: tuple[str, ...]
    """Class names of the detector. Empty: it has none."""
    classes: str
    """How the detector's classes differ from the data's, with both lists. Empty: they do not."""
    trial_images: int
    used: Way
    """How it was used first."""
    best: Way
    """How it should be used."""
    before: float
    """AP on the images of the trial, used the first way."""
    after: float
    corrections: tuple[Tried, ...]
    """The ways that were better beyond noise, each added to those before."""
    tried: tuple[Tried, ...]
    """All other ways that were tried."""
    numbers: dict[str, Numbers]
    """By split, used as it should be."""
    threshold: float
    """The score with the best F1 on these splits. Misses and false alarms are counted at this score."""
    missed: tuple[Explanation, ...]
    false_alarms: dict[str, int]
    """By what is there: nothing that is labelled, another class, an object that is hit badly, an object that is found twice."""
    second: Comparison | None = None
    program: str = ""
    """How the user's program feeds the detector, told by its detections. Empty: none were given, or no single way gives them."""
    findings: tuple[Finding, ...] = ()


def read(path: Path) -> Examination:
    """Raises UserError when the file is not there or not as examine writes it."""
    return json_file.read(path, Examination, STEP)


def write(path: Path, examination: Examination) -> None:
    json_file.write(path, examination)
