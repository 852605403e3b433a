"""Runs the step: see config.py."""

from pathlib import Path

from boxwright.core.runtime import atomic_dirs
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.train.config import Config


def run(config: Config) -> Result:
    """Raises UserError for a recipe of other classes or with an augmentation that cannot be run, records without an object to
    learn, weights that cannot be had, read or fitted, a diverging loss, a full disk, and an output folder that holds other
    files."""
    from boxwright.core import recipe as recipes
    from boxwright.core.od_api import preprocessor_options
    from boxwright.core.records import tfrecords
    from boxwright.train import distribution, output, weights

    distribution.require(config.gpus)
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
