"""The checkpoints that a training stores at `--checkpoints`, so that it resumes when its machine or pod is lost."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from boxwright.core.runtime.errors import NotAllowed, Unreachable, UserError
from boxwright.core.storage import buckets, uri
from boxwright.train import checkpoint_places
from boxwright.train.loop import checkpointing

_KEPT = 2
# Storing takes at most this share of the time of a training, whether it succeeds or not.
_SHARE = 0.05
# Seconds for which a request is repeated while the training waits.
_PATIENCE = 10.0
_ABOUT = "about"


class RemoteCheckpoints:
    """The last two checkpoints of one training. failures: how many could not be stored by this process.

    Two equal trainings may use the place at once. They store the same weights, and a checkpoint that one of them removes is not
    needed by the other, because a later one is there.
    """

    def __init__(self, place: checkpoint_places.Place) -> None:
        self.place = place
        self.failures = 0
        self._next = 0.0

    def restore(self, state: Path) -> None:
        """Replaces the folder `state` by the newest checkpoint that can be read, unless a process on this machine left one there.

        A damaged or incomplete checkpoint is left as it is, with a warning, and the one before it is taken. Raises Unreachable or
        NotAllowed if the place cannot be read: nothing is lost yet.
        """
        tried: set[str] = set()
        while not checkpointing.is_readable(state) and (left := set(self.place.numbers()) - tried):
            tried.add(name := max(left))
            try:
                self._bring(name, state)
            except (Unreachable, NotAllowed):
                raise
            except UserError as error:
                print(f"warning: {error}; the checkpoint before it is used, if there is one", file=sys.stderr)

    def _bring(self, name: str, state: Path) -> None:
        aside = state.with_name(f"{state.name}.restored")
        shutil.rmtree(aside, ignore_errors=True)
        self.place.get(name, aside)
        if not checkpointing.is_readable(aside):
            shutil.rmtree(aside)
            raise UserError(f"{self.place.where}/{name}: the checkpoint is damaged")
        shutil.rmtree(state)
        aside.rename(state)

    def store(self, step: int, state: Path, *, now: bool) -> bool:
        """Stores the state that was saved at a step, and removes all but the last two. Returns whether it is stored.

        now: also if the share of time for storing is used up. A failure is counted and printed, and training goes on.
        """
        if not now and time.monotonic() < self._next:
            return False
        started, stored = time.monotonic(), False
        try:
            with buckets.retrying(_PATIENCE):
                self.place.put(name := f"{step:08d}", checkpointing.files(state))
                stored = True
                for old in set(self.place.numbers()[:-_KEPT]) - {name}:
                    self.place.remove(old)
        except UserError as error:
            self.failures += not stored
            what = "an earlier checkpoint is not removed" if stored else f"the checkpoint of step {step} is not stored"
            print(f"warning: {what}: {error}. Training goes on, and tries again later", file=sys.stderr, flush=True)
        self._next = time.monotonic() + (time.monotonic() - started) / _SHARE
        return stored


def opened(given: str, training: str, made_from: Mapping[str, str]) -> RemoteCheckpoints | None:
    """The checkpoints of this training at a path or a URI; None if none is given.

    training: name of the folder of this training, from `workspace.name`. What it is made from is written there, which shows
    that the place can be written. Raises UserError if it cannot.
    """
    uri.require_known("--checkpoints", given)
    if not given:
        return None
    place = checkpoint_places.at(given, training)
    if not place.numbers() and (others := place.other_trainings()):
        print(
            f"{place.where}: there is no checkpoint of this training yet. {others} with other records, recipe, weights, code or "
            f"devices have files in {given}, which are left as they are",
            flush=True,
        )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "training.json"
        file.write_text(json.dumps(dict(made_from), indent=1), encoding="utf-8")
        place.put(_ABOUT, {file.name: file})
    return RemoteCheckpoints(place)
