"""Overfits eight training images. If that fails, labels, anchors or learning rate are wrong, and more data will not help.

Source: Karpathy, "A recipe for training neural networks", 2019 ("overfit one batch").
"""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from boxwright.core.artifacts.training import Evaluated, Preflight
from boxwright.core.recipe import Recipe, Stage
from boxwright.core.records import tfrecords
from boxwright.train import json_store
from boxwright.train.loop.training_loop import Training
from boxwright.train.weights.initial_weights import Source

IMAGES = 8
LEARNED = 0.8  # smallest AP50 on the training images with which they count as learned


def run(recipe: Recipe, records: Path, source: Source, workspace: Path, steps: int) -> Preflight:
    """Trains on eight training images for `steps` steps and evaluates on the same images.

    The result is saved in the workspace, so that a resumed training does not repeat the preflight.
    """
    folder = workspace / f"preflight-{steps}"  # a different number of steps is a different training
    if saved := json_store.read(folder / "found.json"):
        return Preflight.model_validate(saved)
    chosen = choose_images([r.class_ids for r in tfrecords.read(records, "train")])
    written = write_records(records, chosen, folder / "records")
    history = Training(overfit_recipe(recipe, steps, len(chosen)), written, source, folder).run()
    found = result(history.evaluations, len(chosen), steps)
    json_store.write(folder / "found.json", found.model_dump(mode="json"))
    return found


def result(evaluations: Sequence[Evaluated], images: int, steps: int) -> Preflight:
    """The best evaluation as an artifact; its AP50 is None if there was no evaluation because all objects are crowds."""
    # Of equal evaluations the last counts: "nothing was found" is then reported for all the steps.
    best = max(reversed(evaluations), key=lambda one: one.AP50, default=None)
    if best is None:
        return Preflight(images=images, steps=steps, AP50=None, per_class={})
    per_class = {name: score.AP50 for name, score in best.per_class.items()}
    return Preflight(images=images, steps=best.step, AP50=best.AP50, per_class=per_class)


def choose_images(class_ids: Sequence[np.ndarray]) -> list[int]:
    """Indices of up to eight images, in ascending order. class_ids: for each image, the (n,) class ids of its objects.

    One image for each class is chosen first, from the rarest class on; then the first images that have objects.
    """
    holders: dict[int, list[int]] = {}
    for place, ids in enumerate(class_ids):
        for one in {int(i) for i in ids}:
            holders.setdefault(one, []).append(place)
    rarest = sorted(holders, key=lambda one: (len(holders[one]), one))
    wanted = chain((holders[one][0] for one in rarest), (p for p, ids in enumerate(class_ids) if len(ids)))
    return sorted(list(dict.fromkeys(wanted))[:IMAGES])


def write_records(records: Path, chosen: Sequence[int], folder: Path) -> Path:
    """Writes a records folder whose train and val splits both hold the chosen training images; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    examples = chain.from_iterable(map(tfrecords.serialized, tfrecords.shards(records, "train")))
    framed = (tfrecords.framed(data) for place, data in enumerate(examples) if place in set(chosen))
    content = b"".join(chain.from_iterable(framed))
    for split in ("train", "val"):
        (folder / tfrecords.shard_name(split, 0, 1)).write_bytes(content)
    (folder / tfrecords.LABEL_MAP).write_bytes((records / tfrecords.LABEL_MAP).read_bytes())
    return folder


def overfit_recipe(recipe: Recipe, steps: int, images: int) -> Recipe:
    """The recipe without augmentation, frozen stage and early stopping, because they prevent overfitting."""
    every = max(1, steps // 4)
    warmup = min(recipe.learning_rate.warmup_steps, steps // 10)
    return recipe.model_copy(
        update={
            "augmentation": (),
            "stages": (Stage(name="all", trainable="all", steps=steps),),
            "batch_size": min(recipe.batch_size, images),
            "learning_rate": recipe.learning_rate.model_copy(update={"warmup_steps": warmup}),
            "evaluate_every": every,
            "patience": steps,
        }
    )


def notice(found: Preflight) -> str:
    """The result in words. Classes without objects on these images have no AP50 and are not listed."""
    trained = f"Preflight: after {found.steps} steps on {found.images} images"
    if found.AP50 is None:
        return f"{trained}: not measured, because all objects on these images are crowds."
    if found.AP50 >= LEARNED:
        return (
            f"{trained} the model has learned them by heart (AP50 {100 * found.AP50:.0f}): labels, anchors and learning rate "
            "work. If AP is low on other images, the training data is too small or not varied enough."
        )
    scores = sorted((ap50, name) for name, ap50 in found.per_class.items() if ap50 is not None)
    low = ", ".join(f"{name} {100 * ap50:.0f}" for ap50, name in scores if ap50 < LEARNED)
    reached = f"AP50 {100 * found.AP50:.0f}" + (f"; {low}" if low else "")
    return (
        f"{trained} the model has not learned even these ({reached}): more data will not help. Check their boxes, the anchor "
        "coverage and the learning rate, or give more steps with --preflight."
    )
