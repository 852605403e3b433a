"""Augmentation that pads images. It shrinks the objects, so that small ones fall out of the anchors' reach."""

from collections.abc import Iterator

import numpy as np

from boxwright.core import anchors
from boxwright.core.anchors import Laid
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.html import charts
from boxwright.core.plurals import part_of
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, of_classes, wilson, worst

_LOST: dict[Severity, float] = {"high": 0.5, "medium": 0.1}  # set by hand
# The most objects of a class and in all: the standard error of a share is then 1 point.
_OBJECTS, _MOST, _DRAWS = 2_000, 20_000, 8
# Largest side of the padded image over that of the image, for options that name none. Source: preprocessor.random_pad_image pads
# to at most twice the image.
_DEFAULT = {"random_pad_image": 2.0}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data, _as_given(inputs), inputs.seed, inputs.laid)


def _as_given(inputs: Inputs) -> Recipe:
    """The diagnosed recipe with all options of the training, also with those that a recipe cannot hold."""
    config = inputs.training.config
    return inputs.recipe.model_copy(update={"augmentation": config.augmentation.options}) if config else inputs.recipe


def judge(data: Data, recipe: Recipe, seed: int, laid: Laid | None = None) -> Finding | None:
    """One finding about the classes that lose a tenth or more of their reached objects by padding. laid: the anchors, if they are
    not those of the recipe."""
    images = data.images_in("train")
    paddings = [largest_padding(o, images.height.median(), images.width.median()) for o in recipe.augmentation]
    high, wide = np.prod(paddings, axis=0) if paddings else (1.0, 1.0)
    if high * wide == 1:
        return None
    lost, ids = _draw(data, laid or recipe, (high, wide), seed)
    losing = worst(lost, ids, _LOST["medium"])
    severity = of_classes(np.where(np.isin(ids, losing), lost, 0), ids, _LOST) if losing else None
    names = [option.name for option, by in zip(recipe.augmentation, paddings, strict=True) if max(by) > 1]
    rows = [_row(data.classes[i - 1], lost[ids == i], seed) for i in losing]
    return _finding(rows, severity, max(high, wide), names) if severity else None


def _draw(data: Data, laid: Laid, times: tuple[float, float], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(n,) the share of draws in which padding takes a reached object out of reach, and (n,) its class.

    At most 2,000 objects of a class, and 20,000 in all, drawn at random.
    """
    random = np.random.default_rng(seed)
    boxes_yxyx, ids = data.boxes_in("train")
    most = min(_OBJECTS, max(1, _MOST // len(data.classes)))
    chosen = np.concatenate([random.permutation(np.flatnonzero(ids == i))[:most] for i in np.unique(ids)])
    reached = chosen[anchors.best_iou(boxes_yxyx[chosen], laid) >= anchors.MATCHED_IOU]
    draws = [anchors.best_iou(shrunk(boxes_yxyx[reached], *times, random), laid) for _ in range(_DRAWS)]
    return (np.array(draws) < anchors.MATCHED_IOU).mean(0), ids[reached]


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


def _row(name: str, lost: np.ndarray, seed: int) -> Evidence:
    return Evidence(
        metric=f"reached objects that padding takes out of reach, mean of {_DRAWS} draws",
        subject=name,
        value=round(float(lost.mean()), 4),
        n=len(lost),
        interval=wilson(round(lost.sum()), len(lost)),
        seed=seed,
        where=TRAIN_OBJECTS,
    )


def _finding(rows: list[Evidence], severity: Severity, times: float, options: list[str]) -> Finding:
    """rows: of the classes, the worst first. options: the names of those that pad."""
    lost = sum(row.value * row.n for row in rows) / sum(row.n for row in rows)
    named = few([charts.short(row.subject) for row in rows], 3)
    return Finding(
        id="augmentation_shrinks",
        cause="recipe",
        severity=severity,
        title=f"Padding takes {part_of(lost, f'objects of {named}')} out of the anchors' reach",
        claim=f"The recipe pads images to up to {times:.2f} times their side. Without padding, anchors reach these objects; with "
        f"it, {part_of(lost, 'objects')} of these classes are out of reach. Training learns little from such an object.",
        evidence=tuple(rows),
        remedy=f"Remove {' and '.join(options)} from `augmentation` in the recipe, or let it pad less. "
        "`boxwright augment` does that: it keeps no option that takes the objects of a class out of reach.",
        expected_effect="not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("augmentation_shrinks",), find=find, changes=("augmentation",))
