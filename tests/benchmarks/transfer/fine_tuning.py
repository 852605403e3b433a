# environment: .envs/train
"""What helps when the images differ from those of the initial weights: AP of four ways to fine-tune, for one or more data sets.

Usage: `fine_tuning.py WEIGHTS RESULTS SEEDS RUN_FOLDER...`. A run folder holds `records` and `recipe.yaml`. RESULTS is a file of
JSON lines. A line that it has already is not measured again, so a killed list can go on.

- frozen: only the head learns. The backbone keeps its weights and its stored batch-norm moments.
- moments: only the head learns, but batch norm uses the moments of this data.
- partial: the last blocks of the backbone learn, too (from conv_pw_6).
- full: everything learns.
"""

from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001  (first: the OD API does not import without it)

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import tensorflow as tf

from boxwright.core import recipe as recipes
from boxwright.core.od_api import detection_model
from boxwright.core.recipe import Recipe, Stage
from boxwright.train.loop import training_loop
from boxwright.train.loop.train_step import stage_variables
from boxwright.train.weights import initial_weights

ARMS = ("frozen", "moments", "partial", "full")
# A smaller input and few steps, so that eight data sets take an hour on two cores.
SIZE, STEPS, EVERY = 160, 250, 125
_LAST = ("conv_pw_6_", *(f"conv_{kind}_{i}_" for kind in ("dw", "pw") for i in range(7, 14)))


def arm_recipe(recipe: Recipe, seed: int) -> Recipe:
    stage = Stage(name="all", trainable="all", steps=STEPS)
    rate = recipe.learning_rate.model_copy(update={"warmup_steps": STEPS // 10})
    changed = {"input_size": SIZE, "stages": (stage,), "evaluate_every": EVERY, "patience": 1000, "seed": seed}
    return recipe.model_copy(update={**changed, "learning_rate": rate})


def learned(model: Any, arm: str) -> list[tf.Variable]:
    """The variables that an arm trains."""
    if arm == "full":
        return stage_variables(model, "all")
    head = stage_variables(model, "head")
    last = [v for v in model.trainable_variables if any(part in v.name for part in _LAST)]
    return head + ([v for v in last if all(v is not h for h in head)] if arm == "partial" else [])


def freeze_moments(model: Any) -> None:
    """Makes the backbone's batch norm use its stored moments."""
    refs = detection_model.backbone_refs(model)
    layers = [
        layer
        for layer in model._feature_extractor.submodules
        if isinstance(layer, tf.keras.layers.BatchNormalization) or "BatchNorm" in type(layer).__name__
    ]
    own = [layer for layer in layers if layer.variables and layer.variables[0].ref() in refs]
    layer: Any
    for layer in own:
        layer._training = False
        layer.trainable = False


def run(folder: Path, weights: str, arm: str, seed: int) -> dict[str, float]:
    """AP and AP50 on the validation images after the last step, in 0..1."""
    recipe = arm_recipe(recipes.read(folder / "recipe.yaml"), seed)
    with tempfile.TemporaryDirectory() as state:
        training = training_loop.Training(
            recipe, folder / "records", initial_weights.find(weights, recipe), Path(state)
        )
        variables = learned(training.model, arm)
        if arm == "frozen":
            freeze_moments(training.model)
        training_loop.stage_variables = lambda model, trainable: variables
        history = training.run()
    last = history.evaluations[-1]
    return {"AP": round(last.AP, 4), "AP50": round(last.AP50, 4)}


def main(weights: str, results: Path, seeds: int, folders: list[Path]) -> None:
    lines = results.read_text().splitlines() if results.exists() else []
    done = {(r["set"], r["arm"], r["seed"]) for r in map(json.loads, lines)}
    for seed in range(seeds):
        for folder in folders:
            for arm in ARMS:
                if (folder.name, arm, seed) not in done:
                    line = {"set": folder.name, "arm": arm, "seed": seed, **run(folder, weights, arm, seed)}
                    with results.open("a") as file:
                        file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), [Path(name) for name in sys.argv[4:]])
