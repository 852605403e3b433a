"""The files of a trained model, and what is said about them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from boxwright.core import labels
from boxwright.core.od_api import detection_model
from boxwright.core.od_api.detection_model import DetectionModel
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords
from boxwright.core.runtime import digests, environments
from boxwright.train import forgetting, training_curves
from boxwright.train.initial_weights import Source
from boxwright.train.weight_restoring import Restored

HISTORY = "history.json"


def made_from(records: Path, recipe: Recipe, source: Source) -> dict[str, str]:
    """Digests of everything that decides the result: the model's lineage."""
    arrays = (name.encode() + source.arrays[name].tobytes() for name in sorted(source.arrays))
    # The class names of the initial model decide which channels of the head are restored.
    known = [source.recipe.digest().encode()] if source.recipe else []
    return {
        "records": tfrecords.manifest(records).digest,
        "recipe": recipe.digest(),
        "weights": digests.of_chunks(chain(arrays, known)),
        "code": environments.source_digest("train"),
    }


def write(
    folder: Path,
    model: DetectionModel,
    recipe: Recipe,
    history: Mapping[str, Any],
    restored: Restored,
    classes: Sequence[str],
) -> None:
    detection_model.save(folder, model, recipe)
    labels.write(list(classes), folder / tfrecords.LABEL_MAP)
    (folder / HISTORY).write_text(json.dumps(history, indent=1), encoding="utf-8")
    (folder / "restored.json").write_text(json.dumps(asdict(restored), indent=1), encoding="utf-8")
    (folder / "curves.svg").write_text(training_curves.svg(history), encoding="utf-8")


def metadata(made_from: Mapping[str, str], history: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of the model artifact."""
    best = next((e for e in history["evaluations"] if e["step"] == history["best_step"]), {})
    numbers = {f"validation_{name}": round(best[name], 4) for name in ("AP", "AP50") if name in best}
    return {**{f"made_from_{k}": v for k, v in made_from.items()}, "best_step": history["best_step"], **numbers}


def headline(history: Mapping[str, Any], folder: Path) -> str:
    best = max((e["AP"] for e in history["evaluations"]), default=None)
    reached = "no validation" if best is None else f"validation AP {100 * best:.1f}"
    early = ", stopped early" if history["stopped_early"] else ""
    line = f"trained {history['seconds']:.0f} s, {reached} at step {history['best_step']}{early}: {folder}"
    more = [history["notices"][0]] if "preflight" in history else []
    more += [forgetting.headline(history["forgetting"])] if "forgetting" in history else []
    return "\n".join([line, *more])
