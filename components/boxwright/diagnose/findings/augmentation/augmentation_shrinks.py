"""Augmentation that pads images. It shrinks the objects, so that small ones fall out of the anchors' reach."""

from collections.abc import Iterator

import numpy as np

from boxwright.core import anchors
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, at_least, wilson

_LOST: dict[Severity, float] = {"high": 0.5, "medium": 0.1}  # set by hand
_OBJECTS, _DRAWS = 2_000, 8
# Largest side of the padded image over that of the image, for options that name none. Source: preprocessor.random_pad_image pads
# to at most twice the image.
_DEFAULT = {"random_pad_image": 2.0}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    return judge(inputs.data, inputs.recipe, inputs.seed)


def judge(data: Data, recipe: Recipe, seed: int) -> Iterator[Finding | None]:
    """One for each class that loses a tenth or more of its reached objects by padding."""
    images = data.images_in("train")
    paddings = [largest_padding(o, images.height.median(), images.width.median()) for o in recipe.augmentation]
    high, wide = np.prod(paddings, axis=0) if paddings else (1.0, 1.0)
    if high * wide == 1:
        return
    random = np.random.default_rng(seed)
    boxes_yxyx, ids = data.boxes_in("train")
    for i, name in enumerate(data.classes, 1):
        rows = random.permutation(np.flatnonzero(ids == i))[:_OBJECTS]
        reached = boxes_yxyx[rows][anchors.best_iou(boxes_yxyx[rows], recipe) >= anchors.MATCHED_IOU]
        if len(reached):
            draws = [anchors.best_iou(shrunk(reached, high, wide, random), recipe) for _ in range(_DRAWS)]
            lost = float((np.array(draws) < anchors.MATCHED_IOU).mean())
            yield _finding(name, lost, len(reached), max(high, wide), seed)


def largest_padding(option: Augmentation, height: float, width: float) -> tuple[float, float]:
    """How many times as high and as wide an image of that size (pixels) can become. (1, 1) for options that do not pad.

    Other options cannot shrink objects: a crop enlarges them, and the resize to the input undoes a scaling of the whole image.
    """
    settings = option.options
    if option.name == "random_absolute_pad_image":
        added = settings.get("max_height_padding", 0), settings.get("max_width_padding", 0)
        return 1 + added[0] / height, 1 + added[1] / width
    if option.name == "random_pad_image":
        high = settings.get("max_image_height", 0) / height or _DEFAULT[option.name]
        wide = settings.get("max_image_width", 0) / width or _DEFAULT[option.name]
        return max(high, 1.0), max(wide, 1.0)
    return 1.0, 1.0


def shrunk(boxes_yxyx: np.ndarray, high: float, wide: float, random: np.random.Generator) -> np.ndarray:
    """(n, 4) boxes in an image that is padded to a random size, up to `high` and `wide` times its own, at a random place."""
    scale = 1 / random.uniform(1.0, [high, wide], (len(boxes_yxyx), 2))
    place = random.uniform(0, 1 - scale)
    return boxes_yxyx * np.tile(scale, 2) + np.tile(place, 2)


def _finding(name: str, lost: float, n: int, times: float, seed: int) -> Finding | None:
    severity = at_least(lost, _LOST)
    if not severity:
        return None
    return Finding(
        id="augmentation_shrinks",
        subject=name,
        cause="recipe",
        severity=severity,
        title=f"Padding takes {lost:.0%} of the {name} out of the anchors' reach",
        claim=f"The recipe pads images to up to {times:.2f} times their side. Without padding, anchors reach these {name}; with "
        f"it, {lost:.0%} of them are out of reach. Training learns little from such an object.",
        evidence=(
            Evidence(
                metric=f"reached objects that padding takes out of reach, mean of {_DRAWS} draws",
                value=round(lost, 4),
                n=n,
                interval=wilson(round(lost * n), n),
                seed=seed,
                where=TRAIN_OBJECTS,
            ),
        ),
        remedy="Remove the padding, or pad less (max_height_padding, max_width_padding).",
        expected_effect="not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("augmentation_shrinks",), find=find)
