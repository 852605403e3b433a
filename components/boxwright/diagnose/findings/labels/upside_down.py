"""Upside-down objects of a class that has an upright orientation. They are found in the pixels."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Finding, Severity
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import at_least, share
from boxwright.diagnose.measures.object_crops import IMAGES, MARGIN, SIDE, Crops

_TURNED: dict[Severity, float] = {"high": 0.1, "medium": 0.03}
_ENOUGH = 30
_FLAT = 0.05  # an object whose grey has a smaller standard deviation has no features
# Kurtosis of the scores: 1 is two points, 1.5 a class that is seen at all angles, 3 chance (a normal distribution).
_TWO_POLES, _STRENGTH = 1.3, 0.2


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if inputs.crops:
        for class_id, name in enumerate(inputs.data.classes, 1):
            yield judge(inputs.crops, class_id, name)


def judge(crops: Crops, class_id: int, name: str) -> Finding | None:
    chosen = crops.class_ids == class_id
    if chosen.sum() < _ENOUGH:
        return None
    signs = poles(crops.pixels[chosen])
    if signs is None:
        return None
    hits, splits = signs < 0, crops.splits[chosen]
    severity = at_least(hits.mean(), _TURNED)
    if not severity:
        return None
    where = f"records: pixels of the first {IMAGES} images of each split"
    parts = tuple(share(f"upside down in {s}", hits[splits == s], where) for s in dict.fromkeys(splits.tolist()))
    by_split = ", ".join(f"{e.metric.removeprefix('upside down in ')} {e.value:.0%}" for e in parts)
    return Finding(
        id="upside_down",
        subject=name,
        cause="data_quality",
        severity=severity,
        title=f"{hits.mean():.0%} of the {name} are upside down",
        claim=f"{name} has an upright orientation, but {hits.sum()} of the {len(hits)} sampled {name} are upside down "
        f"({by_split}). A detector learns the more frequent orientation and misses the other.",
        evidence=(share(f"{name} upside down", hits, where), *parts),
        remedy="If the images were turned by mistake (a copy or an export lost their orientation), turn them back together with "
        f"their boxes. If the camera will see {name} in both orientations, add random_vertical_flip to the augmentation.",
        expected_effect="not measured here",
        confidence="medium",
    )


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


KIND = Kind(ids=("upside_down",), find=find)
