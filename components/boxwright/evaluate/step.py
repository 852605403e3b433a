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
    """Raises UserError when there is no such model, when it has other classes, when the split has no images, or when
    `evaluation` holds other files."""
    from boxwright.core import coco_eval
    from boxwright.core.records import tfrecords
    from boxwright.evaluate import confusion, detectors, measure

    classes = tfrecords.classes(config.records)
    split, notices = choose_split(config)
    detector, known = detectors.load(config.model, config.variant)
    detectors.check_classes(known, classes, config.model)
    groundtruth = coco_eval.groundtruth(tfrecords.read(config.records, split), classes)
    detections, brightness, seconds = measure.detect(detector, config.records, split)
    evaluated = coco_eval.evaluator(groundtruth, detections)
    metrics = {
        "variant": config.variant,
        "split": split,
        "images": len(groundtruth["images"]),
        "objects": sum(not a["iscrowd"] for a in groundtruth["annotations"]),
        "detections": len(detections),
        **with_objects(coco_eval.summary(evaluated, groundtruth), groundtruth),
        "interval": measure.intervals(groundtruth, detections),
        "notices": notices + crowded(groundtruth) + confusion.notices(len(groundtruth["categories"])),
    }
    counts = confusion.matrix(groundtruth, detections)
    wrong = what_goes_wrong(config.model, groundtruth, detections, brightness, evaluated)
    wrong |= {"confusions": confusion.mistaken(groundtruth, counts)}
    with atomic_dirs.staged([config.evaluation], [METRICS]) as (folder,):
        picture = write(folder, metrics, groundtruth, detections, evaluated)
        (folder / ERRORS).write_text(as_text(wrong), encoding="utf-8")
    show(config, metrics, picture)
    names = [category["name"] for category in groundtruth["categories"]]
    text_files.write(config.confusion, as_text(confusion.for_kfp(names, counts)))
    confusions = confusion.for_kfp(*confusion.with_others(names, counts))
    return result(metrics, confusions, round(1000 * seconds / len(groundtruth["images"]), 2))


def choose_split(config: Config) -> tuple[str, list[str]]:
    """The split that has objects to find, else one that has images, and a notice when it is not the one asked for."""
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
    """A notice where images have more objects than a detector gives detections: as many of them cannot be found."""
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
    """Whether an image of the split has an object that counts: not a crowd."""
    from boxwright.core.records import tfrecords

    return any(not crowd for record in tfrecords.read(folder, split) for crowd in record.is_crowd)


def with_objects(numbers: dict, groundtruth: dict) -> dict:
    """The numbers with the count of objects of each class, crowds left out as in the evaluation."""
    counts = Counter(a["category_id"] for a in groundtruth["annotations"] if not a["iscrowd"])
    objects = {category["name"]: counts[category["id"]] for category in groundtruth["categories"]}
    per_class = {name: values | {"objects": objects[name]} for name, values in numbers["per_class"].items()}
    return numbers | {"per_class": per_class}


def what_goes_wrong(
    model: Path, groundtruth: dict, detections: list[dict], brightness: list[float], evaluated: object
) -> dict:
    """errors.json. Recall by anchors only where the model's folder has its recipe: a TFLite file's has none."""
    from boxwright.core import recipe as recipes
    from boxwright.evaluate import errors, recall

    file = model / "recipe.yaml"
    scores = errors.scores(detections, evaluated)
    objects = recall.table(groundtruth, scores, brightness, recipes.read(file) if file.is_file() else None)
    return errors.analyse(groundtruth, detections, evaluated) | {"recall": recall.rows(objects)}


def write(folder: Path, metrics: dict, groundtruth: dict, detections: list[dict], evaluated: object) -> str:
    """Fills the evaluation's folder; returns the precision-recall plot as SVG."""
    from boxwright.core.html import page_base
    from boxwright.evaluate import plot

    (folder / METRICS).write_text(as_text(metrics), encoding="utf-8")
    for name, value in (("groundtruth", groundtruth), ("detections", detections)):
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    picture = page_base.svg(plot.precision_recall(groundtruth, evaluated))
    (folder / "precision_recall.svg").write_text(picture, encoding="utf-8")
    return picture


def as_text(metrics: dict) -> str:
    return json.dumps(metrics, indent=2, ensure_ascii=False) + "\n"


def show(config: Config, metrics: dict, picture: str) -> None:
    """The numbers for the KFP UI, as a page and as a table in the terminal."""
    from boxwright.evaluate import present

    text_files.write(config.metrics, as_text(metrics))
    text_files.write(config.page, present.page(metrics, picture))
    present.print_table(metrics)


def result(metrics: dict, confusions: dict, milliseconds: float) -> Result:
    """milliseconds: an image on this machine. In the metadata only: in a file it would give every run other digests.

    Metadata hold the AP50 of single classes for the KFP UI only, and only of as many as it shows: they are passed on as one
    argument of a command, which holds 128 KiB at most.
    """
    from boxwright.evaluate import confusion, present

    named = {name: metrics[name] for name in ("AP", "AP50", "AR100")}
    if len(metrics["per_class"]) <= confusion.MOST_SHOWN:
        named |= {f"AP50 {name}": values["AP50"] for name, values in metrics["per_class"].items()}
    numbers = {name: round(value, 4) for name, value in named.items() if value is not None}
    about = {"variant": metrics["variant"], "split": metrics["split"], "images": metrics["images"]}
    ap, ap50 = present.percent(metrics["AP"]), present.percent(metrics["AP50"])
    return Result(
        artifacts={
            "evaluation": about | numbers | {"milliseconds_per_image": milliseconds},
            "metrics": numbers,
            "confusion": confusions,
            "page": {},
        },
        headline=f"{present.title(metrics)}: AP {ap}, AP50 {ap50} points of 100, {milliseconds:.0f} ms an image",
    )
