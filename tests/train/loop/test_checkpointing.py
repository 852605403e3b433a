# environment: train
"""The saved state of a killed training is read completely, or training starts again."""

import resource
import shutil
from pathlib import Path

import pytest

from boxwright.core.od_api import detection_model, tf
from boxwright.core.runtime.errors import UserError
from boxwright.train.loop.checkpointing import TrainingCheckpoints
from boxwright.train.loop.training_loop import Training
from boxwright.train.weights.initial_weights import Source
from boxwright.train.workspace import environment_errors_reported

SCRATCH = Source("none")


@pytest.fixture(scope="module")
def interrupted(tiny_records, tiny_recipe, tmp_path_factory):
    """The state of a training that was killed after its first validation, at step 8. All weights are 1."""
    folder = tmp_path_factory.mktemp("interrupted")
    training = Training(tiny_recipe, tiny_records, SCRATCH, folder)
    for variable in detection_model.variables(training.model):
        variable.assign(tf.ones_like(variable))
    training.step.assign(8)
    training.history.record_evaluation(8, {"AP": 0.1, "AP50": 0.2, "per_class": {}})
    training.checkpoints.save_best(8)
    training.checkpoints.save(training.history)
    return folder


def truncate(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def name_a_file_outside(file):
    """TensorFlow would remove the files of this checkpoint when it saves the next one."""
    file.write_text(file.read_text() + 'all_model_checkpoint_paths: "/tmp/precious"\n')


@pytest.mark.parametrize(
    ("damaged", "how"),
    [
        ("last/*.data*", truncate),
        ("last/*.data*", Path.unlink),
        ("last/*.index", truncate),
        ("last/*.index", Path.unlink),
        ("last/checkpoint", truncate),
        ("last/checkpoint", name_a_file_outside),
        ("best/checkpoint", name_a_file_outside),
        ("best/*.data*", truncate),
        ("history.json", truncate),
        ("history.json", lambda file: file.write_text('{"stage": 1}')),
        ("history.json", Path.unlink),
    ],
)
def test_a_damaged_state_is_removed(damaged, how, interrupted, tiny_model, tmp_path):
    """No variable gets a value from the damaged state, and the next saved state can be read."""
    workspace = shutil.copytree(interrupted, tmp_path / "workspace")
    for file in workspace.glob(damaged):
        how(file)
    before = [v.numpy() for v in detection_model.variables(tiny_model)]
    checkpoints = TrainingCheckpoints(
        workspace, tiny_model, tf.keras.optimizers.legacy.SGD(), tf.Variable(tf.constant(0))
    )
    assert checkpoints.damaged and checkpoints.history is None
    assert not list(workspace.glob("last/*.data*")) and not list(workspace.glob("best/*.data*"))
    assert all((v.numpy() == old).all() for v, old in zip(detection_model.variables(tiny_model), before, strict=True))


def test_a_damaged_state_gives_a_notice(interrupted, tiny_records, tiny_recipe, tmp_path):
    """Training starts at step 0, and its next saved state can be read."""
    workspace = shutil.copytree(interrupted, tmp_path / "workspace")
    truncate(workspace / "history.json")
    training = Training(tiny_recipe, tiny_records, SCRATCH, workspace)
    notice = "The saved state of an interrupted training is damaged. Training started again from step 0."
    assert training.at == 0 and not training.history.evaluations and training.history.notices == [notice]
    assert not any((v.numpy() == 1).all() for v in detection_model.variables(training.model) if "kernel" in v.name)
    training.checkpoints.save(training.history)
    again = TrainingCheckpoints(workspace, training.model, training.optimizer, training.step)
    assert again.history is not None and again.history.notices == [notice]


def test_a_full_disk_is_reported_and_loses_nothing(tiny_records, tiny_recipe, tmp_path):
    """A limit on file sizes simulates a full disk: writing fails in the same way."""
    training = Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)
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
    assert not again.damaged and training.at == 0


def test_other_errors_of_tensorflow_pass_through(tmp_path):
    with pytest.raises(tf.errors.ResourceExhaustedError), environment_errors_reported(tmp_path, tmp_path):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
