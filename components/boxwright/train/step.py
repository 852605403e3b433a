"""Runs the step: see config.py."""

from pathlib import Path

from boxwright.core import recipe as recipes
from boxwright.core.artifacts.training import HISTORY, History
from boxwright.core.od_api.augmentation import preprocessor_options
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords
from boxwright.core.runtime import atomic_dirs
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.train import forgetting, model_files, preflight, remote_checkpoints, workspace
from boxwright.train.config import Config
from boxwright.train.loop import distribution
from boxwright.train.loop.training_loop import Training
from boxwright.train.remote_checkpoints import RemoteCheckpoints
from boxwright.train.weights import initial_weights
from boxwright.train.weights.initial_weights import Source


def run(config: Config) -> Result:
    """Trains and writes the model folder.

    Raises UserError if
    - there are fewer GPUs than asked for, or they cannot divide the batch evenly;
    - recipe and records have different classes, or an augmentation option cannot run;
    - no training image has an object, or an image is damaged;
    - the initial weights cannot be reached or read, or do not fit the model;
    - the loss diverges;
    - the place for the checkpoints cannot be read or written at the start;
    - the disk is full, or the output folder holds other files.
    """
    distribution.require_gpus(config.gpus)
    recipe = recipes.read(config.recipe)
    recipes.require_classes(recipe, tfrecords.classes(config.records), config.records)
    preprocessor_options.require_runnable(recipe)
    require_objects(config.records)
    distribution.require_even_batch(config.gpus, recipe)
    source = initial_weights.find(config.init, recipe)
    made_from = model_files.made_from(config.records, recipe, source)
    with atomic_dirs.staged([config.model], [HISTORY]) as (folder,):
        identity = {**made_from, "devices": distribution.devices(config.gpus)}
        name = workspace.name(identity)
        remote = remote_checkpoints.opened(config.checkpoints, name, identity)
        state = workspace.make(config.workspace, config.model, name, warns=remote is None)
        with workspace.environment_errors_reported(state, config.model):
            if remote:
                remote.restore(state)
            history = train(config, recipe, source, state, folder, remote)
    workspace.remove(state)
    return Result(
        artifacts={"model": model_files.metadata(made_from, history)},
        headline=model_files.headline(history, config.model),
    )


def require_objects(records: Path) -> None:
    """Raises UserError if no training image has an object. Without this check, training would produce a useless model."""
    if not any(len(record.class_ids) for record in tfrecords.read(records, "train")):
        raise UserError(
            f"{records}: no training image has an object, so there is nothing to learn; convert data with labelled images in "
            "its train split (quarantine.jsonl lists the images that convert left out)"
        )


def train(
    config: Config, recipe: Recipe, source: Source, state: Path, folder: Path, remote: RemoteCheckpoints | None
) -> History:
    """Trains and writes the model into the folder; returns its history."""
    # Outside the strategy: a batch of at most eight images runs on one device.
    tried = preflight.run(recipe, config.records, source, state, config.preflight) if config.preflight else None
    with distribution.strategy(config.gpus).scope():
        initial = forgetting.initial_detections(source, recipe, config.records, state)
        training = Training(recipe, config.records, source, state, remote)
        history = training.run()
        if tried:
            notices = (preflight.notice(tried), *history.notices)
            history = history.model_copy(update={"preflight": tried, "notices": notices})
        best = training.best_model()
        if initial is not None:
            compared = forgetting.compare(initial, best, history.best_step, source, recipe, config.records)
            history = history.model_copy(update={"forgetting": compared})
        model_files.write(folder, best, recipe, history, training.restored, tfrecords.classes(config.records))
    return history
