"""Objects that are smaller than one cell of the finest feature map at the network's input."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Finding
from boxwright.diagnose.findings import shared_examples, shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.anchor_coverage import side_pixels
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, share

TINY_PIXELS = 8


def find(inputs: Inputs) -> Iterator[Finding | None]:
    boxes_yxyx, ids = inputs.data.boxes_in("train")
    pixels = side_pixels(boxes_yxyx, inputs.recipe.input_size)
    for i, name in enumerate(inputs.data.classes, 1):
        yield judge(pixels[ids == i], name, inputs.recipe.input_size)


def judge(pixels: np.ndarray, name: str, input_size: int) -> Finding | None:
    """pixels: (n,) sides (square root of the area) of the training objects of the class, at the network's input."""
    hits = pixels < TINY_PIXELS
    if not len(hits) or hits.mean() < 0.05:
        return None
    return Finding(
        id="tiny_objects",
        subject=name,
        cause="recipe",
        severity="high" if hits.mean() >= 0.5 else "medium",
        title=f"{hits.mean():.0%} of the {name} are smaller than {TINY_PIXELS} px at the network's input",
        claim=f"{hits.mean():.0%} of the {len(hits)} training {name} are under {TINY_PIXELS} px once the image is resized to "
        f"{input_size} px. That is less than one cell of the finest feature map, so little detail is left.",
        evidence=(share(f"under {TINY_PIXELS} px at {input_size} px", hits, TRAIN_OBJECTS),),
        remedy="Cut the images into overlapping tiles before you convert them, or take the images from closer. A larger "
        "input_size in recipe.yaml also helps; its cost grows with the square of the size.",
        expected_effect="not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("tiny_objects",), find=find, figure=shared_figures.sizes, examples=shared_examples.tiny)
