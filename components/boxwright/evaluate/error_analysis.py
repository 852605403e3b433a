"""Error analysis with hotcoco: TIDE's error types, calibration, and labels that may be wrong."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from boxwright.core import coco_eval
from boxwright.core.artifacts.coco import Detection, GroundTruth
from boxwright.core.artifacts.errors import Bin, Calibration, ErrorCount, ErrorType, Suspect, Suspects

SCORE = 0.5
IOU = 0.5
# A detection with a smaller IoU with every object counts as a background error (TIDE's t_b).
BACKGROUND_IOU = 0.1
TYPES: tuple[ErrorType, ...] = get_args(ErrorType)
# hotcoco's names of the suspects -> ours.
_KINDS = {"missing_annotation": "missing", "wrong_label": "class"}
MOST_SUSPECTS = 100


class Analysis(NamedTuple):
    """The result of `analyse`."""

    tide: tuple[ErrorCount, ...]
    calibration: Calibration
    suspects: Suspects


def analyse(groundtruth: GroundTruth, detections: Sequence[Detection], evaluated: Any) -> Analysis:
    """All parts of the error analysis. evaluated: from `coco_eval.evaluator` for the same detections."""
    confident = [detection for detection in detections if detection["score"] >= SCORE]
    confident_evaluated = coco_eval.evaluator(groundtruth, confident)
    suspected = label_suspects(confident, confident_evaluated)
    return Analysis(
        tide=tide(groundtruth, evaluated, confident_evaluated),
        calibration=calibration(evaluated),
        suspects=Suspects(number=len(suspected), worst=tuple(suspected[:MOST_SUSPECTS])),
    )


def tide(groundtruth: GroundTruth, evaluated: Any, confident: Any) -> tuple[ErrorCount, ...]:
    """One row for each error type of TIDE (Bolya et al. 2020, section 2).

    number: errors among the detections with a score of at least 0.5. dAP: the gain in AP50, in 0..1, if all errors of this type
    at any score were corrected; None if it cannot be measured. The gains do not add up, because one error can hide another.

    evaluated, confident: evaluators of all detections, and of those with a score of at least 0.5.
    """
    gains, counts = (one.tide_errors(pos_thr=IOU, bg_thr=BACKGROUND_IOU) for one in (evaluated, confident))
    won = gains["delta_ap"] | dict.fromkeys(unmeasured_types(groundtruth, evaluated, gains["counts"]["Miss"]))
    return tuple(ErrorCount(type=name, number=counts["counts"][name], dAP=won[name]) for name in TYPES)


def unmeasured_types(groundtruth: GroundTruth, evaluated: Any, missed: int) -> tuple[ErrorType, ...]:
    """The error types whose gain cannot be measured. hotcoco reports a gain of 0 for them.

    If there is no object, these are all types. `Miss` is one of them if a class may have no objects left after the correction,
    which removes all missed objects. missed: the number of missed objects.
    """
    found = coco_eval.summary(evaluated, groundtruth)["per_class"]
    counts = Counter(a["category_id"] for a in groundtruth["annotations"] if not a["iscrowd"])
    if not counts:
        return TYPES
    lost = [c for c in groundtruth["categories"] if 0 < counts[c["id"]] <= missed and not found[c["name"]]["AP50"]]
    return ("Miss",) if lost else ()


def calibration(evaluated: Any) -> Calibration:
    """How well the score of a detection predicts the probability that it is correct at IoU 0.5.

    ece: expected calibration error in 0..1 (Guo et al. 2017, ten bins of equal width), also per class; None without detections.
    bins: the reliability diagram: mean score and share of correct detections in each bin that is not empty.
    """
    found = evaluated.calibration(n_bins=10, iou_threshold=IOU)
    bins = [
        Bin(score=one["avg_confidence"], right=one["avg_accuracy"], number=one["count"])
        for one in found["bins"]
        if one["count"]
    ]
    ece = found["ece"] if found["num_detections"] else None
    per_class, number = found["per_category"], found["num_detections"]
    return Calibration(ece=ece, bins=tuple(bins), per_class=per_class, number=number)


def label_suspects(confident: Sequence[Detection], evaluated: Any) -> list[Suspect]:
    """Confident detections that contradict the labels, highest score first.

    Kind `missing`: no labelled object is there. Kind `class`: an object with another label (`labelled`) is there, and no
    detection finds it under that label. confident: detections with a score of at least 0.5. evaluated: their evaluator.
    """
    found = evaluated.image_diagnostics(iou_thr=IOU, score_thr=SCORE)["label_errors"]
    suspects = [
        Suspect.model_validate(
            {
                "kind": _KINDS[one["type"]],
                "image_id": one["image_id"],
                "score": one["dt_score"],
                "class": one["dt_category"],
                "labelled": one["gt_category"],
                "bbox": confident[one["dt_id"] - 1]["bbox"],
            }
        )
        for one in found
    ]
    return sorted(suspects, key=lambda one: (-one.score, one.image_id, one.bbox))


def scores_by_object(detections: Sequence[Detection], evaluated: Any) -> dict[int, float]:
    """Annotation id -> score of the detection that finds the object at IoU 0.5. Objects that are not found have no entry."""
    found = evaluated.image_diagnostics(iou_thr=IOU, score_thr=SCORE)
    return {int(truth): detections[int(number) - 1]["score"] for truth, number in found["gt_match"].items()}
