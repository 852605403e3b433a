# environment: train
"""Which validation is the best, and when there were enough without a better one."""

import pytest

from boxwright.train import training_curves
from boxwright.train.history import History


def after(*aps: float | None) -> History:
    """A history of validations at steps 50, 100, ...; the less AP, the more AP50, which decides nothing."""
    history = History()
    for at, ap in enumerate(aps, 1):
        history.record_evaluation(50 * at, {"AP": ap, "AP50": ap and 1 - ap, "per_class": {}})
    return history


@pytest.mark.parametrize(
    ("aps", "best", "without_better"),
    [
        ((), 0, 0),
        ((0.3, 0.4, 0.2), 100, 1),
        ((0.3, 0.3), 50, 1),  # as good is not better
        ((0.0,) * 5, 250, 0),  # nothing learned yet: no patience is used up, and the last has learned the longest
        ((None, None), 100, 0),
        ((0.0, 0.0, 0.008, 0.417), 200, 0),  # as yolo_mark from scratch
        ((0.0, 0.1, 0.0, 0.0), 100, 2),  # what was learned and lost
    ],
)
def test_the_best_and_how_long_ago_it_was(aps, best, without_better):
    history = after(*aps)
    assert (history.best_step, history.evaluations_since_best) == (best, without_better)


def test_weights_are_kept_where_they_are_the_best_so_far():
    history = History()
    numbers = ({"AP": ap, "AP50": ap, "per_class": {}} for ap in (0.0, 0.0, 0.2, 0.1, 0.3))
    assert [history.record_evaluation(at, each) for at, each in enumerate(numbers, 1)] == [
        True,
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(("aps", "at", "best"), [((0.3, 0.2, 0.4), 100, 50), ((0.0, 0.0), 50, 50), ((0.3,), 40, 0)])
def test_a_history_ahead_of_its_checkpoint_is_taken_back(aps, at, best):
    """Killed between the two files: what the checkpoint has not seen never happened, and the best is the best before it."""
    history = after(*aps)
    for step in (10, 100, 150):
        history.record_step(step, [1.0, 1.0, 1.0], 0.1)
    history.stopped_early = True
    back = history.rewound_to(at)
    assert all(e["step"] <= at for e in (*back.steps, *back.evaluations))
    assert back.best_step == best and not back.stopped_early


def test_the_first_and_every_tenth_step_are_noted():
    history = History()
    for step in range(1, 22):
        history.record_step(step, [0.1, 0.2, 0.3], 0.01)
    assert [entry["step"] for entry in history.steps] == [1, 10, 20]
    assert history.steps[0] == {"step": 1, "learning_rate": 0.01} | {
        "classification_loss": 0.1, "localization_loss": 0.2, "regularization_loss": 0.3
    }  # fmt: skip


def test_curves_are_means_of_the_last_five():
    assert training_curves.running_mean([1, 2, 3, 4, 5, 11]).tolist() == [1, 1.5, 2, 2.5, 3, 5]


def test_a_notice_is_told_once():
    history = History()
    history.add_notice("No validation images")
    history.add_notice("No validation images")
    assert history.notices == ["No validation images"]
