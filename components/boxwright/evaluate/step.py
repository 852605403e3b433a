"""Runs the step: see config.py."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from boxwright.core import coco_eval, matching
from boxwright.core import recipe as recipes
from boxwright.core.artifacts import coco, metrics
from boxwright.core.artifacts import errors as error_file
from boxwright.core.artifacts.coco import GroundTruth
from boxwright.core.artifacts.errors import Errors
from boxwright.core.artifacts.metrics import Metrics, Variant
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


def run(config: Config) -> Result:
    """Evaluates and writes the outputs.

    Raises UserError if the model is missing or damaged, if it has other classes, if the split has no image or a damaged one,
    or if the folder `evaluation` holds other files.
    """
    classes = tfrecords.classes(config.records)
    split, notices = splits.choose(config.records, config.split)
    detector, known = detectors.load(config.model, config.variant)
    detectors.check_classes(known, classes, config.model)
    groundtruth = coco_eval.groundtruth(tfrecords.read(config.records, split), classes)
    found = detecting.detect(detector, config.records, split)
    detectors.check_detected(found.detections, classes, config.model)
    evaluated = coco_eval.evaluator(groundtruth, found.detections)
    notices += splits.crowded(groundtruth) + confusion_matrix.notices(len(classes))
    numbers = measure(config.variant, split, groundtruth, found, evaluated, notices)
    counts = confusion_matrix.matrix(groundtruth, found.detections)
    errors = what_goes_wrong(config.model, groundtruth, found, evaluated, counts)
    plot = page_base.svg(precision_recall_plot.precision_recall(groundtruth, evaluated))
    with atomic_dirs.staged([config.evaluation], [metrics.FILE]) as (folder,):
        metrics.write(folder / metrics.FILE, numbers)
        error_file.write(folder / error_file.FILE, errors)
        coco.write(folder / coco.GROUNDTRUTH, groundtruth)
        coco.write(folder / coco.DETECTIONS, found.detections)
        (folder / "precision_recall.svg").write_text(plot, encoding="utf-8")
    metrics.write(config.metrics, numbers)
    text_files.write(config.page, metrics_display.page(numbers, plot))
    metrics_display.print_table(numbers)
    text_files.write(config.confusion, confusion_matrix.as_text(confusion_matrix.for_kfp(classes, counts)))
    return result(numbers, counts, round(1000 * found.seconds / len(groundtruth["images"]), 2))


def measure(
    variant: Variant, split: str, groundtruth: GroundTruth, found: Detected, evaluated: Any, notices: Sequence[str]
) -> Metrics:
    """The content of metrics.json: COCO numbers in 0..1, numbers of objects without crowds, intervals and notices."""
    numbers = coco_eval.summary(evaluated, groundtruth)
    objects = matching.objects_per_class(groundtruth)
    per_class = {name: values | {"objects": objects[name]} for name, values in numbers["per_class"].items()}
    about = {"variant": variant, "split": split, "images": len(groundtruth["images"])}
    about |= {"objects": sum(objects.values()), "detections": len(found.detections)}
    interval = bootstrap_intervals.intervals(groundtruth, found.detections)
    rest = {"per_class": per_class, "interval": interval, "notices": tuple(notices)}
    return Metrics.model_validate(about | numbers | rest)


def what_goes_wrong(
    model: Path, groundtruth: GroundTruth, found: Detected, evaluated: Any, counts: np.ndarray
) -> Errors:
    """The content of errors.json. For TFLite files it has no recall by anchor fit, because their folder has no recipe.

    counts: from `confusion_matrix.matrix`.
    """
    file = model / "recipe.yaml"
    recipe = recipes.read(file) if file.is_file() else None
    scores = error_analysis.scores_by_object(found.detections, evaluated)
    objects = recall_slices.table(groundtruth, scores, found.brightness, recipe)
    return Errors(
        score=error_analysis.SCORE,
        iou=error_analysis.IOU,
        background_iou=error_analysis.BACKGROUND_IOU,
        **error_analysis.analyse(groundtruth, found.detections, evaluated)._asdict(),
        recall=tuple(recall_slices.rows(objects)),
        confusions=tuple(confusion_matrix.confusions(groundtruth, counts)),
    )


def result(numbers: Metrics, counts: np.ndarray, milliseconds: float) -> Result:
    """The step's metadata and headline.

    milliseconds: detection time per image on this machine. It is in the metadata only, so that files are equal in every run.
    counts: from `confusion_matrix.matrix`; the metadata hold its totals, and a part for the KFP UI.

    The metadata hold AP50 per class only if the KFP UI shows all classes. KFP passes metadata as one argument of a command,
    which is limited to 128 KiB.
    """
    classes = list(numbers.per_class)
    named = {"AP": numbers.AP, "AP50": numbers.AP50, "AR100": numbers.AR100}
    if len(classes) <= confusion_matrix.MOST_SHOWN:
        shown = zip(confusion_matrix.shown_names(classes), numbers.per_class.values(), strict=True)
        named |= {f"AP50 {name}": values.AP50 for name, values in shown}
    rounded = {name: round(value, 4) for name, value in named.items() if value is not None}
    about = {"variant": numbers.variant, "split": numbers.split, "images": numbers.images, "classes": len(classes)}
    about |= confusion_matrix.totals(counts)
    ap, ap50 = metrics_display.percent(numbers.AP), metrics_display.percent(numbers.AP50)
    return Result(
        artifacts={
            "evaluation": about | rounded | {"milliseconds_per_image": milliseconds},
            "metrics": rounded,
            "confusion": confusion_matrix.for_kfp(*confusion_matrix.for_ui(classes, counts)),
            "page": {},
        },
        headline=f"{metrics_display.title(numbers)}: AP {ap}, AP50 {ap50} (in %), {milliseconds:.0f} ms per image",
    )
