"""Objects that anchors reach, but that are smaller than one cell of the finest feature map at the network's input."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.anchors import MATCHED_IOU
from boxwright.core.findings import Finding, Severity
from boxwright.core.html import charts
from boxwright.core.plurals import count, part_of, upper
from boxwright.core.runtime.errors import few
from boxwright.diagnose.findings import shared_examples, shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.anchor_coverage import side_pixels, starved
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, of_classes, share, worst
from boxwright.diagnose.measures.misfit import TINY_PIXELS

_SHARE: dict[Severity, float] = {"high": 0.5, "medium": 0.05}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    boxes_yxyx, ids = inputs.data.boxes_in("train")
    pixels = side_pixels(boxes_yxyx, inputs.recipe.input_size)
    out_of_reach = starved(inputs.before.best_iou < MATCHED_IOU, ids)
    yield judge(pixels, ids, inputs.data.classes, out_of_reach, inputs.recipe.input_size)


def judge(
    pixels: np.ndarray, ids: np.ndarray, names: tuple[str, ...], out_of_reach: list[int], input_size: int
) -> Finding | None:
    """One finding about the classes of which 5 % are tiny.

    pixels: (n,) sides (square root of the area) of the training objects at the network's input. ids: (n,) of their classes, from
    1. out_of_reach: the classes that another finding names, because no anchor reaches them: being tiny is its cause.
    """
    tiny = (pixels < TINY_PIXELS) & ~np.isin(ids, out_of_reach)
    tiniest = worst(tiny, ids, _SHARE["medium"])
    severity = of_classes(tiny, ids, _SHARE)
    if not severity:
        return None
    own = np.isin(ids, tiniest)
    named = few([charts.short(names[i - 1]) for i in tiniest], 3)
    which, n = part_of(tiny[own].mean(), f"objects of {named}"), int(tiny.sum())
    return Finding(
        id="tiny_objects",
        cause="recipe",
        severity=severity,
        title=f"{upper(which)} are smaller than {TINY_PIXELS} px at the network's input",
        claim=f"{count(n, 'training object', 'is')} under {TINY_PIXELS} px once an image is resized to {input_size} px. That is "
        "less than one cell of the finest feature map, so little detail is left. The anchors fit them.",
        evidence=tuple(
            share(f"under {TINY_PIXELS} px at {input_size} px", tiny[ids == i], TRAIN_OBJECTS, subject=names[i - 1])
            for i in tiniest
        ),
        remedy="Cut the images into overlapping tiles before you convert them, or take the images from closer. A larger "
        "input_size in recipe.yaml also helps; its cost grows with the square of the size.",
        expected_effect="not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("tiny_objects",), find=find, figure=shared_figures.sizes, examples=shared_examples.tiny)
