"""What is left of the classes that the initial model knew: it and the trained one on the same validation images.

Only a folder that `boxwright train` wrote says which classes its weights detect; of all other weights there is nothing to tell.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from boxwright.core import coco_eval
from boxwright.core.od_api import detection_model as models
from boxwright.core.recipe import Recipe
from boxwright.evaluate import measure
from boxwright.train import json_store, weights
from boxwright.train.loop import Validation

SEED = 0  # of the resamples


def shared(source: weights.Source, recipe: Recipe) -> list[str]:
    """Classes of the recipe that the initial model detects, too, in the recipe's order."""
    return [name for name in recipe.classes if name in source.classes]


def before(source: weights.Source, recipe: Recipe, records: Path, workspace: Path) -> list[dict] | None:
    """What the initial model, with its own anchors and input size, detects of the shared classes on the validation images: COCO
    json with the recipe's class ids. None where no class is shared.

    Kept in the workspace: a training that is resumed compares itself with the same. To be called before `Training`, whose seed
    makes the weights: this builds a model, too.
    """
    if not (names := shared(source, recipe)):
        return None
    earlier = workspace / "initial.json"
    if (found := json_store.read(earlier)) is not None:
        return found
    model = models.build(source.recipe, training=False)
    weights.restore(model, source, source.recipe)
    id_of = {source.classes.index(name) + 1: recipe.classes.index(name) + 1 for name in names}
    found = Validation(model, source.recipe, records).detect()
    found = [one | {"category_id": id_of[one["category_id"]]} for one in found if one["category_id"] in id_of]
    json_store.write(earlier, found)
    return found


def compared(initial: list[dict], best, step: int, source: weights.Source, recipe: Recipe, records: Path) -> dict:
    """What `table` says of the trained model, of the given step, against `initial`, which `before` gave; `gone`: the classes
    of the initial model that these records do not have."""
    validation = Validation(best, recipe, records)
    truth = only(shared(source, recipe), validation.truth)
    ids = {category["id"] for category in truth["categories"]}
    trained = [one for one in validation.detect() if one["category_id"] in ids]
    gone = [name for name in source.classes if name not in recipe.classes]
    return {
        "split": "val",
        "images": len(truth["images"]),
        "step": step,
        **table(truth, initial, trained),
        "gone": gone,
    }


def table(truth: dict, initial: list[dict], trained: list[dict]) -> dict:
    """By class: objects, AP and AP50 before and after in 0..1 (None without objects), and the 95 % interval of the AP lost
    (None where there are too few images). All three are COCO json of the same images and classes."""
    resamples = measure.resamples(truth, max(initial, trained, key=len))
    was, now = (_per_class(truth, found) for found in (initial, trained))
    bounds, objects = _lost(truth, initial, trained, resamples), _objects(truth)
    per_class = {
        name: {
            "objects": objects[name],
            "before": was[name],
            "after": now[name],
            "lost_interval": bounds.get(name),
        }
        for name in was
    }
    return {"resamples": resamples, "seed": SEED, "per_class": per_class}


def only(names: Sequence[str], truth: dict) -> dict:
    """The COCO json of these classes only; they keep their ids."""
    categories = [category for category in truth["categories"] if category["name"] in names]
    ids = {category["id"] for category in categories}
    kept = [one | {"id": i} for i, one in enumerate((a for a in truth["annotations"] if a["category_id"] in ids), 1)]
    return truth | {"categories": categories, "annotations": kept}


def _objects(truth: dict) -> dict[str, int]:
    """By class, crowds left out, as in the evaluation."""
    counts = Counter(one["category_id"] for one in truth["annotations"] if not one["iscrowd"])
    return {category["name"]: counts[category["id"]] for category in truth["categories"]}


def _per_class(truth: dict, found: Sequence[dict]) -> dict[str, dict]:
    if not truth["annotations"]:
        return {category["name"]: {"AP": None, "AP50": None} for category in truth["categories"]}
    return coco_eval.evaluate(truth, found)["per_class"]


def _lost(truth: dict, initial: Sequence[dict], trained: Sequence[dict], resamples: int) -> dict[str, tuple | None]:
    """By class: the interval of the AP lost, both models on the same draw of images each time. Empty without draws."""
    was, now = (measure.samples(truth, found, resamples, SEED) for found in (initial, trained))
    return {
        name.removeprefix("AP "): measure.interval([b - a for b, a in zip(values, now[name], strict=True)])
        for name, values in was.items()
        if name.startswith("AP ")
    }


def headline(found: dict) -> str:
    """One line for the terminal."""
    said = [
        f"{name} {_points(one['before'])} -> {_points(one['after'])}"
        if one["objects"]
        else f"{name} has no validation objects"
        for name, one in found["per_class"].items()
    ]
    return f"AP of the classes that the initial weights knew, before -> after: {', '.join(said)}"


def _points(numbers: dict) -> str:
    return f"{100 * (numbers['AP'] or 0):.1f}"
