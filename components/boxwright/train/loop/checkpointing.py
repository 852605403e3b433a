"""The state that a training saves to resume after a kill. If it cannot be read completely, training starts again."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from boxwright.core.foreign_files import checkpoint_files
from boxwright.core.od_api import tf
from boxwright.core.od_api.detection_model import CHECKPOINT_ERRORS, RESTORE_ERRORS, DetectionModel, read_checkpoint
from boxwright.core.runtime.errors import UserError, brief
from boxwright.train import json_store
from boxwright.train.loop.history import RunningHistory
from boxwright.train.loop.train_step import Optimizer

_HISTORY = "history.json"
_STEP = "step/.ATTRIBUTES/VARIABLE_VALUE"
# All errors that truncated, missing and foreign files raised in tests.
_DAMAGED = (*CHECKPOINT_ERRORS, OSError, AttributeError, KeyError, TypeError)


# The files of the state of a training, as patterns; also of what runs before it. Folders with files in progress are left out.
_FILES = (_HISTORY, "initial.json", "preflight-*/found.json", "last/*", "best/*")


class Remote(Protocol):
    """Stores the state where it outlives this machine: see remote_checkpoints."""

    failures: int

    def store(self, step: int, state: Path, *, now: bool) -> bool: ...


class TrainingCheckpoints:
    """A folder with the history, the last checkpoint of model, optimizer and step, and the best checkpoints of the model.

    history: the history that an earlier process saved; None if there is none.
    damaged: whether the folder held saved files that cannot be read. They are removed.
    remote: where the folder is also stored; None: nowhere.
    stored_at: the step whose state is saved, and stored at `remote`.
    """

    def __init__(
        self,
        folder: Path,
        model: DetectionModel,
        optimizer: Optimizer,
        step: tf.Variable,
        remote: Remote | None = None,
    ) -> None:
        self.folder, self.remote, self.step = folder, remote, step
        self.history, self.damaged = _saved_history(folder)
        if self.damaged:
            shutil.rmtree(folder / "last", ignore_errors=True)
            shutil.rmtree(folder / "best", ignore_errors=True)
        self.everything = tf.train.Checkpoint(model=model, optimizer=optimizer, step=step)
        self.last = tf.train.CheckpointManager(self.everything, str(folder / "last"), max_to_keep=1)
        self.model = tf.train.Checkpoint(model=model)
        # Two, because after a kill between this checkpoint and the history, the previous one is the best again.
        self.best = tf.train.CheckpointManager(self.model, str(folder / "best"), max_to_keep=2)

        self.stored_at = 0

    def resume(self) -> None:
        """Restores model, optimizer and step from the last checkpoint."""
        try:
            self.everything.restore(_last(self.folder / "last")).assert_existing_objects_matched()
        except RESTORE_ERRORS as error:
            raise UserError(
                f"{self.folder}: the saved state does not fit this training ({brief(error)}); Boxwright has not written it. "
                "Delete it, and see who can write in --checkpoints"
            ) from None
        self.stored_at = int(self.step.numpy())

    def save(self, history: RunningHistory, *, now: bool = False) -> None:
        """Saves history and checkpoint. The history comes first: a checkpoint without its history cannot be resumed.

        now: they are stored at `remote` now, not as seldom as its speed requires.
        """
        json_store.write(self.folder / _HISTORY, history.to_json())
        self.last.save()
        if self.remote is None or self.remote.store(int(self.step.numpy()), self.folder, now=now):
            self.stored_at = int(self.step.numpy())

    def save_best(self, at: int) -> None:
        """Saves the model as the best one. at: the step."""
        self.best.save(checkpoint_number=at)

    def restore_best(self, at: int) -> None:
        """Restores the model that `save_best` saved at this step."""
        self.model.restore(_best(self.folder, at)).assert_existing_objects_matched()


def files(folder: Path) -> Mapping[str, Path]:
    """The files of a saved state, by their names below the folder."""
    found = (file for pattern in _FILES for file in folder.glob(pattern) if file.is_file())
    return {str(file.relative_to(folder)): file for file in found}


def is_readable(folder: Path) -> bool:
    """Whether the folder holds a saved state that can be read completely."""
    return _saved_history(folder)[0] is not None


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
