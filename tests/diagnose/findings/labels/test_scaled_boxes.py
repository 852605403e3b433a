# environment: data
"""Boxes that are larger or smaller than their objects, drawn and in real data; what looks alike and is no flaw."""

import itertools

import numpy as np
import pytest

from boxwright.core.records import tfrecords
from boxwright.diagnose.findings.labels.scaled_boxes import judge
from boxwright.diagnose.measures import object_crops
from boxwright.diagnose.measures.object_crops import MARGIN, SIDE, WHOLE, Crops


def crops(pixels, names, split="train", inside=True) -> Crops:
    n = len(pixels)
    ids, alone = np.ones(n, int), np.ones(n, bool)
    known = {"sides": np.full(n, 40.0), "inside": np.full(n, inside)}
    return Crops(np.asarray(pixels, np.float32), ids, alone, np.full(n, split), names, **known)


def drawn(width=1.0, height=1.0, n=80, shape="square", **known) -> Crops:
    """Objects with a texture on a plain background. width, height: of the objects, in sides of their box; 5 % apart."""
    random = np.random.default_rng(0)
    pixels = 0.5 + random.normal(0, 0.02, (n, WHOLE, WHOLE))
    at = (np.arange(WHOLE) + 0.5 - MARGIN - SIDE / 2) / (SIDE / 2)
    for one in pixels:
        x, y = (np.abs(at / side / random.uniform(0.95, 1.05)) for side in (width, height))
        thin = {"square": True, "cross": np.minimum.outer(y, x) < 0.3}[shape]
        mask = (np.maximum.outer(y, x) < 1) & thin
        one[mask] += random.normal(0, 0.2, mask.sum())
    return crops(pixels, np.array([f"{i // 2}.jpg" for i in range(n)]), **known)


@pytest.mark.parametrize(
    ("size", "severity"),
    [((1, 1), None), ((0.92, 0.92), None), ((0.78, 0.78), "medium"), ((0.67, 0.67), "high"), ((0.5, 0.6), "high")],
)
def test_boxes_that_are_too_large(size, severity):
    found = judge(drawn(*size))
    assert (found and found.severity) == severity
    if found:
        width, height = (row.value for row in found.evidence)
        assert abs(width - size[0]) <= 0.09 and abs(height - size[1]) <= 0.09
        assert "larger than their objects" in found.title


def test_boxes_that_are_too_small_are_less_certain():
    found = judge(drawn(1.45, 1.45))
    assert found and (found.severity, found.confidence) == ("medium", "low") and "seem smaller" in found.title


@pytest.mark.parametrize(
    "clean",
    [
        drawn(0.7, 1),  # one side alone may be a property of the shape
        drawn(1, 1, shape="cross"),  # wings reach to the box, and most of the object lies around its middle
        drawn(0, 0),  # nothing is seen
        drawn(0.6, 0.6, n=38),
        drawn(0.6, 0.6, inside=False),  # cut at the edge of the image
    ],
)
def test_what_cannot_be_judged_is_not_told(clean):
    assert judge(clean) is None


def test_each_split_is_judged():
    found = judge(drawn(0.6, 0.6, split="val"))
    assert found and found.title.startswith("The validation boxes are larger") and found.evidence[0].subject == "val"


@pytest.mark.parametrize("name", ["bccd_voc", "cards_voc"])
@pytest.mark.parametrize(("factor", "told"), [(1.0, False), (1.4, True)])
def test_real_boxes_scaled_about_their_centers(converted, name, factor, told):
    records, _ = converted(name)
    pixels, names = [], []
    for record in itertools.islice(tfrecords.read(records, "train"), 200):
        boxes = record.boxes_yxyx
        middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, factor * (boxes[:, 2:] - boxes[:, :2]) / 2
        boxes = np.concatenate([middle - half, middle + half], 1)
        boxes = boxes[(boxes.min(1) > 0.01) & (boxes.max(1) < 0.99)]
        boxes = boxes[object_crops.short_sides(boxes, record.height, record.width) >= 20]
        pixels += [
            one for one, *_ in object_crops.cut(np.asarray(record.picture("L")), boxes, np.ones(len(boxes), int))
        ]
        names += [record.filename] * len(boxes)
    found = judge(crops(pixels, np.array(names)))
    assert (found is not None and found.severity == "high") == told
