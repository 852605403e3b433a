"""Whether an augmentation takes small objects out of the anchors' reach: options that pad the picture shrink what is in it."""

import numpy as np

from boxwright.core import anchors
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.anchor_coverage import wilson

_LOST: dict[Severity, float] = {"high": 0.5, "medium": 0.1}  # set
_OBJECTS, _DRAWS = 2_000, 8
# Largest side of the padded picture over that of the picture, where an option names none: preprocessor.random_pad_image takes
# twice the picture, random_crop_pad_image its min_padded_size_ratio or more.
_DEFAULT = {"random_pad_image": 2.0}


def largest_padding(option: Augmentation, height: float, width: float) -> tuple[float, float]:
    """How many times as high and as wide a picture of that size (pixels) can become; 1, 1 for options that do not pad.

    A crop only enlarges, and a picture that is scaled as a whole is scaled back to the input.
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
    """(n, 4) boxes in a picture padded to a random size up to `high` and `wide` times its own, at a random place in it."""
    scale = 1 / random.uniform(1.0, [high, wide], (len(boxes_yxyx), 2))
    place = random.uniform(0, 1 - scale)
    return boxes_yxyx * np.tile(scale, 2) + np.tile(place, 2)


def findings(data: Data, recipe: Recipe, seed: int) -> list[Finding]:
    """One for each class of which a tenth or more of the objects in reach fall out of it when the recipe pads."""
    images = data.images_in("train")
    paddings = [largest_padding(o, images.height.median(), images.width.median()) for o in recipe.augmentation]
    high, wide = np.prod(paddings, axis=0) if paddings else (1.0, 1.0)
    if high * wide == 1:
        return []
    random = np.random.default_rng(seed)
    boxes_yxyx, ids = data.boxes_in("train")
    found = []
    for i, name in enumerate(data.classes, 1):
        rows = random.permutation(np.flatnonzero(ids == i))[:_OBJECTS]
        reached = boxes_yxyx[rows][anchors.best_iou(boxes_yxyx[rows], recipe) >= anchors.MATCHED_IOU]
        if len(reached):
            draws = [anchors.best_iou(shrunk(reached, high, wide, random), recipe) for _ in range(_DRAWS)]
            lost = float((np.array(draws) < anchors.MATCHED_IOU).mean())
            found.append(_finding(name, lost, len(reached), max(high, wide), seed))
    return [f for f in found if f]


def _finding(name: str, lost: float, n: int, times: float, seed: int) -> Finding | None:
    severity = next((s for s, limit in _LOST.items() if lost >= limit), None)
    if not severity:
        return None
    return Finding(
        id="augmentation_shrinks",
        subject=name,
        cause="recipe",
        severity=severity,
        claim=f"The recipe pads pictures to up to {times:.2f} times their side. That takes {lost:.0%} of the {name} that the "
        "anchors reach out of their reach: such an object teaches little in that step.",
        evidence=(
            Evidence(
                metric="objects in reach that padding takes out of it, mean of 8 draws",
                value=round(lost, 4),
                n=n,
                interval=wilson(round(lost * n), n),
                seed=seed,
                where="tables/objects.parquet, split train",
            ),
        ),
        remedy="Leave the padding out, or pad less (max_height_padding, max_width_padding).",
        expected_effect="not measured here",
        confidence="medium",
    )
