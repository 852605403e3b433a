"""Boxes that are shifted away from their objects, while most boxes of the class fit. They are found in the pixels."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Finding, Severity
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import at_least, share
from boxwright.diagnose.measures.object_crops import IMAGES, MARGIN, SIDE, Crops

_SHIFTED: dict[Severity, float] = {"high": 0.05, "medium": 0.025}
_ENOUGH = 30
# A box is shifted if it is this share of a side away from the usual place of the boxes of its class. A class is judged only if
# three quarters of its boxes are within _CLOSE. On BCCD and on playing cards no class has such clear edges, so none is judged.
_SHIFT, _CLOSE = 0.12, 0.05


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if inputs.crops:
        for class_id, name in enumerate(inputs.data.classes, 1):
            yield judge(inputs.crops, class_id, name)


def judge(crops: Crops, class_id: int, name: str) -> Finding | None:
    """Objects that another box overlaps are left out: the edges near their boxes may belong to the other object."""
    pixels = crops.pixels[(crops.class_ids == class_id) & (crops.splits == "train") & crops.alone]
    if len(pixels) < _ENOUGH:
        return None
    hits = shifted(offsets(pixels))
    severity = at_least(hits.mean(), _SHIFTED)
    if not severity:
        return None
    return Finding(
        id="shifted_boxes",
        subject=name,
        cause="data_quality",
        severity=severity,
        title=f"{hits.mean():.0%} of the boxes of {name} are shifted away from their object",
        claim=f"{hits.sum()} of {len(hits)} training {name} have a box that is shifted by {_SHIFT:.0%} of a side or more "
        "from the edges in the image. The other boxes are close to them. Only objects that no other box overlaps were checked.",
        evidence=(share("boxes beside their object", hits, f"records: pixels of the first {IMAGES} training images"),),
        remedy=f"Check the boxes of {name} on the images (augmentation.html shows some), and redraw the wrong ones. If all boxes "
        "from one source are shifted in the same way, correct its export or its resize.",
        expected_effect="not measured here; AP at high IoU suffers first",
        confidence="medium",
    )


def offsets(pixels: np.ndarray) -> np.ndarray:
    """(n, 2) down and right: the share of its side by which a box must move so that its sides are on edges of the image.

    For each axis it is the shift, of at most a third of the side, at which both sides of the box meet the strongest gradient.
    The gradient is taken over the middle half of a side, where round objects touch it.
    """
    middle = slice(MARGIN + SIDE // 4, MARGIN + SIDE - SIDE // 4)
    down = np.abs(np.diff(pixels, axis=1))[:, :, middle].mean(2)
    right = np.abs(np.diff(pixels, axis=2))[:, middle].mean(1)
    return np.stack([_best_shift(profile) for profile in (down, right)], axis=1) / SIDE


def _best_shift(profile: np.ndarray) -> np.ndarray:
    """(n,) pixels from -MARGIN + 1 to MARGIN - 1. profile: (n, length) gradients, each between two rows or columns."""
    steps = np.arange(-MARGIN + 1, MARGIN)
    first, last = MARGIN - 1 + steps, MARGIN + SIDE - 1 + steps
    strength = np.minimum(profile[:, first], profile[:, last])
    return steps[strength.argmax(1)]


def shifted(offsets: np.ndarray) -> np.ndarray:
    """(n,) whether an offset (n, 2) is far from those of the class. All False if the class has no clear edges."""
    away = np.abs(offsets - np.median(offsets, axis=0))
    if (np.quantile(away, 0.75, axis=0) > _CLOSE).any():
        return np.zeros(len(offsets), bool)
    return (away >= _SHIFT).any(1)


KIND = Kind(ids=("shifted_boxes",), find=find)
