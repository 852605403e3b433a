"""Runs the step: see config.py."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boxwright.core import coco_eval
from boxwright.core import recipe as recipes
from boxwright.core.coco_eval import GroundTruth
from boxwright.core.html import page_base
from boxwright.core.records import tfrecords
from boxwright.core.runtime import atomic_dirs, text_files
from boxwright.core.runtime.step_io import Result
from boxwright.evaluate import (
    bootstrap_intervals,
    confusion_matrix,
    detecting,
    detectors,
    error_analysis,
    metrics_display,
    precision_recall_plot,
    recall_slices,
    splits,
)
from boxwright.evaluate.config import Config
from boxwright.evaluate.detecting import Detected

METRICS = "metrics.json"
ERRORS = "errors.json"


def run(config: Config) -> Result:
    """Raises UserError if there is no such model, if it has other classes, if the split has no images, or if `evaluation` holds
    other files."""
    classes = tfrecords.classes(config.records)
    split, notices = splits.choose(config.records, config.split)
    detector, known = detectors.load(config.model, config.variant)
    detectors.check_classes(known, classes, config.model)
    groundtruth = coco_eval.groundtruth(tfrecords.read(config.records, split), classes)
    found = detecting.detect(detector, config.records, split)
    evaluated = coco_eval.evaluator(groundtruth, found.detections)
    notices += splits.crowded(groundtruth) + confusion_matrix.notices(len(classes))
    numbers = metrics(groundtruth, found, evaluated)
    numbers = {"variant": config.variant, "split": split, **numbers, "notices": notices}
    counts = confusion_matrix.matrix(groundtruth, found.detections)
    errors = what_goes_wrong(config.model, groundtruth, found, evaluated)
    errors |= {"confusions": confusion_matrix.confusions(groundtruth, counts)}
    plot = page_base.svg(precision_recall_plot.precision_recall(groundtruth, evaluated))
    with atomic_dirs.staged([config.evaluation], [METRICS]) as (folder,):
        write(folder, numbers, errors, groundtruth, found, plot)
    text_files.write(config.metrics, as_text(numbers))
    text_files.write(config.page, metrics_display.page(numbers, plot))
    metrics_display.print_table(numbers)
    text_files.write(config.confusion, as_text(confusion_matrix.for_kfp(classes, counts)))
    shown = confusion_matrix.for_kfp(*confusion_matrix.with_others(classes, counts))
    return result(numbers, shown, round(1000 * found.seconds / len(groundtruth["images"]), 2))


def metrics(groundtruth: GroundTruth, found: Detected, evaluated: Any) -> dict[str, Any]:
    """The COCO numbers, counts, and intervals."""
    return {
        "images": len(groundtruth["images"]),
        "objects": sum(not a["iscrowd"] for a in groundtruth["annotations"]),
        "detections": len(found.detections),
        **with_objects(coco_eval.summary(evaluated, groundtruth), groundtruth),
        "interval": bootstrap_intervals.intervals(groundtruth, found.detections),
    }


def with_objects(numbers: dict[str, Any], groundtruth: GroundTruth) -> dict[str, Any]:
    """The numbers with the count of objects of each class, without crowds, as in the evaluation."""
    counts = Counter(a["category_id"] for a in groundtruth["annotations"] if not a["iscrowd"])
    objects = {category["name"]: counts[category["id"]] for category in groundtruth["categories"]}
    per_class = {name: values | {"objects": objects[name]} for name, values in numbers["per_class"].items()}
    return numbers | {"per_class": per_class}


def what_goes_wrong(model: Path, groundtruth: GroundTruth, found: Detected, evaluated: Any) -> dict[str, Any]:
    """The content of errors.json. Recall by anchors needs the recipe, which a folder of TFLite files does not have."""
    file = model / "recipe.yaml"
    recipe = recipes.read(file) if file.is_file() else None
    scores = error_analysis.scores_by_object(found.detections, evaluated)
    objects = recall_slices.table(groundtruth, scores, found.brightness, recipe)
    return error_analysis.analyse(groundtruth, found.detections, evaluated) | {"recall": recall_slices.rows(objects)}


def write(
    folder: Path,
    numbers: Mapping[str, Any],
    errors: Mapping[str, Any],
    groundtruth: GroundTruth,
    found: Detected,
    plot: str,
) -> None:
    """Fills the evaluation's folder. plot: SVG."""
    files = {
        METRICS: as_text(numbers),
        ERRORS: as_text(errors),
        "groundtruth.json": json.dumps(groundtruth),
        "detections.json": json.dumps(found.detections),
        "precision_recall.svg": plot,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def as_text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def result(numbers: Mapping[str, Any], confusions: Mapping[str, Any], milliseconds: float) -> Result:
    """milliseconds: per image on this machine. Only the metadata have it: a file with it would differ in every run.

    The metadata have the AP50 of single classes only for as many classes as the KFP UI shows. KFP passes metadata on as one
    argument of a command, which holds at most 128 KiB.
    """
    named = {name: numbers[name] for name in ("AP", "AP50", "AR100")}
    if len(numbers["per_class"]) <= confusion_matrix.MOST_SHOWN:
        named |= {f"AP50 {name}": values["AP50"] for name, values in numbers["per_class"].items()}
    rounded = {name: round(value, 4) for name, value in named.items() if value is not None}
    about = {"variant": numbers["variant"], "split": numbers["split"], "images": numbers["images"]}
    ap, ap50 = metrics_display.percent(numbers["AP"]), metrics_display.percent(numbers["AP50"])
    return Result(
        artifacts={
            "evaluation": about | rounded | {"milliseconds_per_image": milliseconds},
            "metrics": rounded,
            "confusion": confusions,
            "page": {},
        },
        headline=f"{metrics_display.title(numbers)}: AP {ap}, AP50 {ap50} (of 100), {milliseconds:.0f} ms per image",
    )
