"""What goes wrong, as numbers: TIDE's error types, calibration, and boxes whose label may be the mistake. All by hotcoco."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from boxwright.core import coco_eval

SCORE = 0.5
IOU = 0.5
# Below this overlap with every object a detection stands on background (TIDE's t_b).
BACKGROUND_IOU = 0.1
TYPES = ("Cls", "Loc", "Both", "Dupe", "Bkg", "Miss")
KEPT = 100  # suspects


def analyse(groundtruth: dict, detections: Sequence[dict], evaluated: Any) -> dict[str, Any]:
    """JSON-able. evaluated: result of core.coco.evaluator for the same detections."""
    sure = [detection for detection in detections if detection["score"] >= SCORE]
    surely = coco_eval.evaluator(groundtruth, sure)
    suspected = suspects(sure, surely)
    return {
        "score": SCORE,
        "iou": IOU,
        "background_iou": BACKGROUND_IOU,
        "tide": tide(groundtruth, evaluated, surely),
        "calibration": calibration(evaluated),
        "suspects": {"number": len(suspected), "worst": suspected[:KEPT]},
    }


def tide(groundtruth: dict, evaluated: Any, sure: Any) -> list[dict[str, Any]]:
    """A row for each type of error of TIDE (Bolya et al. 2020, section 2): how many there are among the detections of score 0.5
    and more (`sure`, their evaluator), and dAP: points in 0..1 of AP50 that were won if all errors of this type, at any score,
    were put right; None where that cannot be measured. The gains do not add up: one error hides another."""
    gains, counts = (one.tide_errors(pos_thr=IOU, bg_thr=BACKGROUND_IOU) for one in (evaluated, sure))
    won = gains["delta_ap"] | dict.fromkeys(unmeasured(groundtruth, evaluated, gains["counts"]["Miss"]))
    return [{"type": name, "number": counts["counts"][name], "dAP": won[name]} for name in TYPES]


def unmeasured(groundtruth: dict, evaluated: Any, missed: int) -> tuple[str, ...]:
    """The types whose repair leaves no AP50 to compare, of which hotcoco says 0: all where there is no object; `Miss`, which
    takes the missed objects away, where a class may be left without any. missed: how many those are."""
    found = coco_eval.summary(evaluated, groundtruth)["per_class"]
    counts = Counter(a["category_id"] for a in groundtruth["annotations"] if not a["iscrowd"])
    if not counts:
        return TYPES
    lost = [c for c in groundtruth["categories"] if 0 < counts[c["id"]] <= missed and not found[c["name"]]["AP50"]]
    return ("Miss",) if lost else ()


def calibration(evaluated: Any) -> dict[str, Any]:
    """Expected calibration error (Guo et al. 2017, ten bins of equal width) of the scores as chances to be right at IoU 0.5,
    overall (None without detections) and by class, and the reliability diagram: mean score and share of right detections of each
    bin that has any."""
    found = evaluated.calibration(n_bins=10, iou_threshold=IOU)
    bins = [
        {"score": one["avg_confidence"], "right": one["avg_accuracy"], "number": one["count"]}
        for one in found["bins"]
        if one["count"]
    ]
    ece = found["ece"] if found["num_detections"] else None
    return {"ece": ece, "bins": bins, "per_class": found["per_category"], "number": found["num_detections"]}


def suspects(sure: Sequence[dict], evaluated: Any) -> list[dict[str, Any]]:
    """Detections that contradict the labels, surest first: `missing` on nothing that is labelled, `class` on an object that is
    labelled otherwise (`labelled`), and that no detection finds as such. sure: those of score 0.5 and more; evaluated: of them.
    """
    found = evaluated.image_diagnostics(iou_thr=IOU, score_thr=SCORE)["label_errors"]
    kept = [
        {
            "kind": {"missing_annotation": "missing", "wrong_label": "class"}[one["type"]],
            "image_id": one["image_id"],
            "score": one["dt_score"],
            "class": one["dt_category"],
            "labelled": one["gt_category"],
            "bbox": sure[one["dt_id"] - 1]["bbox"],
        }
        for one in found
    ]
    return sorted(kept, key=lambda one: (-one["score"], one["image_id"], one["bbox"]))


def scores(detections: Sequence[dict], evaluated: Any) -> dict[int, float]:
    """Score of the detection that finds each object, by annotation id; objects that none finds at IoU 0.5 are not in it."""
    found = evaluated.image_diagnostics(iou_thr=IOU, score_thr=SCORE)
    return {int(truth): detections[int(number) - 1]["score"] for truth, number in found["gt_match"].items()}
