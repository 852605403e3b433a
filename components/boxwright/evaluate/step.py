"""Runs the step: see config.py."""

import json
from collections import Counter
from pathlib import Path

from boxwright.core.runtime import atomic_dirs, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.evaluate.config import Config

METRICS = "metrics.json"
ERRORS = "errors.json"


def run(config: Config) -> Result:
    """Raises UserError if there is no such model, if it has other classes, if the split has no images, or if `evaluation` holds
    other files."""
    from boxwright.core import coco_eval
    from boxwright.core.records import tfrecords
    from boxwright.evaluate import bootstrap_intervals, confusion_matrix, detecting, detectors

    classes = tfrecords.classes(config.records)
    split, notices = choose_split(config)
    detector, known = detectors.load(config.model, config.variant)
    detectors.check_classes(known, classes, config.model)
    groundtruth = coco_eval.groundtruth(tfrecords.read(config.records, split), classes)
    found = detecting.detect(detector, config.records, split)
    evaluated = coco_eval.evaluator(groundtruth, found.detections)
    metrics = {
        "variant": config.variant,
        "split": split,
        "images": len(groundtruth["images"]),
        "objects": sum(not a["iscrowd"] for a in groundtruth["annotations"]),
        "detections": len(found.detections),
        **with_objects(coco_eval.summary(evaluated, groundtruth), groundtruth),
        "interval": bootstrap_intervals.intervals(groundtruth, found.detections),
        "notices": notices + crowded(groundtruth) + confusion_matrix.notices(len(classes)),
    }
    counts = confusion_matrix.matrix(groundtruth, found.detections)
    wrong = what_goes_wrong(config.model, groundtruth, found.detections, found.brightness, evaluated)
    wrong |= {"confusions": confusion_matrix.confusions(groundtruth, counts)}
    with atomic_dirs.staged([config.evaluation], [METRICS]) as (folder,):
        plot = write(folder, metrics, groundtruth, found.detections, evaluated)
        (folder / ERRORS).write_text(as_text(wrong), encoding="utf-8")
    show(config, metrics, plot)
    text_files.write(config.confusion, as_text(confusion_matrix.for_kfp(classes, counts)))
    confusions = confusion_matrix.for_kfp(*confusion_matrix.with_others(classes, counts))
    return result(metrics, confusions, round(1000 * found.seconds / len(groundtruth["images"]), 2))


def choose_split(config: Config) -> tuple[str, list[str]]:
    """The split that has objects to find, else one that has images; and a notice if it is not the one asked for."""
    from boxwright.core.records import tfrecords

    splits = dict.fromkeys((config.split, "val"))
    filled = [split for split in splits if next(tfrecords.read(config.records, split), None) is not None]
    if not filled:
        raise UserError(
            f"{config.records}: no image in {' or '.join(splits)}; convert data that has one, or give another --split"
        )
    chosen = next((split for split in filled if any_object(config.records, split)), filled[0])
    lacks = "objects" if config.split in filled else "images"
    notice = f"the split {config.split} has no {lacks}: measured on {chosen}, which also chose the checkpoint"
    return chosen, [] if chosen == config.split else [notice]


def crowded(groundtruth: dict) -> list[str]:
    """A notice if images have more objects than a detector returns detections."""
    from boxwright.core.coco_eval import MOST_DETECTIONS

    objects = Counter(a["image_id"] for a in groundtruth["annotations"] if not a["iscrowd"])
    lost = [count - MOST_DETECTIONS for count in objects.values() if count > MOST_DETECTIONS]
    if not lost:
        return []
    return [
        f"{len(lost)} of {len(groundtruth['images'])} images have more than {MOST_DETECTIONS} objects, the most that the "
        f"detector finds and COCO counts: {sum(lost)} of {objects.total()} objects cannot be found; cut such images into tiles"
    ]


def any_object(folder: Path, split: str) -> bool:
    """Whether the split has an object that is not a crowd."""
    from boxwright.core.records import tfrecords

    return any(not crowd for record in tfrecords.read(folder, split) for crowd in record.is_crowd)


def with_objects(numbers: dict, groundtruth: dict) -> dict:
    """The numbers with the count of objects of each class, without crowds, as in the evaluation."""
    counts = Counter(a["category_id"] for a in groundtruth["annotations"] if not a["iscrowd"])
    objects = {category["name"]: counts[category["id"]] for category in groundtruth["categories"]}
    per_class = {name: values | {"objects": objects[name]} for name, values in numbers["per_class"].items()}
    return numbers | {"per_class": per_class}


def what_goes_wrong(
    model: Path, groundtruth: dict, detections: list, brightness: list[float], evaluated: object
) -> dict:
    """The content of errors.json. Recall by anchors needs the recipe, which a folder of TFLite files does not have."""
    from boxwright.core import recipe as recipes
    from boxwright.evaluate import error_analysis, recall_slices

    file = model / "recipe.yaml"
    scores = error_analysis.scores_by_object(detections, evaluated)
    objects = recall_slices.table(groundtruth, scores, brightness, recipes.read(file) if file.is_file() else None)
    return error_analysis.analyse(groundtruth, detections, evaluated) | {"recall": recall_slices.rows(objects)}


def write(folder: Path, metrics: dict, groundtruth: dict, detections: list, evaluated: object) -> str:
    """Fills the evaluation's folder; returns the precision-recall plot as SVG."""
    from boxwright.core.html import page_base
    from boxwright.evaluate import precision_recall_plot

    (folder / METRICS).write_text(as_text(metrics), encoding="utf-8")
    for name, value in (("groundtruth", groundtruth), ("detections", detections)):
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    plot = page_base.svg(precision_recall_plot.precision_recall(groundtruth, evaluated))
    (folder / "precision_recall.svg").write_text(plot, encoding="utf-8")
    return plot


def as_text(metrics: dict) -> str:
    return json.dumps(metrics, indent=2, ensure_ascii=False) + "\n"


def show(config: Config, metrics: dict, plot: str) -> None:
    """The numbers for the KFP UI, as a page and as a table in the terminal."""
    from boxwright.evaluate import metrics_display

    text_files.write(config.metrics, as_text(metrics))
    text_files.write(config.page, metrics_display.page(metrics, plot))
    metrics_display.print_table(metrics)


def result(metrics: dict, confusions: dict, milliseconds: float) -> Result:
    """milliseconds: per image on this machine. Only the metadata have it: a file with it would differ in every run.

    The metadata have the AP50 of single classes only for as many classes as the KFP UI shows. KFP passes metadata on as one
    argument of a command, which holds at most 128 KiB.
    """
    from boxwright.evaluate import confusion_matrix, metrics_display

    named = {name: metrics[name] for name in ("AP", "AP50", "AR100")}
    if len(metrics["per_class"]) <= confusion_matrix.MOST_SHOWN:
        named |= {f"AP50 {name}": values["AP50"] for name, values in metrics["per_class"].items()}
    numbers = {name: round(value, 4) for name, value in named.items() if value is not None}
    about = {"variant": metrics["variant"], "split": metrics["split"], "images": metrics["images"]}
    ap, ap50 = metrics_display.percent(metrics["AP"]), metrics_display.percent(metrics["AP50"])
    return Result(
        artifacts={
            "evaluation": about | numbers | {"milliseconds_per_image": milliseconds},
            "metrics": numbers,
            "confusion": confusions,
            "page": {},
        },
        headline=f"{metrics_display.title(metrics)}: AP {ap}, AP50 {ap50} points of 100, {milliseconds:.0f} ms an image",
    )
