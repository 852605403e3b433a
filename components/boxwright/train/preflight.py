"""Can the model learn eight images by heart? If not, more data will not help: labels, anchors or the rate are wrong.

The check that comes before any other change (Karpathy, "A recipe for training neural networks", 2019: overfit one batch).
"""

from itertools import chain
from pathlib import Path

from boxwright.core.recipe import Recipe, Stage
from boxwright.core.records import tfrecords as recordfiles
from boxwright.train import json_store, weights
from boxwright.train.loop import Training

IMAGES = 8
LEARNED = 0.8  # AP50 on the images learned from


def run(recipe: Recipe, records: Path, source: weights.Source, workspace: Path, steps: int) -> dict:
    """Trains on eight training images, and evaluates on the same ones: images, steps, AP50 and AP50 per class, each in 0..1;
    None where there is nothing to find."""
    folder = workspace / f"preflight-{steps}"  # another number of steps is another training
    if found := json_store.read(folder / "found.json"):
        return found
    chosen = choose([r.class_ids for r in recordfiles.read(records, "train")])
    written = write(records, chosen, folder / "records")
    history = Training(by_heart(recipe, steps, len(chosen)), written, source, folder).run()
    # None where all that there are of the objects are crowds.
    nothing = {"step": steps, "AP50": None, "per_class": {}}
    # Of equals the last: that nothing was found is told of all the steps.
    best = max(reversed(history["evaluations"]), key=lambda e: e["AP50"], default=nothing)
    per_class = {name: numbers["AP50"] for name, numbers in best["per_class"].items()}
    found = {"images": len(chosen), "steps": best["step"], "AP50": best["AP50"], "per_class": per_class}
    json_store.write(folder / "found.json", found)
    return found


def choose(class_ids: list) -> list[int]:
    """Up to eight places in the list of images, in order: of each class, rarest first, one image that has it; then the first
    ones that have objects. class_ids: of each image, (n,)."""
    holders: dict[int, list[int]] = {}
    for place, ids in enumerate(class_ids):
        for one in {int(i) for i in ids}:
            holders.setdefault(one, []).append(place)
    rarest = sorted(holders, key=lambda one: (len(holders[one]), one))
    wanted = chain((holders[one][0] for one in rarest), (p for p, ids in enumerate(class_ids) if len(ids)))
    return sorted(list(dict.fromkeys(wanted))[:IMAGES])


def write(records: Path, chosen: list[int], folder: Path) -> Path:
    """A folder of records whose train and val splits are the chosen training images."""
    folder.mkdir(parents=True, exist_ok=True)
    examples = chain.from_iterable(map(recordfiles.serialized, recordfiles.shards(records, "train")))
    framed = (recordfiles.framed(data) for place, data in enumerate(examples) if place in set(chosen))
    content = b"".join(chain.from_iterable(framed))
    for split in ("train", "val"):
        (folder / recordfiles.shard_name(split, 0, 1)).write_bytes(content)
    (folder / recordfiles.LABEL_MAP).write_bytes((records / recordfiles.LABEL_MAP).read_bytes())
    return folder


def by_heart(recipe: Recipe, steps: int, images: int) -> Recipe:
    """The recipe without what keeps a model from learning by heart: augmentation, a frozen stage, early stopping."""
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


def notice(found: dict) -> str:
    """What it means, in a sentence or two. A class without an object on these images has no AP50, and is not told."""
    trained = f"Preflight: after {found['steps']} steps on {found['images']} images"
    if found["AP50"] is None:
        return f"{trained}, all of whose objects are crowds: whether the model knows these was not measured."
    if found["AP50"] >= LEARNED:
        return (
            f"{trained} the model knows them by heart (AP50 {100 * found['AP50']:.0f}): labels, anchors and rate can work, and "
            "what is missing on other images is data or their variety."
        )
    scores = sorted((ap50, name) for name, ap50 in found["per_class"].items() if ap50 is not None)
    low = ", ".join(f"{name} {100 * ap50:.0f}" for ap50, name in scores if ap50 < LEARNED)
    told = f"AP50 {100 * found['AP50']:.0f}" + (f"; {low}" if low else "")
    return (
        f"{trained} the model does not even know these ({told}): more data will not help. Look "
        "at their boxes, at the anchors' coverage and at the learning rate, or give it more steps."
    )
