# environment: train
"""SIGTERM: the state of a training is saved before it ends, and no step or validation is lost or done twice."""

import os
import signal

import pytest

from boxwright import cli
from boxwright.core.od_api import tf
from boxwright.train.loop import termination, training_loop
from boxwright.train.loop.training_loop import Training
from boxwright.train.loop.validation import Validation
from boxwright.train.weights.initial_weights import Source

SCRATCH = Source("none")


@pytest.fixture(autouse=True)
def sigterm():
    before = signal.signal(signal.SIGTERM, cli.end)
    yield
    signal.signal(signal.SIGTERM, before)


class Terminated:
    """Counts the steps and the validations, and sends SIGTERM to this process during one of each."""

    def __init__(self, monkeypatch, step: int = 0, validation: int = 0):
        self.step, self.validation = step, validation
        self.steps = self.validations = 0
        monkeypatch.setattr(training_loop, "train_step", lambda *_: self.train)
        monkeypatch.setattr(training_loop, "batches", lambda *_, start: tf.data.Dataset.from_tensors((0, 0)).repeat())
        monkeypatch.setattr(Validation, "__call__", lambda _: self.validate())

    def train(self, *_):
        self.steps += 1
        if self.steps == self.step:
            os.kill(os.getpid(), signal.SIGTERM)
        return [0.1, 0.1, 0.1]

    def validate(self):
        self.validations += 1
        if self.validations == self.validation:
            os.kill(os.getpid(), signal.SIGTERM)
        return {"AP": self.validations / 10, "AP50": 0.5, "per_class": {}}


def ended(training: Training) -> int:
    """Runs the training until SIGTERM ends it. Returns the step."""
    with pytest.raises(SystemExit) as end:
        training.run()
    assert end.value.code == 143
    return training.at


def test_a_step_in_progress_is_completed_and_saved(tiny_records, tiny_recipe, tmp_path, monkeypatch):
    Terminated(monkeypatch, step=5)
    assert ended(Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)) == 5
    second = Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)
    assert second.at == 5 and [one.step for one in second.history.steps] == [1]
    assert [one.step for one in second.run().evaluations] == [8, 16, 24]


def test_an_interrupted_validation_is_done_first(tiny_records, tiny_recipe, tmp_path, monkeypatch):
    Terminated(monkeypatch, validation=2)
    assert ended(Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)) == 16
    second = Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)
    work = Terminated(monkeypatch)
    assert second.at == 16 and [one.step for one in second.history.evaluations] == [8]
    assert [one.step for one in second.run().evaluations] == [8, 16, 24]
    assert work.steps == 8 and work.validations == 2


def test_the_first_step_is_not_waited_for(tiny_records, tiny_recipe, tmp_path, monkeypatch):
    """It takes a minute to trace, and nothing is lost."""
    Terminated(monkeypatch, step=1)
    assert ended(Training(tiny_recipe, tiny_records, SCRATCH, tmp_path)) == 0
    assert not list(tmp_path.iterdir())


def test_the_remote_gets_the_last_step(tiny_records, tiny_recipe, tmp_path, monkeypatch):
    class Remote:
        failures, stored = 0, []

        def store(self, step, state, *, now):
            assert (state / "history.json").exists()
            self.stored.append((step, now))
            return now

    Terminated(monkeypatch, step=11)
    assert ended(Training(tiny_recipe, tiny_records, SCRATCH, tmp_path, Remote())) == 11
    assert Remote.stored == [(8, False), (11, True)]
    Training(tiny_recipe, tiny_records, SCRATCH, tmp_path, Remote()).run()
    assert Remote.stored[2:] == [(16, False), (24, True)]


def test_without_a_signal_nothing_changes():
    with termination.deferred():
        os.kill(os.getpid(), 0)
    assert signal.getsignal(signal.SIGTERM) is cli.end
