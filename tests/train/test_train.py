# environment: train
"""The training loop on a quarter-width model: phases, stages, resume, early stopping."""

import json
import resource
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from object_detection.utils import learning_schedules

from boxwright.core import coco_eval
from boxwright.core import recipe as recipes
from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api import tf
from boxwright.core.od_api.learning_rate import CosineWithWarmup
from boxwright.core.runtime.errors import UserError
from boxwright.train import initial_weights, input_pipeline, model_files, step, training_loop
from boxwright.train.checkpointing import TrainingCheckpoints
from boxwright.train.train_step import stage_variables, train_step
from boxwright.train.validation import Validation
from boxwright.train.workspace import environment_errors_reported

SCRATCH = initial_weights.Source("none")
NOTHING = {"steps": [], "evaluations": [], "best_step": 0, "stopped_early": False, "seconds": 0.0, "notices": []}


@pytest.fixture(scope="module")
def trained(tiny_records, tiny_recipe, tmp_path_factory):
    """One complete run of the step, from scratch: 24 steps."""
    folder = tmp_path_factory.mktemp("trained")
    recipes.write(tiny_recipe, folder / "recipe.yaml")
    config = step.Config(records=tiny_records, recipe=folder / "recipe.yaml", model=folder / "model", init="none")
    return config, step.run(config)


def test_the_step_leaves_a_complete_model(trained):
    config, result = trained
    files = {file.name for file in config.model.iterdir()}
    assert {"pipeline.config", "recipe.yaml", "label_map.pbtxt", "history.json", "restored.json", "curves.svg"} <= files
    history = json.loads((config.model / "history.json").read_text())
    assert [e["step"] for e in history["evaluations"]] == [8, 16, 24]
    assert history["best_step"] == max(history["evaluations"], key=lambda e: e["AP"])["step"]
    assert set(result.artifacts["model"]) >= {"made_from_records", "made_from_recipe", "made_from_weights", "best_step"}
    _, recipe = models.load(config.model)
    assert recipe.classes == ("box", "pole")
    assert not list((config.model.parent / "model.workspace").iterdir())


def test_a_second_training_replaces_the_model(trained, monkeypatch, tmp_path):
    """Whole, and nothing of it is lost where the training ends in an error."""
    config = replace(trained[0], model=shutil.copytree(trained[0].model, tmp_path / "model"))
    before = (config.model / "history.json").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(model_files, "write", _fails_halfway)
        with pytest.raises(UserError, match="halfway"):
            _run_without_training(config, patch)
    assert (config.model / "history.json").read_bytes() == before
    _run_without_training(config, monkeypatch)
    assert (config.model / "history.json").read_bytes() != before
    assert {file.name for file in config.model.parent.iterdir()} == {"model", "model.workspace"}


def _fails_halfway(folder, *_):
    (folder / "history.json").touch()
    raise UserError("halfway")


def _run_without_training(config, patch):
    patch.setattr(training_loop.Training, "run", lambda self: dict(NOTHING))
    return step.run(config)


def test_a_folder_of_the_users_is_refused_before_the_training(trained, monkeypatch, tmp_path):
    """Whatever its files are called; a model that another program wrote is not replaced either."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "recipe.yaml").write_text("precious")
    monkeypatch.setattr(step, "Training", None)
    with pytest.raises(UserError, match="is not an earlier output of this step"):
        step.run(replace(trained[0], model=tmp_path / "mine"))
    assert (tmp_path / "mine" / "recipe.yaml").read_text() == "precious"


def test_an_output_below_a_file_is_told(trained, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="model cannot be written"):
        step.run(replace(trained[0], model=tmp_path / "file" / "model"))


def test_a_full_disk_is_told_and_costs_nothing_that_was_saved(training, tmp_path):
    """A limit on the size of files stands for it: the system refuses to write on, as then."""
    training.checkpoints.save(training.history)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    training.step.assign(5)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        with (
            pytest.raises(UserError, match=r"File too large.: free space for"),
            environment_errors_reported(tmp_path, tmp_path / "model"),
        ):
            training.checkpoints.save(training.history)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    again = TrainingCheckpoints(tmp_path, training.model, training.optimizer, training.step)
    again.resume()
    assert not again.damaged and int(training.step) == 0


def test_an_error_that_is_not_the_disks_stays_what_it_is(tmp_path):
    with pytest.raises(tf.errors.ResourceExhaustedError), environment_errors_reported(tmp_path, tmp_path):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")


def test_the_loss_falls(trained):
    steps = json.loads((trained[0].model / "history.json").read_text())["steps"]
    assert steps[-1]["classification_loss"] < 0.7 * steps[0]["classification_loss"]


def test_the_same_seed_gives_the_same_weights(tiny_records, tiny_recipe, tmp_path):
    """Crops, colours, shuffling and the sums of threads included: bit for bit."""
    crops = recipes.Augmentation(name="ssd_random_crop", reason="test")
    _require_repeatable(tiny_recipe.model_copy(update={"augmentation": (crops,)}), tiny_records, tmp_path, steps=4)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_at_full_width(tiny_records, tiny_recipe, tmp_path):
    """With six feature maps to a predictor: the order of their gradients' sum was another one in most steps."""
    stock = recipes.stock("ssd_mobilenet_v1_ppn", tiny_recipe.classes, steps=100, batch_size=4)
    _require_repeatable(stock, tiny_records, tmp_path, steps=6)


def _require_repeatable(recipe, tiny_records, tmp_path, steps):
    stages = (recipes.Stage(name="all", trainable="all", steps=steps),)
    rate = recipe.learning_rate.model_copy(update={"warmup_steps": 1})
    short = recipe.model_copy(update={"stages": stages, "evaluate_every": steps, "learning_rate": rate})
    made = []
    for name in ("one", "two"):
        training = training_loop.Training(short, tiny_records, SCRATCH, tmp_path / name)
        training.run()
        made.append([v.numpy() for v in models.variables(training.model)])
    for one, two in zip(*made, strict=True):
        np.testing.assert_array_equal(one, two)


def test_recipe_for_other_classes_is_refused(trained, tiny_recipe, tmp_path):
    recipes.write(tiny_recipe.model_copy(update={"classes": ("cat", "dog")}), tmp_path / "recipe.yaml")
    config = step.Config(records=trained[0].records, recipe=tmp_path / "recipe.yaml", model=tmp_path / "m", init="none")
    with pytest.raises(UserError, match="cat"):
        step.run(config)


@pytest.fixture
def training(tiny_records, tiny_recipe, tmp_path):
    """An untrained training, from scratch."""
    return training_loop.Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)


def _one_batch(recipe, records, model):
    return next(iter(input_pipeline.batches(recipe, records, model)))


def test_batch_norm_learns_while_training_and_rests_while_detecting(training, tiny_records, tiny_recipe):
    """The OD API's trap: its batch norm follows Keras's global phase, which a hand-written step must set."""
    moving = [v for v in models.variables(training.model) if "moving_mean" in v.name]
    assert moving
    before = [v.numpy() for v in moving]
    validation = Validation(training.model, tiny_recipe, tiny_records)
    validation()
    assert all((v.numpy() == b).all() for v, b in zip(moving, before, strict=True))
    variables = stage_variables(training.model, "all")
    train_step(training.model, training.optimizer, variables)(*_one_batch(tiny_recipe, tiny_records, training.model))
    assert all((v.numpy() != b).any() for v, b in zip(moving, before, strict=True))


def test_the_head_stage_leaves_the_backbone_alone(training, tiny_records, tiny_recipe):
    backbone = models.backbone_refs(training.model)
    kernels = [v for v in training.model.trainable_variables if "kernel" in v.name]
    before = [v.numpy() for v in kernels]
    variables = stage_variables(training.model, "head")
    train_step(training.model, training.optimizer, variables)(*_one_batch(tiny_recipe, tiny_records, training.model))
    for variable, old in zip(kernels, before, strict=True):
        assert (variable.numpy() == old).all() == (variable.ref() in backbone), variable.name


def test_schedule_is_the_od_apis(tiny_recipe):
    schedule = CosineWithWarmup(tiny_recipe)
    for at in (0, 2, 4, 14, 24):
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            args = {"learning_rate_base": 0.02, "total_steps": 24, "warmup_learning_rate": 0.002, "warmup_steps": 4}
            reference = session.run(learning_schedules.cosine_decay_with_warmup(tf.constant(at), **args))
        np.testing.assert_allclose(schedule(tf.constant(at, tf.int64)), reference, rtol=1e-6)
    assert float(schedule(tf.constant(0))) == pytest.approx(0.002)
    assert float(schedule(tf.constant(24))) == pytest.approx(0, abs=1e-8)


def test_an_interrupted_training_goes_on_where_it_was(tiny_records, tiny_recipe, monkeypatch, tmp_path):
    """Killed at its first validation: the second training starts from the saved step, and ends as if nothing had been."""
    monkeypatch.setattr(training_loop, "_SAVE_EVERY", 4)
    first = training_loop.Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)
    monkeypatch.setattr(first, "_validate", _killed)
    with pytest.raises(KeyboardInterrupt):
        first.run()
    second = training_loop.Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)
    assert int(second.step) == 4
    assert second.history.notices[-1].startswith("Resumed at step 4")
    momentum = [v for v in second.optimizer.variables() if "lateral" in v.name and v.shape.rank == 4]
    assert momentum and all(v.numpy().any() for v in momentum)
    history = second.run()
    assert [e["step"] for e in history["evaluations"]] == [8, 16, 24]
    (tmp_path / "whole").mkdir()
    whole = training_loop.Training(tiny_recipe, tiny_records, SCRATCH, tmp_path / "whole")
    whole.run()
    for resumed, uninterrupted in zip(models.variables(second.model), models.variables(whole.model), strict=True):
        np.testing.assert_array_equal(resumed.numpy(), uninterrupted.numpy(), err_msg=resumed.name)


def _killed(*_):
    raise KeyboardInterrupt


def test_training_stops_when_validation_ap_no_longer_rises(tiny_records, tiny_recipe, monkeypatch, tmp_path):
    impatient = tiny_recipe.model_copy(update={"patience": 1, "evaluate_every": 2})
    training = training_loop.Training(impatient, tiny_records, SCRATCH, tmp_path)
    scores = iter([0.3, 0.2])
    monkeypatch.setattr(Validation, "__call__", lambda self: {"AP": next(scores), "AP50": 0.5, "per_class": {}})
    history = training.run()
    assert history["stopped_early"] and history["best_step"] == 2 and int(training.step) == 4


def test_without_an_object_to_validate_on_the_last_step_is_kept(tiny_records, tiny_recipe, monkeypatch, tmp_path):
    """Nor is anything stopped early; it is said."""
    stages = (recipes.Stage(name="all", trainable="all", steps=3),)
    rate = tiny_recipe.learning_rate.model_copy(update={"warmup_steps": 1})
    changed = {"stages": stages, "learning_rate": rate, "evaluate_every": 1, "patience": 1}
    truth = coco_eval.groundtruth
    monkeypatch.setattr(coco_eval, "groundtruth", lambda *args: truth(*args) | {"annotations": []})
    history = training_loop.Training(tiny_recipe.model_copy(update=changed), tiny_records, SCRATCH, tmp_path).run()
    assert not history["stopped_early"] and history["best_step"] == 3
    assert history["notices"] == ["No object on the validation images: no early stopping, the last step is kept."]


@pytest.fixture(scope="module")
def interrupted(tiny_records, tiny_recipe, tmp_path_factory):
    """What a training has saved that was killed after its first validation, at step 8."""
    folder = tmp_path_factory.mktemp("interrupted")
    training = training_loop.Training(tiny_recipe, tiny_records, SCRATCH, folder)
    for variable in models.variables(training.model):
        variable.assign(tf.ones_like(variable))
    training.step.assign(8)
    training.history.record_evaluation(8, {"AP": 0.1, "AP50": 0.2, "per_class": {}})
    training.checkpoints.save_best(8)
    training.checkpoints.save(training.history)
    return folder


def _cut(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damaged", "how"),
    [
        ("last/*.data*", _cut),
        ("last/*.data*", Path.unlink),
        ("last/*.index", _cut),
        ("last/*.index", Path.unlink),
        ("last/checkpoint", _cut),
        ("best/*.data*", _cut),
        ("history.json", _cut),
        ("history.json", lambda file: file.write_text('{"stage": 1}')),
        ("history.json", Path.unlink),
    ],
)
def test_a_damaged_state_is_told_and_the_training_starts_anew(
    damaged, how, interrupted, tiny_records, tiny_recipe, tmp_path
):
    """Not a variable has a value of it, and the next kill leaves a state that is whole again."""
    workspace = shutil.copytree(interrupted, tmp_path / "workspace")
    for file in workspace.glob(damaged):
        how(file)
    training = training_loop.Training(tiny_recipe, tiny_records, SCRATCH, workspace)
    assert int(training.step) == 0 and not training.history.evaluations
    assert training.history.notices == [
        "The saved state of an interrupted training is damaged. This training started again."
    ]
    assert not any((v.numpy() == 1).all() for v in models.variables(training.model) if "kernel" in v.name)
    training.checkpoints.save(training.history)
    assert TrainingCheckpoints(workspace, training.model, training.optimizer, training.step).history.notices


def test_the_pipelines_own_schedule_lets_training_stop_early():
    recipe = recipes.stock("ssd_mobilenet_v1_ppn", ["a"], steps=600)
    earliest = recipe.evaluate_every * (1 + recipe.patience)
    assert earliest <= recipe.steps / 2


def test_a_loss_that_is_not_a_number_names_the_learning_rate(tiny_records, tiny_recipe, tmp_path):
    rate = tiny_recipe.learning_rate.model_copy(update={"base": 1e12, "warmup": 1e12})
    training = training_loop.Training(
        tiny_recipe.model_copy(update={"learning_rate": rate}), tiny_records, SCRATCH, tmp_path
    )
    with pytest.raises(UserError, match="learning rate 1e"):
        training.run()
