"""What a training saves in order to resume after a kill. It is read back completely, or the training starts again."""

import shutil
from pathlib import Path

from boxwright.core.od_api import tf
from boxwright.core.od_api.detection_model import CHECKPOINT_ERRORS, DetectionModel, read_checkpoint
from boxwright.train import json_store
from boxwright.train.loop.history import RunningHistory
from boxwright.train.loop.train_step import Optimizer

_HISTORY = "history.json"
_STEP = "step/.ATTRIBUTES/VARIABLE_VALUE"
# Everything that truncated, missing and foreign files were seen to raise.
_DAMAGED = (*CHECKPOINT_ERRORS, OSError, AttributeError, KeyError, TypeError)


class TrainingCheckpoints:
    """A folder with the history, the last checkpoint of everything, and the best checkpoints of the model.

    history: what an earlier process saved there; None if nothing. damaged: whether something was there but cannot be read.
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
        # Two: if a kill falls between this checkpoint and the history, the previous one is the best again.
        self.best = tf.train.CheckpointManager(self.model, str(folder / "best"), max_to_keep=2)

    def resume(self) -> None:
        self.everything.restore(self.last.latest_checkpoint)

    def save(self, history: RunningHistory) -> None:
        """The history is written first: without it the checkpoint could not be resumed."""
        json_store.write(self.folder / _HISTORY, history.to_json())
        self.last.save()

    def save_best(self, at: int) -> None:
        self.best.save(checkpoint_number=at)

    def restore_best(self, at: int) -> None:
        self.model.restore(_best(self.folder, at)).assert_existing_objects_matched()


def _best(folder: Path, at: int) -> str:
    return str(folder / "best" / f"ckpt-{at}")


def _saved_history(folder: Path) -> tuple[RunningHistory | None, bool]:
    """The saved history, and whether the saved files are damaged. All of them are read before the model changes."""
    if not (folder / "last" / "checkpoint").exists():
        return None, False
    try:
        last = read_checkpoint(tf.train.get_checkpoint_state(str(folder / "last")).model_checkpoint_path)
        saved = RunningHistory.from_json(json_store.read(folder / _HISTORY))
        history = saved.rewound_to(int(last.get_tensor(_STEP)))
        if history.evaluations:
            read_checkpoint(_best(folder, history.best_step))
        return history, False
    except _DAMAGED:
        return None, True
