"""Upside-down objects of classes that have an up. They are found in the pixels."""

from collections.abc import Mapping, Sequence

import numpy as np

from boxwright.core.findings import Finding, Severity
from boxwright.core.runtime.errors import few
from boxwright.diagnose.findings import shared_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import at_least, share
from boxwright.diagnose.measures.object_crops import IMAGES, MARGIN, SIDE, Crops
from boxwright.diagnose.orientation import flips, told, words

_TURNED: dict[Severity, float] = {"high": 0.1, "medium": 0.03}
# A finding has at least so many objects of a class; one of high severity has so many in all.
_FEWEST, _MANY = 3, 8
# If more are turned, both ways are usual: cars from above, cards on a table.
_MOST = 0.4
# If more of the pictures with turned objects also have upright ones of the class, the objects lie both ways. A copy or an export
# that turns by mistake turns whole pictures.
_MIXED = 0.5
_ENOUGH, _COMPARED, _SEED = 30, 3000, 0
_EXAMPLES = 12
_FLAT = 0.05  # an object whose grey has a smaller standard deviation has no features
# Kurtosis of the scores: 1 is two points, 1.5 a class that is seen at all angles, 3 chance (a normal distribution).
_TWO_POLES, _STRENGTH = 1.3, 0.2
_WHERE = f"records: pixels of the first {IMAGES} images of each split, near-copies once"


def find(inputs: Inputs) -> list[Finding | None]:
    if not inputs.crops or flips.at_all_angles(inputs.data.classes, inputs.orientation):
        return []
    return [judge(inputs.crops, inputs.data.classes)]


def judge(crops: Crops, classes: Sequence[str]) -> Finding | None:
    """One finding about all classes that have an up."""
    found = {name: turned(crops, id) for id, name in enumerate(classes, 1) if words.says(name) in ("up", "")}
    enough = {name: of_class for name, of_class in found.items() if of_class.sum() >= _FEWEST}
    seen = {name: of_class for name, of_class in enough.items() if at_least(of_class.mean(), _TURNED)}
    if not seen:
        return None
    hits = dict(sorted(seen.items(), key=lambda item: -item[1].mean()))
    severity = at_least(next(iter(hits.values())).mean(), _TURNED)
    assert severity, "each class in `hits` is above a limit"
    severity = severity if sum(of_class.sum() for of_class in hits.values()) >= _MANY else "medium"
    several = few([f"{of_class.mean():.0%} of {name}" for name, of_class in hits.items()], 3)
    return Finding(
        id="upside_down",
        cause="data_quality",
        severity=severity,
        title=f"Some objects are upside down: {several}",
        claim="; ".join(
            f"{o.sum()} of the {len(o)} sampled objects of {name} are upside down" for name, o in list(hits.items())[:3]
        )
        + ". The other objects of these classes have one way up. A detector learns the more frequent way and misses the other.",
        evidence=tuple(share("upside down", of_class, _WHERE, subject=name) for name, of_class in hits.items()),
        items=_files(crops, classes, hits),
        remedy="If the images were turned by mistake (a copy or an export lost their orientation), turn them back together with "
        f"their boxes. If the camera will see {few(list(hits), 3)} both ways, let augment turn them, too: "
        "`boxwright augment --also random_vertical_flip`",
        expected_effect="not measured here",
        confidence="medium",
    )


def _files(crops: Crops, classes: Sequence[str], hits: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Images with turned objects, at most a dozen. hits: `turned` of each class."""
    named = (crops.filenames[_compared(crops, classes.index(name) + 1)[down]] for name, down in hits.items())
    return tuple(dict.fromkeys(file for files in named for file in files[:_EXAMPLES].tolist()))[:_EXAMPLES]


def _compared(crops: Crops, class_id: int) -> np.ndarray:
    """The rows of a class that are judged."""
    return np.flatnonzero(crops.class_ids == class_id)[:_COMPARED]


def turned(crops: Crops, class_id: int) -> np.ndarray:
    """(n,) whether each object of a class is upside down; empty if the class has no up, or lies both ways."""
    rows = _compared(crops, class_id)
    signs = poles(crops.pixels[rows]) if len(rows) >= _ENOUGH else None
    if signs is None:
        return np.empty(0, bool)
    down = signs < 0
    hits = down & _told(crops, rows)
    both = down.mean() > _MOST or _both_ways(hits, crops.filenames[rows])
    return np.empty(0, bool) if both else hits


def _told(crops: Crops, rows: np.ndarray) -> np.ndarray:
    """(n,) whether each object is told to be upside down by its edges and light, too. An object whose background is dark where
    that of the others is light has another pole, but its own edges."""
    pictures = np.unique(crops.filenames[rows], return_inverse=True)[1]
    changed = told.differences(crops.pixels[rows], _SEED).by_turn["upside down"]
    return told.scores(changed, pictures, _SEED) < 0


def _both_ways(hits: np.ndarray, pictures: np.ndarray) -> bool:
    """Whether most pictures that have turned objects, and more than one object, also have upright ones. pictures: (n,) names."""
    _, which = np.unique(pictures, return_inverse=True)
    objects, down = np.bincount(which), np.bincount(which, hits)
    several = (objects > 1) & (down > 0)
    return bool(several.any()) and bool((down < objects)[several].mean() > _MIXED)


def poles(pixels: np.ndarray) -> np.ndarray | None:
    """(n,) +1 for an object in the orientation of the majority, -1 for one that is upside down. None if the class has no upright
    orientation.

    The odd part of a crop changes its sign when the crop is flipped vertically. The score of an object is the projection of its
    odd part on the first principal direction of the class. If the class has an upright orientation, the scores form two groups,
    far from zero on either side.
    """
    inner = pixels[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    flat = inner - inner.mean((1, 2), keepdims=True)
    flat = flat / np.maximum(np.sqrt((flat**2).sum((1, 2), keepdims=True)), _FLAT * SIDE)
    odd = ((flat - flat[:, ::-1]) / 2).reshape(len(flat), -1)
    scores = odd @ np.linalg.svd(odd, full_matrices=False)[2][0]
    square = float((scores**2).mean())
    if np.sqrt(square) < _STRENGTH or (scores**4).mean() / square**2 > _TWO_POLES:
        return None
    return np.sign(scores) * (1 if (scores > 0).mean() >= 0.5 else -1)


KIND = Kind(ids=("upside_down",), find=find, examples=shared_examples.named_images)
