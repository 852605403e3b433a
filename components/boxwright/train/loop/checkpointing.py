"""The state that a training saves to resume after a kill. If it cannot be read completely, training starts again."""

import shutil
from pathlib import Path

from boxwright.core.foreign_files import checkpoint_files
from boxwright.core.od_api import tf
from boxwright.core.od_api.detection_model import CHECKPOINT_ERRORS, DetectionModel, read_checkpoint
from boxwright.train import json_store
from boxwright.train.loop.history import RunningHistory
from boxwright.train.loop.train_step import Optimizer

_HISTORY = "history.json"
_STEP = "step/.ATTRIBUTES/VARIABLE_VALUE"
# All errors that truncated, missing and foreign files raised in tests.
_DAMAGED = (*CHECKPOINT_ERRORS, OSError, AttributeError, KeyError, TypeError)


class TrainingCheckpoints:
    """A folder with the history, the last checkpoint of model, optimizer and step, and the best checkpoints of the model.

    history: the history that an earlier process saved; None if there is none.
    damaged: whether the folder held saved files that cannot be read. They are removed.
    """

    def __init__(
        self,
        folder: Path,
        model: DetectionModel,
        optimizer: Optimizer,
        step: tf.Variable,
    ) -> None:
        self.folder = folder
        self.history, self.damaged = _saved_history(folder)
        if self.damaged:
            shutil.rmtree(folder / "last", ignore_errors=True)
            shutil.rmtree(folder / "best", ignore_errors=True)
        self.everything = tf.train.Checkpoint(model=model, optimizer=optimizer, step=step)
        self.last = tf.train.CheckpointManager(self.everything, str(folder / "last"), max_to_keep=1)
        self.model = tf.train.Checkpoint(model=model)
        # Two, because after a kill between this checkpoint and the history, the previous one is the best again.
        self.best = tf.train.CheckpointManager(self.model, str(folder / "best"), max_to_keep=2)

    def resume(self) -> None:
        """Restores model, optimizer and step from the last checkpoint."""
        self.everything.restore(str(checkpoint_files.latest(self.folder / "last")))

    def save(self, history: RunningHistory) -> None:
        """Saves history and checkpoint. The history comes first: a checkpoint without its history cannot be resumed."""
        json_store.write(self.folder / _HISTORY, history.to_json())
        self.last.save()

    def save_best(self, at: int) -> None:
        """Saves the model as the best one. at: the step."""
        self.best.save(checkpoint_number=at)

    def restore_best(self, at: int) -> None:
        """Restores the model that `save_best` saved at this step."""
        self.model.restore(_best(self.folder, at)).assert_existing_objects_matched()


def _best(folder: Path, at: int) -> str:
    return str(folder / "best" / f"ckpt-{at}")


def _last(folder: Path) -> str:
    """The last checkpoint. Raises ValueError if there is none."""
    latest = checkpoint_files.latest(folder)
    if latest is None:
        raise ValueError("no checkpoint of this folder")
    return str(latest)


def _require_inside(folder: Path) -> None:
    """Raises ValueError if the folder's file `checkpoint` names files outside of it. TensorFlow would remove them."""
    if any("/" in name for name in checkpoint_files.state(folder)):
        raise ValueError("a checkpoint of another folder")


def _saved_history(folder: Path) -> tuple[RunningHistory | None, bool]:
    """The saved history, and whether saved files are damaged. All files are read here, before any variable is assigned."""
    try:
        _require_inside(folder / "last")
        _require_inside(folder / "best")
        if not (folder / "last" / "checkpoint").exists():
            return None, False
        last = read_checkpoint(_last(folder / "last"))
        saved = RunningHistory.from_json(json_store.read(folder / _HISTORY))
        history = saved.rewound_to(int(last.get_tensor(_STEP)))
        if history.evaluations:
            read_checkpoint(_best(folder, history.best_step))
        return history, False
    except _DAMAGED:
        return None, True
