"""What a training saves to go on from after a kill: it is read back whole, or the training starts anew."""

from boxwright.core.od_api import compat  # noqa: F401, I001

import shutil
from dataclasses import asdict
from pathlib import Path

import tensorflow as tf

from boxwright.core.od_api import detection_model as models
from boxwright.train import json_store
from boxwright.train.history import History

_HISTORY = "history.json"
_STEP = "step/.ATTRIBUTES/VARIABLE_VALUE"
# All that cut, missing and foreign files were seen to raise.
_DAMAGED = (*models.DAMAGED, OSError, AttributeError, KeyError, TypeError)


class Saved:
    """History, the last checkpoint of everything and the best ones of the model, in a folder. `history`: of what was saved
    there earlier; None without that."""

    def __init__(self, folder: Path, model, optimizer, step: tf.Variable) -> None:
        self.folder = folder
        self.history, self.damaged = _found(folder)
        if self.damaged:
            shutil.rmtree(folder / "last", ignore_errors=True)
            shutil.rmtree(folder / "best", ignore_errors=True)
        self.everything = tf.train.Checkpoint(model=model, optimizer=optimizer, step=step)
        self.last = tf.train.CheckpointManager(self.everything, str(folder / "last"), max_to_keep=1)
        self.model = tf.train.Checkpoint(model=model)
        # Two: after a kill between this checkpoint and the history, the one before is the best again.
        self.best = tf.train.CheckpointManager(self.model, str(folder / "best"), max_to_keep=2)

    def resume(self) -> None:
        self.everything.restore(self.last.latest_checkpoint)

    def save(self, history: History) -> None:
        """History first: a checkpoint without it would be a resume without a past."""
        json_store.write(self.folder / _HISTORY, asdict(history))
        self.last.save()

    def keep(self, at: int) -> None:
        self.best.save(checkpoint_number=at)

    def restore_best(self, at: int) -> None:
        self.model.restore(_best(self.folder, at)).assert_existing_objects_matched()


def _best(folder: Path, at: int) -> str:
    return str(folder / "best" / f"ckpt-{at}")


def _found(folder: Path) -> tuple[History | None, bool]:
    """What was saved, and whether something was that cannot be read. All of it is read, before the model gets a part."""
    if not (folder / "last" / "checkpoint").exists():
        return None, False
    try:
        last = models.reader(tf.train.get_checkpoint_state(str(folder / "last")).model_checkpoint_path)
        history = History(**json_store.read(folder / _HISTORY)).rewound(int(last.get_tensor(_STEP)))
        if history.evaluations:
            models.reader(_best(folder, history.best_step))
        return history, False
    except _DAMAGED:
        return None, True
