"""What a training leaves behind."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain
from pathlib import Path

import numpy as np
import tensorflow as tf

from boxwright.core import labels
from boxwright.core.html import page_base
from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api import resize
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords
from boxwright.core.runtime import digests, environments, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import local_path
from boxwright.train import forgetting
from boxwright.train.weights import Restored, Source

HISTORY = "history.json"


def origin(folder: Path, recipe: Recipe, source: Source) -> dict[str, str]:
    """What decides the result: the model's lineage."""
    arrays = (name.encode() + source.arrays[name].tobytes() for name in sorted(source.arrays))
    # The names of its classes decide which channels of the head are restored.
    known = [source.recipe.digest().encode()] if source.recipe else []
    return {
        "records": tfrecords.manifest(folder).digest,
        "recipe": recipe.digest(),
        "weights": digests.of_chunks(chain(arrays, known)),
        "code": environments.source_digest("train"),
    }


def workspace(config, made_from: dict[str, str]) -> Path:
    """Where this very training keeps its state: another recipe, other data or other code never continue it.

    `boxwright run` gives the folder as BOXWRIGHT_WORKSPACE, so that the graph is the cluster's, where it is a volume. One that
    cannot be written costs the resuming, not the training.
    """
    name = f"train-{digests.of_json(made_from)}"
    given = os.environ.get("BOXWRIGHT_WORKSPACE") or config.workspace
    if given:
        try:
            (local_path(given) / name).mkdir(parents=True, exist_ok=True)
            return local_path(given) / name
        except OSError as error:
            print(
                f"warning: {given} cannot be written ({error.strerror}): a killed training starts anew", file=sys.stderr
            )
    folder = config.model.with_name(config.model.name + ".workspace") / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder.parent} cannot be written ({error.strerror}): the training keeps there what it goes on from after a kill; "
            "choose another folder with --workspace"
        ) from None
    return folder


@contextmanager
def room(workspace: Path, model: Path) -> Iterator[None]:
    """Raises UserError for a full disk, by its text: TensorFlow makes errors of its own of it; and for a damaged picture."""
    try:
        with resize.undamaged():
            yield
    except (OSError, tf.errors.OpError) as error:
        full = next((text for text in text_files.FULL if text in str(error)), None)
        if full is None:
            raise
        raise UserError(
            f"the disk cannot take what the training saves ({full}): make room for {workspace} and {model}, or "
            "choose others with --workspace and --model, and run it again; it goes on from what was saved"
        ) from error


def write(folder: Path, model, recipe: Recipe, history: dict, restored: Restored, classes: list[str]) -> None:
    models.save(folder, model, recipe)
    labels.write(classes, folder / tfrecords.LABEL_MAP)
    (folder / HISTORY).write_text(json.dumps(history, indent=1), encoding="utf-8")
    (folder / "restored.json").write_text(json.dumps(asdict(restored), indent=1), encoding="utf-8")
    (folder / "curves.svg").write_text(curves(history), encoding="utf-8")


def discard(folder: Path) -> None:
    """A finished training has nothing to resume: left there, its state would pass for that of the next."""
    shutil.rmtree(folder)


def curves(history: dict) -> str:
    """Losses and validation AP over the steps, as SVG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.4))
    left, right = figure.subplots(1, 2)
    steps = [s["step"] for s in history["steps"]]
    for name in ("classification_loss", "localization_loss"):
        left.plot(steps, _smooth([s[name] for s in history["steps"]]), label=name.replace("_", " "))
    left.set(xlabel="step", ylabel="loss (running mean of 5)", ylim=(0, None))
    left.legend(frameon=False)
    evaluated = [e["step"] for e in history["evaluations"]]
    for name in ("AP", "AP50"):
        right.plot(evaluated, [100 * e[name] for e in history["evaluations"]], marker="o", label=f"validation {name}")
    if evaluated:
        right.axvline(history["best_step"], color="grey", linestyle=":", label="kept")
        right.legend(frameon=False)
    right.set(xlabel="step", ylabel="%", ylim=(0, 100))
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    return page_base.svg(figure)


def _smooth(values: list[float], width: int = 5) -> np.ndarray:
    """Mean of the last `width` values at each point."""
    sums = np.cumsum([0.0, *values])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def metadata(made_from: dict[str, str], history: dict) -> dict:
    best = next((e for e in history["evaluations"] if e["step"] == history["best_step"]), {})
    numbers = {f"validation_{name}": round(best[name], 4) for name in ("AP", "AP50") if name in best}
    return {**{f"made_from_{k}": v for k, v in made_from.items()}, "best_step": history["best_step"], **numbers}


def headline(history: dict, folder: Path) -> str:
    best = max((e["AP"] for e in history["evaluations"]), default=None)
    reached = "no validation" if best is None else f"validation AP {100 * best:.1f}"
    early = ", stopped early" if history["stopped_early"] else ""
    line = f"trained {history['seconds']:.0f} s, {reached} at step {history['best_step']}{early}: {folder}"
    more = [history["notices"][0]] if "preflight" in history else []
    more += [forgetting.headline(history["forgetting"])] if "forgetting" in history else []
    return "\n".join([line, *more])
