"""Fine-tunes the recipe's model on the records through the TF Object Detection API and keeps the best checkpoint.

A killed training goes on where it was when it is started again with the same records, recipe and weights. The best checkpoint is
the one of the highest AP on the validation images, of more than 500 on the first 500. Until the first object is found (AP 0) the
last one is kept and patience does not run: that counts validations without a better AP once there is one.
"""

from dataclasses import dataclass
from pathlib import Path

from boxwright.core.runtime import atomic_dirs
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.core.runtime.step_paths import Fetched


@dataclass(frozen=True, kw_only=True)
class Config:
    records: Path
    """Folder that convert wrote."""
    recipe: Path
    """Recipe that augment (or diagnose, or your editor) wrote."""
    model: Path = Path("model")
    """Output: checkpoint, pipeline.config, recipe, label map, history, curves, table of restored weights. An earlier model there
    is replaced when the training is done; a folder with other files is refused."""
    init: Fetched = "auto"
    """Initial weights: a TF1 checkpoint (local folder or prefix, or a .tar.gz, local, https:// or gs://), a slim-named .npz
    (likewise), `none` to start from scratch, `auto` for the model zoo's checkpoint where it can be reached. Or a folder that
    train wrote, for the same network: then the class predictor is restored by the names of the classes, and the history says
    what AP they had before and have after training, on the same validation images."""
    gpus: int = 0
    """GPUs of this machine that must be there, and are used: each computes its share of every batch. With 1 or more, a container
    without them ends with an error instead of training for days on its processor; 0 uses one, if there is one."""
    workspace: str = ""
    """Folder that outlives a killed process; the training continues from it. Default: beside the output."""
    preflight: int = 0
    """Steps of a training on eight images before the real one, to tell a mistake from a lack of data: 200 are enough from
    initial weights. 0: none."""
    fingerprint: str = ""
    """Says which version of the data and weights this is; only the pipeline's cache looks at it."""


def run(config: Config) -> Result:
    """Raises UserError for a recipe of other classes or with an augmentation that cannot be run, records without an object to
    learn, weights that cannot be had, read or fitted, a diverging loss, a full disk, and an output folder that holds other
    files."""
    from boxwright.core import recipe as recipes
    from boxwright.core.od_api import preprocessor_options
    from boxwright.core.records import tfrecords
    from boxwright.train import distribution, output, weights

    distribution.require(config.gpus)
    if config.preflight < 0:
        raise UserError(f"--preflight {config.preflight}: expected 0 or more steps")
    recipe = recipes.read(config.recipe)
    recipes.require_classes(recipe, tfrecords.classes(config.records), config.records)
    preprocessor_options.require_runnable(recipe)
    require_objects(config.records)
    distribution.require_even(config.gpus, recipe)
    source = weights.find(config.init, recipe)
    made_from = output.origin(config.records, recipe, source)
    with atomic_dirs.staged([config.model], [output.HISTORY]) as (folder,):
        workspace = output.workspace(config, made_from)
        with output.room(workspace, config.model):
            history = train(config, recipe, source, workspace, folder)
    output.discard(workspace)
    return Result(
        artifacts={"model": output.metadata(made_from, history)},
        headline=output.headline(history, config.model),
    )


def require_objects(folder: Path) -> None:
    """Raises UserError where there is nothing to learn: a model would be made of it all the same."""
    from boxwright.core.records import tfrecords

    if not any(len(record.class_ids) for record in tfrecords.read(folder, "train")):
        raise UserError(
            f"{folder}: no training image has an object, so there is nothing to learn; convert data that has labelled images in "
            "its train split (quarantine.jsonl says what convert set aside)"
        )


def train(config: Config, recipe, source, workspace: Path, folder: Path) -> dict:
    """Trains and writes the model into the folder; returns its history."""
    from boxwright.core.records import tfrecords
    from boxwright.train import distribution, forgetting, output, preflight
    from boxwright.train.loop import Training

    # Eight images are for one device.
    tried = preflight.run(recipe, config.records, source, workspace, config.preflight) if config.preflight else None
    with distribution.strategy(config.gpus).scope():
        initial = forgetting.before(source, recipe, config.records, workspace)
        training = Training(recipe, config.records, source, workspace)
        history = training.run()
        if tried:
            history |= {"preflight": tried, "notices": [preflight.notice(tried), *history["notices"]]}
        best = training.best()
        if initial is not None:
            step = history["best_step"]
            history["forgetting"] = forgetting.compared(initial, best, step, source, recipe, config.records)
        output.write(folder, best, recipe, history, training.restored, tfrecords.classes(config.records))
    return history
