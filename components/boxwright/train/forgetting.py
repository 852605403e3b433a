"""Forgetting: the AP that fine-tuning costs the classes of the initial model.

Both models are evaluated on the same validation images. This works only for initial weights that `boxwright train` wrote,
because the classes of other weights are unknown.
"""

from collections.abc import Sequence
from pathlib import Path

from boxwright.core import coco_eval, matching
from boxwright.core.artifacts.coco import Annotation, Detection, GroundTruth
from boxwright.core.artifacts.training import ClassScore, Forgetting, Forgotten
from boxwright.core.od_api import detection_model
from boxwright.core.od_api.detection_model import DetectionModel
from boxwright.core.recipe import Recipe
from boxwright.evaluate import bootstrap_intervals
from boxwright.train import json_store
from boxwright.train.loop.validation import Validation
from boxwright.train.weights import weight_restoring
from boxwright.train.weights.initial_weights import Source

SEED = 0  # for the bootstrap


def shared_classes(source: Source, recipe: Recipe) -> list[str]:
    """The classes that the recipe and the initial model have in common, in the recipe's order."""
    return [name for name in recipe.classes if name in source.classes]


def initial_detections(source: Source, recipe: Recipe, records: Path, workspace: Path) -> list[Detection] | None:
    """COCO json of the initial model's detections of the shared classes on the validation images; None if no class is shared.

    The initial model runs with its own anchors and input size. Class ids are the recipe's. The result is saved in the
    workspace, so that a resumed training uses the same detections. Call this before `Training`: this builds a model, which
    draws random numbers, and `Training` then sets the seed.
    """
    names = shared_classes(source, recipe)
    if not names or source.recipe is None:
        return None
    file = workspace / "initial.json"
    if (found := json_store.read(file)) is not None:
        return found
    model = detection_model.build(source.recipe, training=False)
    weight_restoring.restore(model, source, source.recipe)
    id_of = {source.classes.index(name) + 1: recipe.classes.index(name) + 1 for name in names}
    found = Validation(model, source.recipe, records).detect()
    shared: list[Detection] = [
        {**one, "category_id": id_of[one["category_id"]]} for one in found if one["category_id"] in id_of
    ]
    json_store.write(file, shared)
    return shared


def compare(
    initial: list[Detection], best: DetectionModel, step: int, source: Source, recipe: Recipe, records: Path
) -> Forgetting:
    """Compares the trained model with the initial one, per class.

    initial: from `initial_detections`. best: the trained model at `step`.
    """
    validation = Validation(best, recipe, records)
    truth = only_classes(shared_classes(source, recipe), validation.truth)
    ids = {category["id"] for category in truth["categories"]}
    trained = [one for one in validation.detect() if one["category_id"] in ids]
    resamples = bootstrap_intervals.resamples(truth, max(initial, trained, key=len))
    return Forgetting(
        split="val",
        images=len(truth["images"]),
        step=step,
        resamples=resamples,
        seed=SEED,
        per_class=before_and_after(truth, initial, trained, resamples),
        gone=tuple(name for name in source.classes if name not in recipe.classes),
    )


def before_and_after(
    truth: GroundTruth, initial: list[Detection], trained: list[Detection], resamples: int
) -> dict[str, Forgotten]:
    """By class name: number of objects, AP and AP50 in 0..1 before and after, and a 95 % interval of the lost AP.

    truth, initial, trained: COCO json of the same images and classes. resamples: number of bootstrap resamples; 0: no interval.
    """
    was, now = (_per_class(truth, found) for found in (initial, trained))
    bounds, objects = _lost(truth, initial, trained, resamples), matching.objects_per_class(truth)
    return {
        name: Forgotten(objects=objects[name], before=was[name], after=now[name], lost_interval=bounds.get(name))
        for name in was
    }


def only_classes(names: Sequence[str], truth: GroundTruth) -> GroundTruth:
    """Ground truth of these classes only. Category ids stay; annotations get new ids from 1."""
    categories = [category for category in truth["categories"] if category["name"] in names]
    ids = {category["id"] for category in categories}
    kept = [one for one in truth["annotations"] if one["category_id"] in ids]
    renumbered: list[Annotation] = [{**one, "id": number} for number, one in enumerate(kept, 1)]
    return {"images": truth["images"], "annotations": renumbered, "categories": categories}


def _per_class(truth: GroundTruth, found: Sequence[Detection]) -> dict[str, ClassScore]:
    if not truth["annotations"]:
        return {category["name"]: ClassScore(AP=None, AP50=None) for category in truth["categories"]}
    return {name: ClassScore(**score) for name, score in coco_eval.evaluate(truth, found)["per_class"].items()}


def _lost(
    truth: GroundTruth, initial: Sequence[Detection], trained: Sequence[Detection], resamples: int
) -> dict[str, tuple[float, float] | None]:
    """By class name, the 95 % interval of the lost AP; empty if `resamples` is 0.

    The bootstrap is paired: both models are evaluated on the same resampled images.
    """
    was, now = (bootstrap_intervals.samples(truth, found, resamples, SEED) for found in (initial, trained))
    return {
        name.removeprefix("AP "): bootstrap_intervals.interval([b - a for b, a in zip(values, now[name], strict=True)])
        for name, values in was.items()
        if name.startswith("AP ")
    }


def headline(found: Forgetting) -> str:
    """One line for the terminal. AP in percent."""
    texts = [
        f"{name} {_points(one.before)} -> {_points(one.after)}" if one.objects else f"{name} has no validation objects"
        for name, one in found.per_class.items()
    ]
    return f"AP of the initial model's classes, before -> after: {', '.join(texts)}"


def _points(score: ClassScore) -> str:
    return f"{100 * (score.AP or 0):.1f}"
