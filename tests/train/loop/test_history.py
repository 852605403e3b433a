# environment: train
"""The best validation, the validations since, and saving and reading a history."""

import pytest
from pydantic import ValidationError

from boxwright.train import training_curves
from boxwright.train.loop.history import RunningHistory


def after(*aps: float | None) -> RunningHistory:
    """A history of validations at steps 50, 100, ... AP50 falls as AP rises, to show that only AP counts."""
    history = RunningHistory()
    for at, ap in enumerate(aps, 1):
        history.record_evaluation(50 * at, {"AP": ap, "AP50": ap and 1 - ap, "per_class": {}})
    return history


@pytest.mark.parametrize(
    ("aps", "best", "since_best"),
    [
        ((), 0, 0),
        ((0.3, 0.4, 0.2), 100, 1),
        ((0.3, 0.3), 50, 1),  # an equal AP is not better
        ((0.0,) * 5, 250, 0),  # while AP is 0, the last validation is the best one
        ((None, None), 100, 0),
        ((0.0, 0.0, 0.008, 0.417), 200, 0),  # as on yolo_mark from scratch
        ((0.0, 0.1, 0.0, 0.0), 100, 2),  # AP falls back to 0
    ],
)
def test_best_step(aps, best, since_best):
    history = after(*aps)
    assert (history.best_step, history.evaluations_since_best) == (best, since_best)


def test_record_evaluation_returns_whether_it_is_the_best():
    history = RunningHistory()
    numbers = ({"AP": ap, "AP50": ap, "per_class": {}} for ap in (0.0, 0.0, 0.2, 0.1, 0.3))
    assert [history.record_evaluation(at, each) for at, each in enumerate(numbers, 1)] == [
        True,
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(("aps", "at", "best"), [((0.3, 0.2, 0.4), 100, 50), ((0.0, 0.0), 50, 50), ((0.3,), 40, 0)])
def test_rewound_to_its_checkpoint(aps, at, best):
    """A kill between the two writes leaves the history ahead of its checkpoint. The later entries are removed."""
    history = after(*aps)
    for step in (10, 100, 150):
        history.record_step(step, [1.0, 1.0, 1.0], 0.1)
    history.stopped_early = True
    back = history.rewound_to(at)
    assert all(one.step <= at for one in (*back.steps, *back.evaluations))
    assert back.best_step == best and not back.stopped_early


def test_records_the_first_and_every_tenth_step():
    history = RunningHistory()
    for step in range(1, 22):
        history.record_step(step, [0.1, 0.2, 0.3], 0.01)
    assert [one.step for one in history.steps] == [1, 10, 20]
    assert history.steps[0].model_dump() == {"step": 1, "learning_rate": 0.01} | {
        "classification_loss": 0.1, "localization_loss": 0.2, "regularization_loss": 0.3
    }  # fmt: skip


def test_a_notice_is_added_once():
    history = RunningHistory()
    history.add_notice("No validation images")
    history.add_notice("No validation images")
    assert history.notices == ["No validation images"]


def test_saved_and_read_back():
    history = after(0.3, 0.4)
    history.record_step(10, [1.0, 2.0, 3.0], 0.1)
    history.add_notice("a notice")
    history.seconds = 1.5
    assert RunningHistory.from_json(history.to_json()) == history


@pytest.mark.parametrize("saved", [None, {"stage": 1}, []])
def test_other_content_is_not_a_history(saved):
    with pytest.raises(ValidationError):
        RunningHistory.from_json(saved)


def test_the_last_step_is_kept_without_validations():
    assert RunningHistory().finished(last_step=7).best_step == 7 and after(0.1).finished(last_step=7).best_step == 50


def test_curves_show_the_mean_of_the_last_five():
    assert training_curves.running_mean([1, 2, 3, 4, 5, 11]).tolist() == [1, 1.5, 2, 2.5, 3, 5]
