"""The files of a trained model, their metadata, and the line for the terminal."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

from boxwright.core import labels
from boxwright.core.artifacts import training
from boxwright.core.artifacts.training import History, Restored
from boxwright.core.od_api import detection_model
from boxwright.core.od_api.detection_model import DetectionModel
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords
from boxwright.core.runtime import digests, environments
from boxwright.train import forgetting, training_curves
from boxwright.train.weights.initial_weights import Source


def made_from(records: Path, recipe: Recipe, source: Source) -> dict[str, str]:
    """The model's lineage: digests of everything that determines the result."""
    arrays = (name.encode() + source.arrays[name].tobytes() for name in sorted(source.arrays))
    # The initial model's recipe counts: its class names decide which channels of the class predictor are restored.
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
    history: History,
    restored: Restored,
    classes: Sequence[str],
) -> None:
    """Writes everything that the model folder holds. classes: names in the order of their ids 1..n."""
    detection_model.save(folder, model, recipe)
    labels.write(list(classes), folder / tfrecords.LABEL_MAP)
    training.write(folder / training.HISTORY, history)
    training.write_restored(folder / training.RESTORED, restored)
    (folder / "curves.svg").write_text(training_curves.svg(history), encoding="utf-8")


def metadata(made_from: Mapping[str, str], history: History) -> dict[str, str | int | float]:
    """The metadata of the model artifact. made_from: from `made_from`."""
    best = [one for one in history.evaluations if one.step == history.best_step]
    numbers = {"validation_AP": round(best[0].AP, 4), "validation_AP50": round(best[0].AP50, 4)} if best else {}
    return {**{f"made_from_{k}": v for k, v in made_from.items()}, "best_step": history.best_step, **numbers}


def headline(history: History, folder: Path) -> str:
    """What the terminal shows after training: one line, and one each for preflight and forgetting if they ran."""
    best = max((one.AP for one in history.evaluations), default=None)
    reached = "no validation" if best is None else f"validation AP {100 * best:.1f}"
    early = ", stopped early" if history.stopped_early else ""
    line = f"trained {history.seconds:.0f} s, {reached} at step {history.best_step}{early}: {folder}"
    more = [history.notices[0]] if history.preflight else []
    more += [forgetting.headline(history.forgetting)] if history.forgetting else []
    return "\n".join([line, *more])
