"""Confidence intervals of COCO numbers: percentile bootstrap over the images (Efron, Tibshirani 1993, chapter 13)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

import numpy as np

from boxwright.core import coco_eval
from boxwright.core.artifacts.coco import Annotation, Detection, GroundTruth
from boxwright.core.artifacts.metrics import Intervals
from boxwright.core.matching import group_by_image

RESAMPLES = 200
MOST_DETECTIONS = 3_000_000  # in all resamples together; takes about half a minute
_FEWEST_IMAGES, _FEWEST_RESAMPLES = 10, 50

Item = TypeVar("Item", Annotation, Detection)


def intervals(groundtruth: GroundTruth, detections: Sequence[Detection], seed: int = 0) -> Intervals | None:
    """95 % intervals of AP and AP50 in 0..1, over all classes and for each class.

    They show how much a number depends on which images were measured. They do not include the variation between training seeds.
    None if there are too few images, or so many detections that resampling would take minutes.
    """
    number = resamples(groundtruth, detections)
    if not number:
        return None
    bounds = {name: interval(values) for name, values in samples(groundtruth, detections, number, seed).items()}
    return Intervals.model_validate({"resamples": number, "seed": seed, "over": "images"} | bounds)


def resamples(groundtruth: GroundTruth, detections: Sequence[Detection]) -> int:
    """The number of resamples to draw; 0 if there are fewer than 10 images, or too many detections for 50 resamples."""
    number = min(RESAMPLES, MOST_DETECTIONS // max(1, len(detections)))
    return 0 if len(groundtruth["images"]) < _FEWEST_IMAGES or number < _FEWEST_RESAMPLES else number


def samples(
    groundtruth: GroundTruth, detections: Sequence[Detection], number: int, seed: int = 0
) -> dict[str, list[float]]:
    """By name (AP, AP50, `AP CLASS`, `AP50 CLASS`) the values of all resamples; NaN if a resample has no objects.

    Images are drawn with replacement. The same seed draws the same images, so that two detectors can be compared resample by
    resample.
    """
    images = len(groundtruth["images"])
    rng = np.random.default_rng(seed)
    by_image = group_by_image(groundtruth["annotations"]), group_by_image(detections)
    drawn = defaultdict(list)
    for _ in range(number):
        chosen = (rng.integers(0, images, images) + 1).tolist()
        for name, value in numbers_of(groundtruth, chosen, *by_image).items():
            drawn[name].append(np.nan if value is None else value)
    return drawn


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The 2.5th and the 97.5th percentile of the values that are not NaN; None if all are NaN."""
    known = np.array(values)[~np.isnan(values)]
    if not known.size:
        return None
    low, high = np.percentile(known, [2.5, 97.5]).tolist()
    return low, high


def numbers_of(
    groundtruth: GroundTruth,
    chosen: Sequence[int],
    annotations: Mapping[int, list[Annotation]],
    detections: Mapping[int, list[Detection]],
) -> dict[str, float | None]:
    """AP, AP50, `AP CLASS` and `AP50 CLASS` of the chosen images; None without objects.

    chosen: image ids. An id that occurs twice counts as two images. annotations, detections: by image id.
    """
    resampled: GroundTruth = {
        "images": [{**groundtruth["images"][image_id - 1], "id": new} for new, image_id in enumerate(chosen, 1)],
        "annotations": _renumbered(chosen, annotations),
        "categories": groundtruth["categories"],
    }
    numbers = coco_eval.evaluate(resampled, _renumbered(chosen, detections))
    classes = {f"{key} {name}": values[key] for name, values in numbers["per_class"].items() for key in ("AP", "AP50")}
    return {"AP": numbers["AP"], "AP50": numbers["AP50"]} | classes


def _renumbered(chosen: Sequence[int], by_image: Mapping[int, list[Item]]) -> list[Item]:
    taken = [(new, item) for new, image_id in enumerate(chosen, 1) for item in by_image.get(image_id, ())]
    return [cast(Item, {**item, "image_id": new, "id": number}) for number, (new, item) in enumerate(taken, 1)]
