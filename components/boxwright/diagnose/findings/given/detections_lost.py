"""Objects that the post-processing of a training, or its input, throws away: caps, thresholds, and NMS."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from boxwright.core import boxes
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.plurals import part_of, upper
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, at_least, of_counts

_LOST: dict[Severity, float] = {"high": 0.2, "medium": 0.05, "low": 0.01}  # set by hand
# A score under which a detection is never shown hides it from AP, too. Set by hand.
_SCORES: dict[Severity, float] = {"high": 0.5, "medium": 0.1}
# Classes of images whose objects are compared, and objects of each.
_GROUPS, _OBJECTS = 5_000, 300


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if not (config := inputs.training.config):
        return
    nms = config.ssd.post_processing.batch_non_max_suppression
    yield capped(inputs.data, nms.max_detections_per_class, nms.max_total_detections)
    yield boxes_dropped(inputs.data, config.train.max_number_of_boxes)
    yield merged(inputs.data, nms.iou_threshold, any_class=nms.use_class_agnostic_nms)
    yield hidden(nms.score_threshold)
    yield unconverted(config.ssd.post_processing)


def capped(data: Data, per_class: int, total: int) -> Finding | None:
    """Objects beyond the numbers of detections of an image that the network may give."""
    images, ids = _images(data), data.boxes_in("train")[1]
    pairs, of_class = np.unique(np.stack([images, ids]), axis=1, return_counts=True)
    kept = np.bincount(np.unique(pairs[0], return_inverse=True)[1], np.minimum(of_class, per_class))
    lost, n = len(ids) - int(np.minimum(kept, total).sum()), len(ids)
    severity = at_least(lost / n, _LOST)
    if not severity:
        return None
    most = int(np.unique(images, return_counts=True)[1].max())
    return Finding(
        id="detections_capped",
        cause="recipe",
        severity=severity,
        title=f"{upper(part_of(lost / n, 'objects'))} are beyond the number of detections that the network may give",
        claim=f"max_detections_per_class is {per_class} and max_total_detections is {total}. An image has up to {most} objects. "
        f"{upper(part_of(lost / n, f'{n} training objects'))} cannot be detected, however good the network is.",
        evidence=(of_counts("objects beyond the cap", lost, n, TRAIN_OBJECTS),),
        remedy=f"Set max_detections_per_class and max_total_detections to {_rounded(most)}, and give the same number to the "
        f"export to "
        "TFLite (max_detections).",
        expected_effect=f"recall at most {1 - lost / n:.0%} until then",
    )


def _images(data: Data) -> np.ndarray:
    """(n,) the image of each training object."""
    return data.objects_in("train").image_id.to_numpy()


def _rounded(most: int) -> int:
    return max(100, -(-int(1.5 * most) // 100) * 100)


def boxes_dropped(data: Data, most_boxes: int) -> Finding | None:
    """Source: object_detection.inputs.pad_input_data_to_static_shapes cuts the boxes of an image."""
    sizes = np.unique(_images(data), return_counts=True)[1]
    lost, n = int(np.maximum(sizes - most_boxes, 0).sum()), int(sizes.sum())
    severity = at_least(lost / n, _LOST)
    if not severity:
        return None
    return Finding(
        id="boxes_dropped",
        cause="recipe",
        severity=severity,
        title=f"The training drops {part_of(lost / n, 'objects')}, because images have more than {most_boxes}",
        claim=f"max_number_of_boxes is {most_boxes} (100 is the default), and an image has up to {sizes.max()} objects. The "
        f"boxes "
        f"beyond are cut off: {part_of(lost / n, f'{n} training objects')}. They are trained as background.",
        evidence=(of_counts("objects beyond max_number_of_boxes", lost, n, TRAIN_OBJECTS),),
        remedy=f"Set max_number_of_boxes to {_rounded(int(sizes.max()))}.",
        expected_effect="not measured here",
    )


def merged(data: Data, threshold: float, *, any_class: bool) -> Finding | None:
    """Objects that NMS removes although they are detected exactly, because they overlap another one by more than its
    threshold."""
    boxes_yxyx, ids = data.boxes_in("train")
    apart = np.stack([_images(data), np.zeros_like(ids) if any_class else ids])
    groups = np.unique(apart, axis=1, return_inverse=True)[1].ravel()
    order = np.argsort(groups, kind="stable")
    found = np.split(boxes_yxyx[order], np.flatnonzero(np.diff(groups[order])) + 1)[:_GROUPS]
    lost = sum(_suppressed(group[:_OBJECTS], threshold) for group in found)
    n = sum(len(group[:_OBJECTS]) for group in found)
    severity = at_least(lost / max(n, 1), _LOST)
    if not severity:
        return None
    return Finding(
        id="nms_merges",
        cause="recipe",
        severity=severity,
        title=f"Non-maximum suppression removes {part_of(lost / n, 'objects')}, because they overlap",
        claim=f"iou_threshold is {threshold:.2g}. {upper(part_of(lost / n, f'{n} training objects'))} overlap another object "
        f"{'' if any_class else 'of their class '}by more, so one of the two is removed even if both are found exactly.",
        evidence=(of_counts("objects that overlap another by more than iou_threshold", lost, n, TRAIN_OBJECTS),),
        remedy=f"Raise iou_threshold to {min(0.9, max(0.6, round(threshold + 0.1, 1))):g}"
        + (
            ", or set use_class_agnostic_nms to false." if any_class else ", and look for objects that are boxed twice."
        ),
        expected_effect=f"recall at most {1 - lost / n:.0%} until then",
    )


def _suppressed(boxes_yxyx: np.ndarray, threshold: float) -> int:
    """The objects that greedy suppression removes, in the order of the table. boxes_yxyx: (n, 4) of one image."""
    if len(boxes_yxyx) < 2:
        return 0
    overlaps = np.triu(boxes.iou(boxes_yxyx, boxes_yxyx) > threshold, 1)
    kept = np.ones(len(boxes_yxyx), bool)
    for row in range(len(boxes_yxyx)):
        if kept[row]:
            kept &= ~overlaps[row]
    return int((~kept).sum())


def hidden(score: float) -> Finding | None:
    severity = at_least(score, _SCORES)
    if not severity:
        return None
    return Finding(
        id="score_threshold_high",
        cause="recipe",
        severity="medium",
        title=f"Detections with a score under {score:.2g} are thrown away before they are evaluated",
        claim=f"score_threshold is {score:.2g}. AP measures the whole curve down to the lowest scores, so it falls by what is "
        f"cut off; "
        "focal loss makes scores low. A threshold belongs into the application, where it can be chosen.",
        evidence=(
            Evidence(metric="score_threshold", value=round(score, 6), n=1, where="pipeline.config: post_processing"),
        ),
        remedy="Set score_threshold to 1e-8.",
        expected_effect="not measured here",
        confidence="medium",
    )


def unconverted(post: Any) -> Finding | None:
    """post: a PostProcessing message. IDENTITY (0) is the default if nothing is said."""
    if not post.ListFields() or post.score_converter != 0:
        return None
    return Finding(
        id="scores_unconverted",
        cause="recipe",
        severity="high",
        title="The scores of the detections are no probabilities",
        claim="score_converter is IDENTITY (the default if it is missing), so scores are raw logits from minus to plus infinity. "
        "Every threshold then means something else, and a score_threshold of 0 drops all that is under 50 %.",
        evidence=(Evidence(metric="score_converter", value=0, n=1, where="pipeline.config: post_processing"),),
        remedy="Type score_converter: SIGMOID in post_processing.",
        expected_effect="not measured here",
    )


KIND = Kind(
    ids=("detections_capped", "boxes_dropped", "nms_merges", "score_threshold_high", "scores_unconverted"),
    find=find,
)
